// An answer object as nodes: sentences with citation buttons, the outcome, and how it was made.

import { boot, cut, day, el, icon, known, safeLink, say } from "./dom.js";
import { drawn, plain } from "./nodes.js";
import { tell } from "./signals.js";

/** A numbered citation button. `open(source, button)` shows it. */
export function citation(source, open) {
  const name = say("source.name", { n: source.n, title: source.title });
  const button = el("button", { type: "button", class: "cite", "aria-label": name, "aria-haspopup": "dialog",
    "data-n": source.n, onclick: () => open(source, button) }, String(source.n));
  return button;
}

/** A sentence: its tree, with a button for each number that has a source; the full stop stays on the citation's line. */
export function sentence(text, claim, sources, open) {
  const cite = (n) => sources.has(n) ? citation(sources.get(n), open) : null;
  const parts = together(drawn(claim.nodes ?? plain(text, sources), cite));
  const limit = claim.kind === "limit" && !claim.bare && [icon("ask"), el("span", { class: "hush" }, `${say("support.limit")}: `)];
  const node = el("span", { class: `sentence ${claim.kind}` }, limit, parts);
  if (claim.support === "unsupported") {
    node.append(" ", el("span", { class: "flag" }, icon("alert"), say("support.unsupported")));
  }
  return node;
}

/** Each citation with the punctuation behind it in one piece that no line break parts. */
function together(parts) {
  const kept = [];
  parts.forEach((part, place) => {
    const before = parts[place - 1];
    const tail = typeof part === "string" && before?.className === "cite" ? /^[.,;:!?)…]*/.exec(part)[0] : "";
    if (tail) kept.at(-1).append(tail);
    if (typeof part === "string") kept.push(parts[place + 1]?.className === "cite" ? part.slice(tail.length).trimEnd() : part.slice(tail.length));
    else kept.push(part.className === "cite" ? el("span", { class: "keep" }, part) : part);
  });
  return kept;
}

/** Put a sentence, with the blanks before it, at the end of `container`; a line break begins a paragraph. */
export function add(container, text, claim, sources, open) {
  const words = text.trim();
  const item = words.startsWith("- ");
  if (!container.lastChild || /^\s*\n/.test(text)) container.append(el("p", { class: item && "item" }));
  else container.lastChild.append(" ");
  const node = sentence(item ? words.slice(2) : words, claim, sources, open);
  container.lastChild.append(node);
  return node;
}

/** Draw the sentences of a whole answer object; `wanted(claim)` leaves some out. */
export function draw(container, record, open, wanted = () => true) {
  const sources = new Map(record.sources.map((source) => [source.n, source]));
  const whole = [{ span: [0, [...record.text].length], kind: "note", support: "not_applicable" }];
  let end = 0;
  container.replaceChildren();
  for (const claim of record.claims.length ? record.claims : whole) {
    if (wanted(claim)) add(container, cut(record.text, end, claim.span[1]), claim, sources, open);
    end = claim.span[1];
  }
}

/** A source as a chip. */
export function chip(source, open) {
  const name = source.section ? `${source.title} › ${source.section}` : source.title;
  const button = el("button", { type: "button", class: "chip", "aria-haspopup": "dialog",
    onclick: () => open(source, button) },
  el("span", { class: "hush" }, `${say("viewer")} `), el("b", {}, String(source.n)), el("span", {}, name),
  source.stale && el("span", { class: "state" }, icon("clock"), say("source.stale")));
  return button;
}

/** The pages that disagree, side by side in their own words, the newest marked. */
export function versus(record, open) {
  const newest = record.sources.map((source) => source.updated ?? "").sort().at(-1);
  const cards = record.sources.map((source) => el("figure", { class: source.updated === newest && "newest" },
    el("figcaption", {}, citation(source, open), el("b", {}, source.title),
      source.updated ? day(source.updated) : say("source.undated"),
      newest && source.updated === newest && el("span", { class: "tag" }, say("conflict.newest"))),
    el("blockquote", { lang: source.language ?? record.language }, source.quote)));
  return el("div", { class: "versus" }, cards);
}

/** One line: how it ended, how much was checked, how sure and why. Icon and words, never color alone. */
export function outcome(record) {
  const facts = record.claims.filter((claim) => claim.kind === "fact");
  const good = facts.filter((claim) => claim.support === "supported").length;
  const { level, why } = record.confidence;
  const sure = `confidence.${level}` in boot.texts && say(`confidence.${level}`);
  return el("p", { class: `outcome ${record.outcome}` }, 
    el("b", {}, icon(boot.icons[record.outcome]), say(`outcome.${record.outcome}`)),
    facts.length > 0 && el("span", {}, say("checked", { n: good, total: facts.length })),
    sure && el("span", {}, why.length ? `${sure}: ${why.join(", ")}` : sure),
    record.timing_ms.total >= 50 && el("span", {}, seconds(record.timing_ms.total)));
}

