// Building pages out of text nodes. Nothing in these modules ever parses HTML.

export const boot = JSON.parse(document.getElementById("boot").textContent);
const sprite = document.body.dataset.icons;
const plurals = new Intl.PluralRules(boot.language);
const PLURAL = /\{(\w+), plural, one \{([^{}]*)\} other \{([^{}]*)\}\}/g;

/** A text of the catalog with its placeholders filled; web/messages.py reads the same syntax. */
export function say(key, values = {}) {
  return boot.texts[key]
    .replace(PLURAL, (_, name, one, other) =>
      (plurals.select(values[name]) === "one" ? one : other).replace("#", values[name]))
    .replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** The text, or that of another key for codes the catalog does not know. */
export function known(key, otherwise) {
  return say(key in boot.texts ? key : otherwise);
}

/** An element. Strings among the children become text nodes; null, false and "" are left out. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children.flat().filter((child) => child != null && child !== false && child !== ""));
  return node;
}

/** A symbol of the sprite; its meaning stands beside it in words, or in the label of its button. */
export function icon(name) {
  const make = (tag) => document.createElementNS("http://www.w3.org/2000/svg", tag);
  const [svg, use] = [make("svg"), make("use")];
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${sprite}#${name}`);
  svg.append(use);
  return svg;
}

/** Say something to screen readers, politely; each call is one finished thing. */
export function announce(text, language = boot.language) {
  document.getElementById("live").append(el("p", { lang: language }, text));
}

/** Forget what was announced, before the next question. */
export function hush() {
  document.getElementById("live").replaceChildren();
}

/** Offsets of the API count code points, JavaScript counts UTF-16 units: cut by code points. */
export function cut(text, start, end) {
  return [...text].slice(start, end).join("");
}

/** An ISO date in the reader's way of writing; an empty string for none. */
export function day(iso) {
  if (!iso) return "";
  const [year, month, date] = iso.split("-").map(Number);
  return new Date(year, month - 1, date).toLocaleDateString(boot.language, { dateStyle: "medium" });
}

/** An address of ours or a safe one of others; null for anything else, javascript: above all. */
export function safeLink(target) {
  return /^(https?:\/\/|mailto:)/i.test(target) ? target : null;
}
