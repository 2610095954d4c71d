/* Explorers of the book: native controls choose one of the frames that were drawn when the book was built.
   This script stands in every explorer's output; the first one on a page defines the function, each starts its own. */
window.startExplorer ??= (() => {
  const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");

  const plain = (text) => text.replaceAll("−", "-"); // a minus sign in an address is the one on the keyboard

  /* The text block → {header, pictures: one list of byte chunks per state}. dlbook/explorers/pack.py has the layout. */
  async function decode(base64) {
    const packed = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
    const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
    let end = 4 + new DataView(bytes.buffer).getUint32(0, true);
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, end)));
    const chunks = header.lengths.map((length) => bytes.subarray(end, (end += length)));
    return { ...header, pictures: header.frames.map((order) => order.map((i) => chunks[i])) };
  }

  /* A row of the form, whatever its native inputs are: a position among its values that can be read and set. */
  function makeControl(row) {
    const inputs = [...row.querySelectorAll("input")];
    const output = row.querySelector(".dlx-value");
    const texts = JSON.parse(row.dataset.texts);
    const [first] = inputs;
    // A check box stands for the texts "off" and "on" in the order in which the values were given.
    const checkedPosition = texts.indexOf("on");
    const control = { row, texts, name: row.dataset.parameter, start: Number(row.dataset.start) };
    control.label = row.querySelector(".dlx-label").textContent;
    control.position = () => {
      if (first.type === "range") return first.valueAsNumber;
      if (first.type === "checkbox") return first.checked ? checkedPosition : 1 - checkedPosition;
      return inputs.findIndex((input) => input.checked);
    };
    control.set = (position) => {
      if (first.type === "range") first.value = position;
      else if (first.type === "checkbox") first.checked = position === checkedPosition;
      else inputs[position].checked = true;
    };
    control.text = () => texts[control.position()];
    control.refresh = () => {
      if (!output) return;
      output.textContent = control.text();
      first.setAttribute("aria-valuetext", control.text());
      first.style.setProperty("--dlx-part", control.position() / (texts.length - 1));
    };
    return control;
  }

  return function start(figure) {
    const find = (selector) => figure.querySelector(selector);
    const { name } = figure.dataset;
    const controls = [...figure.querySelectorAll("[data-parameter]")].map(makeControl);
    const picture = find(".dlx-picture");
    const numbers = [...figure.querySelectorAll(".dlx-numbers dd")];
    const status = find(".dlx-status");
    const playButton = find('[data-action="play"]');
    const urls = [];
    let data; // promise of the decoded frames
    let busy = false;
    let announcement;
    let timer;

    const load = () => (data ??= decode(find(".dlx-frames").textContent));
    const state = () => controls.reduce((index, c) => index * c.texts.length + c.position(), 0);
    const urlOf = (frames, i) => (urls[i] ??= URL.createObjectURL(new Blob(frames.pictures[i], { type: frames.mime })));

    /* Show the frame of the controls' state. A picture on its way is not interrupted; then the newest follows. */
    async function show() {
      figure.dataset.state = state();
      controls.forEach((control) => control.refresh());
      find(".dlx-state").textContent = controls.map((c) => `${c.label} ${c.text()}`).join(", ");
      if (busy) return;
      busy = true;
      const frames = await load();
      while (figure.dataset.shown !== figure.dataset.state) {
        const i = state();
        const arrived = new Promise((done) => { picture.onload = picture.onerror = done; });
        picture.src = urlOf(frames, i);
        picture.alt = frames.texts[i];
        numbers.forEach((cell, k) => { cell.textContent = frames.numbers[i][k]; });
        await arrived; // not picture.decode(), which Firefox refuses at times for a picture that it shows all the same
        figure.dataset.shown = i;
      }
      busy = false;
    }

    /* After a pause, so that a held key does not flood a screen reader or the browser's history. */
    function settle() {
      clearTimeout(announcement);
      announcement = setTimeout(() => {
        const readout = numbers.map((cell) => `${cell.previousElementSibling.textContent} ${cell.textContent}`);
        if (!timer) say([picture.alt, ...readout].join("; "));
        history.replaceState(history.state, "", address());
      }, 400);
    }
    const say = (text) => { status.textContent = text; };

    function change() {
      settle();
      return show();
    }

    /* The page's address with this explorer's state as name.parameter=value; the start needs none. */
    function address() {
      const url = new URL(location.href);
      const away = controls.some((c) => c.position() !== c.start);
      controls.forEach((c) => url.searchParams.delete(`${name}.${c.name}`));
      if (away) controls.forEach((c) => url.searchParams.set(`${name}.${c.name}`, plain(c.text())));
      return url;
    }

    function readAddress() {
      const given = new URL(location.href).searchParams;
      controls.forEach((c) => {
        const value = given.get(`${name}.${c.name}`);
        const position = c.texts.findIndex((text) => plain(text) === value);
        if (position >= 0) c.set(position);
      });
    }

    async function copyLink(button) {
      const url = address();
      url.hash = figure.id;
      try {
        await navigator.clipboard.writeText(url.href);
        say("Link copied");
        button.textContent = "Copied";
      } catch { // no clipboard here: the address bar has the link
        history.replaceState(history.state, "", url);
        say("The link is in the address bar");
        button.textContent = "See address bar";
      }
      setTimeout(() => { button.textContent = "Copy link"; }, 2000);
    }

    /* Play moves the time by itself; with reduced motion the same button makes one step. */
    function stop() {
      clearInterval(timer);
      timer = undefined;
      if (playButton) playButton.textContent = reducedMotion.matches ? "Step" : "Play";
    }
    function play() {
      const time = controls.find((c) => c.row.contains(playButton));
      const last = time.texts.length - 1;
      const step = () => {
        time.set(time.position() < last ? time.position() + 1 : 0);
        if (time.position() === last) stop();
        change();
      };
      if (timer) return stop();
      if (!reducedMotion.matches) {
        timer = setInterval(step, Math.min(600, Math.max(150, 5000 / last)));
        playButton.textContent = "Pause";
      }
      return step();
    }

    const actions = {
      play,
      reset: () => { stop(); controls.forEach((c) => c.set(c.start)); change(); },
      copy: copyLink,
    };
    figure.addEventListener("input", () => { stop(); change(); });
    figure.addEventListener("click", ({ target }) => actions[target.dataset.action]?.(target));
    reducedMotion.addEventListener("change", stop);

    if (!("DecompressionStream" in window)) return; // an old browser: the first frame and its note stay
    figure.querySelectorAll("[hidden]").forEach((part) => { part.hidden = false; });
    figure.classList.add("dlx-live");
    stop();
    readAddress();
    if (state() !== controls.reduce((index, c) => index * c.texts.length + c.start, 0)) show();
    else figure.dataset.shown = figure.dataset.state = state();
    (window.requestIdleCallback ?? setTimeout)(load);
    addEventListener("load", () => { if (location.hash === `#${figure.id}`) figure.scrollIntoView(); });
  };
})();
window.startExplorer(document.currentScript.closest("figure"));
