// A small accessibility audit, run inside a page: names, sizes, landmarks and computed contrast.
() => {
  const faults = [];
  const visible = (node) => {
    const box = node.getBoundingClientRect();
    const style = getComputedStyle(node);
    return box.width > 1 && box.height > 1 && style.visibility === "visible" && style.display !== "none"
      && !node.closest("[hidden]") && style.clipPath === "none";
  };
  const name = (node) => {
    const by = (node.getAttribute("aria-labelledby") ?? "").split(" ").map((id) => document.getElementById(id)?.textContent ?? "");
    const label = node.labels?.[0]?.textContent ?? "";
    return [node.getAttribute("aria-label"), ...by, label, node.textContent].find((text) => text?.trim()) ?? "";
  };
  const what = (node) => `${node.tagName.toLowerCase()}.${node.className} "${node.textContent.trim().slice(0, 30)}"`;

  // Every control has a name and is large enough to hit (WCAG 2.5.8: 24 px).
  for (const node of document.querySelectorAll("button, a[href], input, textarea, select, summary")) {
    if (!visible(node) || node.matches(".skip")) continue;
    if (!name(node).trim()) faults.push(`no name: ${what(node)}`);
    const box = (node.closest("label") ?? node).getBoundingClientRect();
    if (box.width < 23.5 || box.height < 23.5) faults.push(`small: ${what(node)} ${box.width}x${box.height}`);
  }
  // Landmarks, headings, dialogs, ids.
  if (document.querySelectorAll("main").length !== 1) faults.push("not one main");
  if (!document.documentElement.lang) faults.push("no language");
  for (const node of document.querySelectorAll("dialog[open], [role=region], [role=log], [role=group]")) {
    if (!node.hasAttribute("aria-label") && !node.hasAttribute("aria-labelledby") && node.getAttribute("role") !== "group") faults.push(`no label: ${what(node)}`);
  }
  const ids = [...document.querySelectorAll("[id]")].map((node) => node.id);
  for (const id of new Set(ids)) if (ids.filter((one) => one === id).length > 1) faults.push(`id twice: ${id}`);
  for (const node of document.querySelectorAll("[aria-hidden=true]")) {
    if (node.querySelector("button, a[href], input, textarea, [tabindex]")) faults.push(`hidden focus: ${what(node)}`);
  }

  // Contrast (WCAG 1.4.3): text against the nearest painted background.
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = ([r, g, b]) => [r, g, b].map((c) => c / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (node) => {
    for (let one = node; one; one = one.parentElement) {
      const color = rgba(getComputedStyle(one).backgroundColor);
      if (color[3] === 255) return color;
    }
    return [255, 255, 255, 255];
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let lowest = 21;
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const node = text.parentElement;
    if (!text.data.trim() || !visible(node) || node.closest("script, .hush, .skip, option")) continue;
    const style = getComputedStyle(node);
    const [a, b] = [luminance(rgba(style.color)), luminance(behind(node))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    lowest = Math.min(lowest, ratio);
    if (ratio < (large ? 3 : 4.5)) faults.push(`contrast ${ratio.toFixed(2)}: ${what(node)}`);
  }
  if (document.documentElement.scrollWidth > innerWidth) faults.push(`scrolls sideways: ${document.documentElement.scrollWidth}`);
  return { faults: [...new Set(faults)], lowest };
}
