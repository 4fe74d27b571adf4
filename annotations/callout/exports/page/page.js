"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const byId = (name) => document.getElementById(name);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const mentions = all("button[data-findings]");
  const findingsOf = (button) => button.dataset.findings.split(" ");
  let lit = [], kept = [], chosen = null, chosenPart = 0;

  // The stack: one canvas, one slice at a time.
  const stack = { at: 0, slice: 0, window: 0, pixels: new Map() };
  const hasStack = data.stacks.length > 0;

  function valuesOf(levels) {
    const values = new Float32Array(256);
    for (let n = 1; n < levels.length; n++) {
      const [low, from] = levels[n - 1], [high, to] = levels[n];
      for (let level = low; level <= high; level++) values[level] = from + (to - from) * (level - low) / (high - low);
    }
    return values;
  }

  async function pixelsOf(at, slice) {
    const name = `${at}/${slice}`;
    if (!stack.pixels.has(name)) {
      const image = new Image();
      image.src = `data:image/webp;base64,${data.stacks[at].slices[slice - data.stacks[at].first]}`;
      await image.decode();
      const canvas = document.createElement("canvas");
      canvas.width = image.width; canvas.height = image.height;
      const context = canvas.getContext("2d", { willReadFrequently: true });
      context.drawImage(image, 0, 0);
      stack.pixels.set(name, context.getImageData(0, 0, image.width, image.height));
    }
    return stack.pixels.get(name);
  }

  async function draw() {
    const at = stack.at, slice = stack.slice, one = data.stacks[at], [name, centre, width] = one.presets[stack.window];
    const stored = await pixelsOf(at, slice);
    if (at !== stack.at || slice !== stack.slice) return;
    const canvas = byId("slice"), values = valuesOf(one.levels), grey = new Uint8ClampedArray(256);
    for (let level = 0; level < 256; level++) {
      const part = (values[level] - (centre - width / 2)) / width;
      grey[level] = 255 * Math.min(1, Math.max(0, one.inverted ? 1 - part : part));
    }
    canvas.width = stored.width; canvas.height = stored.height;
    const shown = new ImageData(stored.width, stored.height);
    for (let n = 0; n < stored.data.length; n += 4) {
      const level = grey[stored.data[n]];
      shown.data[n] = shown.data[n + 1] = shown.data[n + 2] = level; shown.data[n + 3] = 255;
    }
    canvas.getContext("2d").putImageData(shown, 0, 0);
    byId("place").textContent = `${one.title}, slice ${slice + 1} of ${one.count}, ${name}`;
    canvas.setAttribute("aria-label", byId("place").textContent);
    drawBorders(one, slice);
  }

  function drawBorders(one, slice) {
    const svg = byId("borders");
    svg.setAttribute("viewBox", `0 0 ${one.size[0]} ${one.size[1]}`);
    svg.setAttribute("preserveAspectRatio", "none");
    svg.replaceChildren();
    for (const [id, finding] of Object.entries(data.findings)) for (const region of finding.regions) {
      const rings = data.stacks[region.stack] === one ? one.borders[region.id][slice] || [] : [];
      for (const ring of rings) {
        const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
        let line = "";
        for (let n = 0; n < ring.length; n += 2) line += `${n ? "L" : "M"}${ring[n]},${ring[n + 1]}`;
        path.setAttribute("d", line + "Z");
        path.setAttribute("stroke", finding.colour);
        path.classList.toggle("lit", lit.includes(id));
        svg.append(path);
      }
    }
  }

  function showSeries(at) {
    stack.at = at; stack.window = 0;
    const one = data.stacks[at], position = byId("position");
    byId("series").value = at;
    byId("window").replaceChildren(...one.presets.map((preset, n) => new Option(preset[0], n)));
    position.min = one.first; position.max = one.first + one.slices.length - 1;
    for (const edge of ["left", "right", "top", "bottom"]) document.querySelector(`.edge.${edge}`).textContent = one.letters[edge];
  }

  function showSlice(slice) {
    const one = data.stacks[stack.at];
    stack.slice = Math.min(one.first + one.slices.length - 1, Math.max(one.first, slice));
    byId("position").value = stack.slice;
    return draw();
  }

  function showWindow(n) {
    stack.window = (n + data.stacks[stack.at].presets.length) % data.stacks[stack.at].presets.length;
    byId("window").value = stack.window;
    draw();
  }

  // Words and regions light each other up.
  function light(findings) {
    lit = findings;
    for (const button of mentions) button.classList.toggle("lit", findingsOf(button).some((one) => lit.includes(one)));
    for (const path of all("path.border")) path.classList.toggle("lit", lit.includes(path.dataset.finding));
    if (hasStack) drawBorders(data.stacks[stack.at], stack.slice);
  }

  function go(button) {
    const findings = findingsOf(button), first = (button.dataset.stacks || "").split(" ");
    light(findings);
    const parts = findings.flatMap((id) => data.findings[id].regions.map((region) => [id, region]));
    const rank = ([, region]) => (first.includes(String(region.stack)) ? 0 : 1);
    parts.sort((one, other) => rank(one) - rank(other));
    const name = `${findings.join(" ")} ${first}`;
    chosenPart = name === chosen ? (chosenPart + 1) % Math.max(1, parts.length) : 0;
    chosen = name;
    kept = findings;
    if (parts.length) {
      const [id, region] = parts[chosenPart];
      if (region.stack !== stack.at) showSeries(region.stack);
      const shown = showSlice(region.slice);
      byId("stack").classList.add("open");
      const many = parts.length > 1 ? ` (${chosenPart + 1} of ${parts.length}; choose again for the next)` : "";
      byId("told").textContent = `${data.findings[id].number} ${data.findings[id].label}${many}`;
      shown.then(() => uncover(button));
    }
  }

  // Where the stack lies over the text, the words that were chosen stay in sight above it.
  function uncover(button) {
    const over = byId("stack").getBoundingClientRect(), words = button.getBoundingClientRect();
    if (over.left < words.right && over.top > 0 && words.bottom > over.top - 8) scrollBy(0, words.bottom - over.top + 8);
  }

  for (const button of mentions) {
    const findings = findingsOf(button);
    button.addEventListener("mouseenter", () => light(findings));
    button.addEventListener("focus", () => light(findings));
    button.addEventListener("mouseleave", () => light(kept));
    button.addEventListener("click", () => go(button));
  }

  function step(by) {
    const now = mentions.indexOf(document.activeElement);
    const next = mentions[(now + by + mentions.length) % mentions.length] || mentions[0];
    if (!next) return;
    next.focus();
    next.scrollIntoView({ block: "center" });
    go(next);
  }

  function close() {
    chosen = null;
    light(kept = []);
    if (hasStack) byId("stack").classList.remove("open");
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || /^(SELECT|INPUT)$/.test(event.target.tagName)) return;
    if (event.key === "n") step(1);
    else if (event.key === "p") step(mentions.includes(document.activeElement) ? -1 : 0);
    else if (event.key === "Escape") close();
    else if (hasStack && event.key === "w") showWindow(stack.window + 1);
    else if (hasStack && event.key === "ArrowUp") showSlice(stack.slice - 1);
    else if (hasStack && event.key === "ArrowDown") showSlice(stack.slice + 1);
    else return;
    event.preventDefault();
  });

  if (hasStack) {
    byId("series").replaceChildren(...data.stacks.map((one, n) => new Option(one.title, n)));
    byId("series").addEventListener("change", (event) => { showSeries(+event.target.value); showSlice(data.stacks[stack.at].first); });
    byId("window").addEventListener("change", (event) => showWindow(+event.target.value));
    byId("position").addEventListener("input", (event) => showSlice(+event.target.value));
    byId("borders").parentElement.addEventListener("wheel", (event) => { event.preventDefault(); showSlice(stack.slice + Math.sign(event.deltaY)); }, { passive: false });
    byId("close").addEventListener("click", close);
    showSeries(0);
    showSlice(Object.values(data.findings).flatMap((one) => one.regions).find((region) => region.stack === 0)?.slice ?? data.stacks[0].first);
  }
  light([]);
})();
