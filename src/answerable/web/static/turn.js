// One question and its answer on the page, filled event by event.

import { announce, boot, el, icon, known, say } from "./dom.js";
import * as answer from "./answer.js";
import { rating } from "./rating.js";
import { tell } from "./signals.js";

export class Turn {
  /** `does`: open(source, button), act(step, button), retry(question). */
  constructor(question, does) {
    this.question = question;
    this.does = does;
    this.asked = performance.now();
    this.sources = new Map();
    this.spoken = [];
    this.withheld = 0;
    this.head = el("h2", { class: question.length > 600 ? "question long" : "question", tabindex: "-1" }, el("span", { class: "hush" }, `${say("you")} `), question);
    this.found = el("div", { class: "sources", hidden: true });
    this.working = el("p", { class: "working" }, say("stage.other"));
    this.text = el("div", { class: "answer", hidden: true });
    this.foot = el("div", { hidden: true });
    this.node = el("article", { class: "turn", "aria-label": question.slice(0, 80) },
      this.head, this.found, this.working, this.text, this.foot);
    this.text.addEventListener("click", (event) => event.target.closest("a[href]") && tell(this.record?.id, "link_followed"));
  }

  /** One event of the stream. */
  tell(name, data) {
    const how = { stage: "onStage", sources: "onSources", text: "onText", citation: "onCitation", claim: "onClaim",
      revise: "onRevise", done: "onDone" }[name];
    if (how) this[how](data);
  }

  onStage({ name }) {
    this.working.textContent = known(`stage.${name}`, "stage.other");
  }

  /** Turned away for now; the question goes out again in that many seconds. */
  onWait(seconds) {
    this.working.textContent = say("error.busy.again", { n: seconds });
  }

  /** The context's passages, before any text. Their numbers are not yet those of the answer. */
  onSources({ sources }) {
    const titles = [...new Set(sources.map((source) => source.title))].slice(0, 5);
    this.showSources(say("sources.looking"),
      titles.map((title) => el("span", { class: "chip" }, icon("doc"), el("span", {}, title))));
    announce(say("announce.sources", { n: titles.length }));
  }

  showSources(label, chips) {
    this.found.replaceChildren(el("h3", { class: "label" }, label), el("ul", {}, chips.map((one) => el("li", {}, one))));
    this.found.hidden = chips.length === 0;
  }

  /** Held until its claim: then the citations are known, and the whole sentence appears at once. */
  onText({ delta, claim }) {
    this.spoken[claim] = { delta, kind: "fact", support: "not_applicable" };
  }

  onCitation({ n, source }) {
    if (source) this.sources.set(n, source);
  }

  onClaim({ i, support, kind, nodes }) {
    const said = Object.assign(this.spoken[i], { support, kind: kind ?? "fact", nodes });
    said.node = answer.add(this.text, said.delta, said, this.sources, this.does.open);
    this.text.hidden = false;
    announce(said.delta.trim());
  }

  onRevise({ claim, action }) {
    if (claim == null) {
      this.withheld += 1;
      return;
    }
    this.spoken[claim]?.node?.replaceWith(el("span", { class: "gone" }, say("revise.withdraw")));
    if (action === "withdraw") announce(say("revise.withdraw"));
  }

  /** The whole answer: redraw what differs from what was streamed, and add what only the end knows. */
  onDone(record) {
    this.record = record;
    tell(record.id, "shown", { ms: Math.round(performance.now() - this.asked) });
    this.working.remove();
    this.text.lang = record.language;
    const cited = /^(answered|partial|conflict)$/.test(record.outcome);
    if (cited) this.drawCited(record);
    else this.drawPlain(record);
    this.foot.hidden = false;
    announce(say("announce.done", { n: record.sources.length, outcome: say(`outcome.${record.outcome}`) }));
  }

  drawCited(record) {
    this.showSources(say("sources"), record.sources.map((source) => answer.chip(source, this.does.open)));
    this.redraw(record);
    this.fill(
      record.outcome === "conflict" && answer.versus(record, this.does.open),
      answer.outcome(record),
      this.withheld > 0 && el("p", { class: "remark" }, icon("alert"), el("span", {}, say("withheld", { n: this.withheld }))),
      degraded(record), answer.steps(record, this.does.act), answer.made(record, this.withheld),
      this.rate(record));
  }

  /** What was streamed stays as it is, unless the answer says something else, or its sides stand on cards. */
  redraw(record) {
    const streamed = this.spoken.map((one) => one.delta).join("").trim();
    const gone = this.text.querySelector(".gone") && el("p", {}, el("span", { class: "gone" }, say("revise.withdraw")));
    if (record.outcome === "conflict") {
      const notes = { ...record, claims: record.claims.map((claim) => ({ ...claim, bare: true })) };
      answer.draw(this.text, notes, this.does.open, (claim) => claim.citations.length === 0);
    } else if (streamed !== record.text.trim() || gone) answer.draw(this.text, record, this.does.open);
    if (gone) this.text.append(gone);
    this.text.hidden = false;
  }

  drawPlain(record) {
    const pages = record.next_steps.filter((step) => step.kind === "source");
    const rest = { ...record, next_steps: record.next_steps.filter((step) => step.kind !== "source") };
    this.found.hidden = true;
    answer.draw(this.text, record, this.does.open);
    this.text.hidden = false;
    this.fill(el("section", { class: `plain ${record.outcome}` }, answer.outcome(record), this.text,
      pages.length > 0 && el("div", { class: "sources" }, el("h3", { class: "label" }, say("closest")), el("ul", {},
        pages.map((step) => el("li", {}, el("button", { type: "button", class: "chip", "aria-haspopup": "dialog",
          onclick: (event) => this.does.act(step, event.currentTarget) }, icon("doc"), el("span", {}, step.label)))))),
      degraded(record), answer.steps(rest, this.does.act)),
    answer.made(record, this.withheld), this.rate(record));
  }

  rate(record) {
    this.rating = rating(record, () => this.does.retry(this.question));
    return this.rating.row;
  }

  /** The foot's children stand in the turn's own grid. */
  fill(...children) {
    this.foot.replaceWith(...(this.parts = children.filter(Boolean)));
  }

  /** It ended without an answer: stopped, offline, refused. */
  broke(text, { trace = "", again = true, sign = "alert", kind = "failed", title = "" } = {}) {
    this.working.remove();
    this.fill(el("section", { class: `plain ${kind}` },
      title && el("p", { class: `outcome ${kind}` }, el("b", {}, icon(sign), title)), el("p", {}, text),
      trace && el("p", { class: "facts" }, say("error.trace", { trace })),
      again && el("ul", { class: "steps" }, el("li", {}, el("button", { type: "button", class: "button first",
        onclick: () => this.does.retry(this.question) }, icon("retry"), say("retry"))))));
    announce(text);
  }
}

function degraded(record) {
  const keys = record.degraded.map((word) => `degraded.${word}`).filter((key) => key in boot.texts); // others concern nobody here
  const said = [...new Set(keys.map((key) => say(key)))];
  return said.length > 0 && el("p", { class: "remark" }, icon("clock"),
    el("span", {}, el("b", {}, `${say("degraded")}. `), said.join(" ")));
}

