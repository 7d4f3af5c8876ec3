// The source viewer: a document with the cited passage marked exactly; beside the chat, or over it on a phone.

import { day, el, icon, say } from "./dom.js";
import { closed, opened } from "./signals.js";
import { call } from "./wire.js";

const wide = matchMedia("(min-width: 62rem)");
const dialog = document.getElementById("viewer");
const cache = new Map();
let shown = { sources: [], place: 0, opener: null, answer: "" };

export const isOpen = () => dialog.open;

/** Show a source. `sources`: the answer's, for previous and next; `opener` gets the focus back. */
export async function open(source, sources, opener, answer = "") {
  mark(shown.opener, false);
  shown = { sources, place: sources.findIndex((one) => one.n === source.n), opener, answer };
  opened(answer, source.n);
  mark(opener, true);
  draw(source, el("p", { class: "working" }, say("source.loading")));
  raise();
  dialog.querySelector("h2").focus();
  try {
    const view = await fetchDocument(source);
    if (shown.opener === opener) show(source, view);
  } catch {
    if (shown.opener === opener) draw(source, el("p", {}, say("source.gone")));
  }
}

async function fetchDocument(source) {
  const query = source.version ? `?version=${source.version}` : "";
  const path = `/v1/sources/${encodeURIComponent(source.document)}${query}`;
  if (!cache.has(path)) cache.set(path, await call(path));
  return cache.get(path);
}

export function close() {
  if (!dialog.open) return;
  dialog.close();
}

dialog.addEventListener("close", () => {
  closed();
  document.body.classList.remove("viewing");
  mark(shown.opener, false);
  shown.opener?.focus();
});

/** One citation on or back. */
export function move(by) {
  const next = shown.sources[shown.place + by];
  if (next) open(next, shown.sources, shown.opener, shown.answer);
}

function raise() {
  if (dialog.open) return;
  if (wide.matches) {
    dialog.show();
    document.body.classList.add("viewing");
  } else dialog.showModal();
}

function mark(button, on) {
  if (button?.isConnected) button.setAttribute("aria-expanded", String(on));
}

function tool(name, key, act, off = false) {
  return el("button", { type: "button", class: "tool", "aria-label": say(key), title: say(key), onclick: act,
    disabled: off }, icon(name));
}

function draw(source, body, view = null) {
  const { sources, place } = shown;
  const many = sources.length > 1 && place >= 0;
  const link = view && (source.url || view.url);
  dialog.replaceChildren(el("header", {},
    el("div", { class: "row" },
      el("p", { class: "label" }, say("viewer"), many && ` ${say("viewer.position", { n: place + 1, total: sources.length })}`),
      many && tool("previous", "viewer.previous", () => move(-1), place === 0),
      many && tool("next", "viewer.next", () => move(1), place === sources.length - 1),
      link && el("a", { class: "tool", href: link, target: "_blank", rel: "noopener", "aria-label": say("source.open"),
        title: say("source.open") }, icon("external")),
      tool("close", "close", close)),
    el("h2", { id: "viewer-title", tabindex: "-1", lang: view?.language }, source.title || view?.title || ""),
    el("p", { class: "facts" }, source.section && el("span", {}, source.section), view && facts(view))),
  el("div", { class: "scroll", tabindex: "0", role: "region", "aria-labelledby": "viewer-title" }, body));
}

function facts(view) {
  const state = !view.current ? ["alert", "source.changed", "state warn"]
    : view.stale ? ["clock", "source.stale", "state warn"] : ["check", "source.current", "state"];
  return [el("span", {}, view.updated ? say("source.updated", { date: day(view.updated) }) : say("source.undated")),
    el("span", { class: state[2] }, icon(state[0]), say(state[1]))];
}

function show(source, view) {
  const points = [...view.text];
  const span = place(points, source);
  const body = el("article", { class: "document", lang: view.language }, ...paragraphs(points, span, headings(view)));
  const lost = source.quote && !span;
  draw(source, [lost && el("p", { class: "remark" }, icon("alert"), el("span", {}, say("source.changed.note"))), body].filter(Boolean), view);
  const passage = dialog.querySelector("mark");
  if (passage) passage.scrollIntoView({ block: "center" });
  dialog.querySelector("h2").focus({ preventScroll: true });
}

/** The passage in code points: by its offsets where they still say the quote, else where the quote stands once. */
function place(points, source) {
  if (!source.quote) return null;
  const [start, end] = source.offsets;
  if (points.slice(start, end).join("") === source.quote) return [start, end];
  const text = points.join("");
  const first = text.indexOf(source.quote);
  if (first < 0 || text.indexOf(source.quote, first + 1) >= 0) return null;
  const before = [...text.slice(0, first)].length;
  return [before, before + [...source.quote].length];
}

/** How deep each heading stands that the document's chunks are under. */
function headings(view) {
  const levels = new Map();
  for (const chunk of view.chunks) chunk.headings.forEach((text, depth) => levels.has(text) || levels.set(text, Math.min(depth + 1, 6)));
  return levels;
}

/** Paragraphs between blank lines, the span marked wherever it falls. */
function paragraphs(points, span, levels) {
  const shown = [];
  let at = 0;
  for (const part of points.join("").split(/(\n[ \t]*\n\s*)/)) {
    const end = at + [...part].length;
    if (part.trim()) shown.push(paragraph(points, at, end, span, levels));
    at = end;
  }
  return shown;
}

function paragraph(points, start, end, span, levels) {
  const text = (from, to) => points.slice(from, to).join("");
  const sign = /^#{1,6} /.exec(text(start, Math.min(end, start + 7)))?.[0] ?? "";
  const level = sign ? sign.length - 1 : levels.get(text(start, end).trim());
  const node = el("p", level ? { class: `heading h${level}` } : {},
    sign && el("span", { class: "hash" }, sign));
  const from = start + sign.length;
  const [low, high] = span ? [Math.max(from, span[0]), Math.min(end, span[1])] : [end, end];
  if (low >= high) node.append(text(from, end));
  else node.append(text(from, low), el("mark", {}, text(low, high)), text(high, end));
  return node;
}
