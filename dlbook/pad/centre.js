/* Ink drawn on n × n pixels → an image like MNIST's, 28 × 28, as in dlbook/pad/centre.py: the ink is scaled into a box of
   20 × 20 pixels, each pixel the mean of the ink that it covers, and its centre of mass comes to pixel (14, 14). */
function centre(ink, n) {
  const side = 28, box = 20;
  const image = new Float64Array(side * side);
  let top = n, bottom = -1, left = n, right = -1;
  for (let i = 0; i < n; i += 1) for (let j = 0; j < n; j += 1) if (ink[i * n + j] > 0) {
    top = Math.min(top, i); bottom = Math.max(bottom, i);
    left = Math.min(left, j); right = Math.max(right, j);
  }
  if (bottom < 0) return image; // nothing is drawn

  const H = bottom - top + 1, W = right - left + 1, scale = box / Math.max(H, W);
  const h = Math.max(1, Math.floor(H * scale + 0.5)), w = Math.max(1, Math.floor(W * scale + 0.5));
  const below = cut(H, h), beside = cut(W, w), small = new Float64Array(h * w);
  let mass = 0, rows = 0, columns = 0;
  for (let i = 0; i < h; i += 1) for (let j = 0; j < w; j += 1) {
    let sum = 0;
    for (const [y, part] of below[i]) for (const [x, share] of beside[j]) {
      sum += part * share * ink[(top + y) * n + left + x];
    }
    small[i * w + j] = sum;
    mass += sum; rows += i * sum; columns += j * sum;
  }
  const place = (middle, size) => Math.min(Math.max(Math.ceil(13.5 - middle - 1e-9), 0), side - size);
  const down = place(rows / mass, h), across = place(columns / mass, w);
  for (let i = 0; i < h; i += 1) for (let j = 0; j < w; j += 1) {
    image[(down + i) * side + across + j] = small[i * w + j];
  }
  return image;
}

/* Cut n pixels into equal parts: for each part the pixels that it covers, each with its share of the part. */
function cut(n, parts) {
  return Array.from({ length: parts }, (_, i) => {
    const from = (i * n) / parts, to = ((i + 1) * n) / parts, shares = [];
    for (let k = Math.floor(from); k < Math.min(Math.ceil(to), n); k += 1) {
      shares.push([k, ((Math.min(to, k + 1) - Math.max(from, k)) * parts) / n]);
    }
    return shares;
  });
}
