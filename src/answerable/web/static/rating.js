// What a person says of an answer: solved or not, good or bad, and why; copy and ask again.

import { announce, el, icon, say } from "./dom.js";
import { tell } from "./signals.js";
import { call } from "./wire.js";

const REASONS = ["wrong", "incomplete", "outdated", "unclear"];

/** The row under an answer; `explain` opens the field for words. */
export function rating(record, retry) {
  const given = {};
  const send = async (change, button) => {
    Object.assign(given, change);
    try {
      await call(`/v1/answers/${encodeURIComponent(record.id)}/feedback`, given);
    } catch {
      announce(say("feedback.failed"));
      return;
    }
    for (const one of button?.parentElement.querySelectorAll("[aria-pressed]") ?? []) {
      one.setAttribute("aria-pressed", String(one === button));
    }
    announce(say("feedback.thanks"));
  };
  const choice = (key, value) => el("button", { type: "button", class: "choice", "aria-pressed": "false",
    onclick: (event) => send({ solved: value }, event.currentTarget) }, say(key));
  const tool = (name, label, act) => el("button", { type: "button", class: "tool", "aria-label": label, title: label,
    onclick: (event) => act(event.currentTarget) }, icon(name));
  const thumb = (name) => {
    const button = tool(name, say(`feedback.${name}`), async () => {
      await send({ value: name }, button);
      row.querySelector(".why")?.remove();
      if (name === "down") explain();
    });
    button.setAttribute("aria-pressed", "false");
    return button;
  };
  const explain = () => {
    if (!row.querySelector(".why")) row.append(why(send));
    row.querySelector(".why textarea").focus();
  };
  const row = el("div", { class: "rate" },
    el("div", { class: "ask", role: "group", "aria-label": say("feedback.solved") },
      el("span", { "aria-hidden": "true" }, say("feedback.solved")),
      choice("feedback.yes", "yes"), choice("feedback.partly", "partly"), choice("feedback.no", "no")),
    el("div", { class: "tools" },
      el("span", { role: "group" }, thumb("up"), thumb("down")),
      tool("copy", say("copy"), () => copy(record)), tool("retry", say("retry"), retry)));
  return { row, explain };
}

function why(send) {
  const chosen = new Set();
  const reason = (name) => el("button", { type: "button", class: "choice", "aria-pressed": "false", onclick: (event) => {
    if (!chosen.delete(name)) chosen.add(name);
    event.currentTarget.setAttribute("aria-pressed", String(chosen.has(name)));
  } }, say(`feedback.${name}`));
  const comment = el("textarea", { maxlength: 4000, "aria-label": say("feedback.comment"),
    placeholder: say("feedback.comment") });
  const form = el("form", { class: "why", onsubmit: async (event) => {
    event.preventDefault();
    await send({ reasons: [...chosen], comment: comment.value });
    form.replaceChildren(say("feedback.thanks"));
  } }, el("p", { class: "label" }, say("feedback.why")), el("div", { class: "choices" }, REASONS.map(reason)), comment,
  el("button", { class: "button" }, say("feedback.submit")));
  return form;
}

async function copy(record) {
  const list = record.sources.map((source) => `[${source.n}] ${source.title} › ${source.section}`);
  await navigator.clipboard.writeText([record.text, ...list].join("\n"));
  announce(say("copy.done"));
  tell(record.id, "copied");
}
