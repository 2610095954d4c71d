/* A network of dlbook in the browser. An image is a flat array, map by map and row by row; `shape` is [maps, rows, columns].
   Weights lie as in dlbook: W (out, in, k, k) for a convolution, (out, in) for a dense layer. */
const layers = {
  conv({ W, b, size, padding }, x, [maps, rows, columns]) {
    const h = rows + 2 * padding - size + 1, w = columns + 2 * padding - size + 1;
    const y = new Float64Array(b.length * h * w);
    for (let o = 0; o < b.length; o += 1) for (let i = 0; i < h; i += 1) for (let j = 0; j < w; j += 1) {
      let z = b[o];
      for (let c = 0; c < maps; c += 1) for (let u = 0; u < size; u += 1) for (let v = 0; v < size; v += 1) {
        const row = i + u - padding, column = j + v - padding;
        if (row >= 0 && row < rows && column >= 0 && column < columns) {
          z += W[((o * maps + c) * size + u) * size + v] * x[(c * rows + row) * columns + column];
        }
      }
      y[(o * h + i) * w + j] = z;
    }
    return [y, [b.length, h, w]];
  },
  relu(_, x, shape) {
    return [x.map((z) => Math.max(z, 0)), shape];
  },
  pool({ size }, x, [maps, rows, columns]) {
    const h = Math.floor(rows / size), w = Math.floor(columns / size);
    const y = new Float64Array(maps * h * w).fill(-Infinity);
    for (let c = 0; c < maps; c += 1) for (let i = 0; i < h * size; i += 1) for (let j = 0; j < w * size; j += 1) {
      const k = (c * h + Math.floor(i / size)) * w + Math.floor(j / size);
      y[k] = Math.max(y[k], x[(c * rows + i) * columns + j]);
    }
    return [y, [maps, h, w]];
  },
  dense({ W, b }, x) {
    const y = Float64Array.from(b, (bias, o) => x.reduce((z, a, i) => z + W[o * x.length + i] * a, bias));
    return [y, [b.length]];
  },
};

function softmax(z) {
  const largest = Math.max(...z), powers = z.map((value) => Math.exp(value - largest));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}

/* The probabilities of the classes for one image. */
function probabilities(network, image, shape) {
  let x = Float64Array.from(image);
  for (const layer of network) [x, shape] = layers[layer.kind](layer, x, shape);
  return softmax(x);
}

/* Numbers of 16 bits: 1 for the sign, 5 for the exponent, 10 behind the point. */
function half(bits) {
  const sign = bits & 0x8000 ? -1 : 1, exponent = (bits >> 10) & 31, fraction = bits & 1023;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -24 * fraction);
}

/* The list of layers, and all weights one after the other as text → layers that hold their weights. */
function load(list, base64) {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  const take = (count) => Float32Array.from({ length: count }, () => half(view.getUint16((at += 2) - 2, true)));
  return list.map((layer) => ("weights" in layer ? { ...layer, W: take(layer.weights), b: take(layer.biases) } : layer));
}
