// A sentence's tree as elements. These five kinds are all there is: whatever else comes is left out, and nothing is
// ever parsed. web/markdown.py makes the trees; templates/nodes.html draws the same without scripts.

import { el } from "./dom.js";

const MARK = /\[(\d{1,3})\]/g;

/** The tree of a text without Markdown: itself, and its numbers that have a source. */
export function plain(text, sources) {
  const nodes = [];
  let end = 0;
  for (const mark of text.matchAll(MARK)) {
    if (!sources.has(Number(mark[1]))) continue;
    nodes.push(text.slice(end, mark.index), { cite: Number(mark[1]) });
    end = mark.index + mark[0].length;
  }
  return [...nodes, text.slice(end)];
}

/** The elements of a tree; `cite(n)` makes a citation, or gives null for a number without a source. */
export function drawn(nodes, cite) {
  return nodes.map((node) => one(node, cite));
}

function one(node, cite) {
  if (typeof node === "string") return node;
  if (Array.isArray(node.em)) return el("em", {}, drawn(node.em, cite));
  if (Array.isArray(node.strong)) return el("strong", {}, drawn(node.strong, cite));
  if (typeof node.code === "string") return el("code", {}, node.code);
  if (Array.isArray(node.a)) return link(node, cite);
  return typeof node.cite === "number" ? cite(node.cite) ?? `[${node.cite}]` : "";
}

/** A link with its host beside it, where this browser reads the very host in the address that was allowed. */
function link({ a, href, host }, cite) {
  const label = drawn(a, cite);
  return leadsTo(href, host)
    ? el("span", {}, el("a", { href, rel: "noopener noreferrer nofollow" }, label), ` (${host})`)
    : el("span", {}, label);
}

function leadsTo(href, host) {
  if (!URL.canParse(href)) return false;
  const url = new URL(href);
  return /^https?:$/.test(url.protocol) && url.hostname === host && !url.username && !url.password;
}
