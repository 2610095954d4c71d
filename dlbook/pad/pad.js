/* The pad itself: strokes by mouse, touch and keys become ink on a sheet; after each, the network answers. */
function start(figure) {
  const N = 224, RADIUS = 9; // the sheet's pixels, and the pen: as thick as MNIST's strokes where a digit fills the sheet
  const find = (selector) => figure.querySelector(selector);
  const paper = find(".dlp-paper"), seen = find(".dlp-seen"), status = find(".dlp-status");
  const bars = [...figure.querySelectorAll(".dlp-bars li")];
  const network = load(JSON.parse(find(".dlp-layers").textContent), find(".dlp-weights").textContent);
  const state = { ink: new Float64Array(N * N), image: new Float64Array(784), probabilities: null };
  const pen = { x: N / 2, y: N / 2, down: false, keys: false };
  let asked = false;
  let announcement;

  /* Ink on all pixels nearer to the line from one place to another than the pen is thick, with a soft edge. */
  function stroke(x0, y0, x1, y1) {
    const dx = x1 - x0, dy = y1 - y0, length2 = dx * dx + dy * dy;
    const low = (a, b) => Math.max(0, Math.floor(Math.min(a, b) - RADIUS - 1));
    const high = (a, b) => Math.min(N - 1, Math.ceil(Math.max(a, b) + RADIUS + 1));
    for (let i = low(y0, y1); i <= high(y0, y1); i += 1) for (let j = low(x0, x1); j <= high(x0, x1); j += 1) {
      const along = length2 && Math.min(Math.max(((j - x0) * dx + (i - y0) * dy) / length2, 0), 1);
      const distance = Math.hypot(j - x0 - along * dx, i - y0 - along * dy);
      state.ink[i * N + j] = Math.max(state.ink[i * N + j], Math.min(Math.max(RADIUS + 0.5 - distance, 0), 1));
    }
    ask();
  }

  /* Answer once for each picture on the screen, however fast the pen moves. */
  function ask() {
    if (!asked) requestAnimationFrame(answer);
    asked = true;
  }
  function answer() {
    asked = false;
    state.image = centre(state.ink, N);
    const empty = !state.image.some((pixel) => pixel > 0);
    state.probabilities = empty ? null : [...probabilities(network, state.image, [1, 28, 28])];
    show();
    clearTimeout(announcement); // spoken after a pause, not with every stroke
    announcement = setTimeout(() => { status.textContent = words(); }, 700);
  }

  const percent = (share) => `${Math.round(100 * share)} %`;
  function words() {
    if (!state.probabilities) return "Draw a digit.";
    const first = Math.max(...state.probabilities), digit = state.probabilities.indexOf(first);
    const others = state.probabilities.map((share, k) => (k === digit ? -1 : share));
    const next = others.indexOf(Math.max(...others));
    const doubt = 1 - first < 0.01 ? "below 1 %" : percent(1 - first);
    return `The network reads ${digit}, doubt ${doubt}; next comes ${next}.`;
  }
  function show() {
    const largest = state.probabilities && Math.max(...state.probabilities);
    bars.forEach((bar, k) => {
      const share = state.probabilities ? state.probabilities[k] : 0;
      bar.querySelector("i").style.width = `${100 * share}%`;
      bar.querySelector(".dlp-share").textContent = state.probabilities ? percent(share) : "–";
      bar.classList.toggle("dlp-first", Boolean(largest) && share === largest);
    });
    find(".dlp-answer").textContent = words();
    paint(paper, state.ink, N);
    paint(seen, state.image, 28);
    seen.setAttribute("aria-label", `What the network sees: ${state.probabilities ? "the drawing, centred" : "nothing yet"}`);
    if (pen.keys) mark();
  }
  /* Ink is dark and paper is bare; the dark theme turns it round. */
  function paint(canvas, ink, n) {
    const picture = new ImageData(n, n);
    ink.forEach((value, k) => { picture.data[4 * k + 3] = 255 * value; });
    canvas.getContext("2d").putImageData(picture, 0, 0);
  }
  function mark() {
    const context = paper.getContext("2d");
    context.lineWidth = 3;
    context.strokeStyle = "#888";
    context.fillStyle = pen.down ? "#888" : "transparent";
    context.beginPath();
    context.arc(pen.x, pen.y, RADIUS, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
  }

  function clear() {
    state.ink.fill(0);
    Object.assign(pen, { x: N / 2, y: N / 2, down: false });
    ask();
  }
  function ready(base64) {
    const bytes = [...atob(base64)].map((character) => character.charCodeAt(0) / 255), times = N / 28;
    state.ink.forEach((_, k) => {
      state.ink[k] = bytes[Math.floor(k / N / times) * 28 + Math.floor((k % N) / times)];
    });
    pen.down = false;
    ask();
  }

  function place(event) {
    const { left, top, width, height } = paper.getBoundingClientRect();
    return [((event.clientX - left) / width) * N - 0.5, ((event.clientY - top) / height) * N - 0.5];
  }
  let last = null; // where the pointer that draws was
  paper.addEventListener("pointerdown", (event) => {
    if (last || event.button !== 0) return;
    event.preventDefault(); // no selection, no drag
    paper.focus({ preventScroll: true });
    paper.setPointerCapture(event.pointerId);
    pen.keys = false;
    last = { id: event.pointerId, at: place(event) };
    stroke(...last.at, ...last.at);
  });
  paper.addEventListener("pointermove", (event) => {
    if (last?.id !== event.pointerId) return;
    const moves = event.getCoalescedEvents?.() ?? []; // a fast pen reports several places at once
    for (const move of moves.length ? moves : [event]) {
      const to = place(move);
      stroke(...last.at, ...to);
      last.at = to;
    }
  });
  for (const end of ["pointerup", "pointercancel"]) {
    paper.addEventListener(end, (event) => { if (last?.id === event.pointerId) last = null; });
  }

  const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  paper.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { x, y } = pen, inside = (value) => Math.min(Math.max(value, 8), N - 8);
    if (event.key in moves) {
      const [dx, dy] = moves[event.key];
      Object.assign(pen, { x: inside(x + 8 * dx), y: inside(y + 8 * dy) });
    } else if (event.key === " ") {
      if (!event.repeat) pen.down = !pen.down;
    } else if (event.key === "Delete" || event.key === "Backspace") clear();
    else return;
    event.preventDefault();
    pen.keys = true;
    if (pen.down) stroke(x, y, pen.x, pen.y);
    else show();
    if (event.key === " ") status.textContent = pen.down ? "Pen down" : "Pen up";
  });
  paper.addEventListener("blur", () => {
    Object.assign(pen, { keys: false, down: false });
    show();
  });

  figure.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (button?.dataset.action === "clear") clear();
    else if (button) ready(button.dataset.drawing);
  });
  for (const button of figure.querySelectorAll("[data-drawing]")) {
    paint(button.firstElementChild, [...atob(button.dataset.drawing)].map((c) => c.charCodeAt(0) / 255), 28);
  }

  figure.dataset.started = "";
  figure.pad = state;
  find(".dlp-note").hidden = true;
  find(".dlp-live").hidden = false;
  show();
}