function seconds(ms) {
  const number = new Intl.NumberFormat(boot.language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  return `${number.format(ms / 1000)} s`;
}

/** Where a step leads outside; a person only where there is one. */
function reach(step) {
  return safeLink(step.target) ?? (step.kind === "human" ? boot.contact : null);
}

/** What can be done now, as buttons; `act(step)` does what stays on this page. */
export function steps(record, act) {
  const possible = record.next_steps.filter((step) => step.kind !== "human" || reach(step));
  if (record.next_steps.length > 0 && possible.length < 2) possible.push({ kind: "form", label: say("missing"), target: "" });
  const buttons = possible.map((step, place) => {
    const link = reach(step);
    const style = place === 0 && !record.outcome.match(/answered|partial|conflict/) ? "button first" : "button";
    const sign = { source: "doc", human: "person", retry: "retry" }[step.kind];
    return el("li", {}, link
      ? el("a", { class: style, href: link, rel: "noreferrer",
        onclick: () => tell(record.id, step.kind === "human" ? "person_asked" : "link_followed") }, sign && icon(sign), step.label)
      : el("button", { type: "button", class: style, onclick: (event) => act(step, event.currentTarget) },
        sign && icon(sign), step.label));
  });
  return buttons.length > 0 && el("ul", { class: "steps", "aria-label": say("next") }, buttons);
}

/** The prompt's name; a link to its exact text for those who may read it. */
function promptName(prompt) {
  const name = `${prompt.id}@${prompt.version}`;
  return boot.edits && prompt.sha256 ? el("a", { href: `/prompt-texts/${prompt.sha256}` }, name) : name;
}

/** The panel that says where an answer comes from. */
export function made(record, withheld) {
  const rows = [
    ["made.model", record.model],
    ["made.prompt", record.prompt && promptName(record.prompt)],
    ["made.index", record.index],
    ["made.tokens", record.usage.output > 0 && say("made.tokens.value", record.usage)],
    ["made.cost", record.usage.cost && `${record.usage.cost} ${record.usage.currency}`],
    ["made.degraded", record.degraded.join(", ")],
    ["made.trace", record.trace],
  ].filter(([, value]) => value);
  return el("details", { class: "made" }, el("summary", {}, say("made")), el("div", { class: "inside" },
    record.sources.length > 0 && el("p", {}, say("made.disclosure")),
    record.sources.length > 0 && el("div", {}, el("h3", { class: "label" }, say("sources")), el("ol", { class: "list" },
      record.sources.map((source) => el("li", {}, `${source.n}. ${source.title}`, source.section && ` › ${source.section}`,
        ` · ${source.updated ? say("source.updated", { date: day(source.updated) }) : say("source.undated")}`,
        source.stale && ` · ${say("source.stale")}`)))),
    record.claims.length > 0 && checks(record, withheld),
    timings(record),
    el("dl", {}, rows.map(([key, value]) => el("div", {}, el("dt", {}, say(key)), el("dd", {}, value))))));
}

function checks(record, withheld) {
  const items = record.claims.map((claim) => {
    const words = claim.kind === "limit" ? "support.limit" : `support.${claim.support}`;
    const sign = claim.support === "unsupported" ? "alert" : claim.support === "supported" ? "check" : "none";
    return el("li", { class: claim.support }, icon(sign),
      el("span", {}, cut(record.text, ...claim.span).replace(/^- /, "")), el("small", {}, known(words, "support.not_applicable")));
  });
  if (withheld) items.push(el("li", { class: "unsupported" }, icon("alert"), say("withheld", { n: withheld })));
  return el("div", {}, el("h3", { class: "label" }, say("made.checks")), el("ol", { class: "checks" }, items));
}

function timings(record) {
  const { total, ...steps } = record.timing_ms;
  const longest = Math.max(total ?? 0, ...Object.values(steps), 1);
  const rows = [...Object.entries(steps), ...(total ? [[say("made.total"), total]] : [])];
  return rows.length > 0 && el("div", {}, el("h3", { class: "label" }, say("made.time")), el("div", { class: "bars" },
    rows.map(([name, ms]) => el("div", {}, el("span", {}, name),
      el("progress", { max: longest, value: ms, "aria-hidden": "true" }), el("span", {}, `${Math.round(ms)} ms`)))));
}
