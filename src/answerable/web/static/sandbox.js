// The sandbox of one prompt: checked while it is written, tried, run, handed over. A draft outlives a reload.

import "./theme.js";
import { boot, el, icon, known, say } from "./dom.js";
import { Trouble, call } from "./wire.js";

const at = (id) => document.getElementById(id);
const prompt = document.querySelector("main").dataset.prompt;
const base = `/v1/prompts/${prompt}`;
const served = at("served").content.textContent;
const [draft, kept] = [at("draft"), `draft ${prompt}`];
let job = "";
let asked = 0;

const list = (items) => items.length > 0 && el("ul", { class: "findings" }, items);
const told = (error) => el("p", { class: "remark" }, icon("alert"),
  el("span", {}, error instanceof Trouble ? error.detail || known(`error.${error.code}`, "error.other") : String(error)));

/** Lint, size and difference of what is written now; a slower reply to an earlier text is dropped. */
async function check() {
  const mine = (asked += 1);
  try {
    const found = await call(`${base}/check`, { text: draft.value });
    if (mine === asked) show(found);
  } catch (error) {
    if (mine === asked) at("findings").replaceChildren(told(error));
  }
}

function show(found) {
  const [before, after] = found.tokens;
  at("size").textContent = `${say("prompts.tokens", { before, after })} · ${say("prompts.fixed", { before: found.fixed[0], after: found.fixed[1] })}`;
  const hints = draft.value === served ? [say("sandbox.begin", { version: found.next })] : found.problems;
  const items = [
    ...hints.map((text) => el("li", {}, el("p", {}, text))),
    ...found.lint.map((one) => el("li", { class: one.level, lang: "en" },
      el("p", {}, el("b", {}, one.rule), " ", el("button", { type: "button", class: "tool", onclick: () => go(one.line) }, say("sandbox.line", { n: one.line }))),
      el("p", {}, one.what), el("p", { class: "soft" }, one.fix))),
  ];
  at("findings").replaceChildren(...[list(items) || el("p", { class: "soft" }, icon("check"), " ", say("prompts.clean"))]);
  at("difference").replaceChildren(...found.lines.map((line) => el("span", { class: kind(line) }, `${line}\n`)));
}

const kind = (line) => (/^(---|\+\+\+|@@)/.test(line) ? "head" : { "-": "out", "+": "in" }[line[0]] ?? "same");

/** Put the caret at the beginning of a line, counted from 1. */
function go(line) {
  const start = draft.value.split("\n").slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
  draft.focus();
  draft.setSelectionRange(start, start);
}

/** Run `work` with its button locked; what goes wrong is shown in `place`. */
async function during(button, place, work) {
  button.disabled = true;
  try {
    await work();
  } catch (error) {
    place.replaceChildren(told(error));
  } finally {
    button.disabled = false;
  }
}

at("trying")?.addEventListener("submit", (event) => {
  event.preventDefault();
  during(event.submitter ?? event.target.querySelector("button"), at("tried"), async () => {
    at("tried").replaceChildren(el("p", { class: "soft" }, say("sandbox.asking")));
    const found = await call(`${base}/tries`, { text: draft.value, question: at("question").value });
    const { answer } = found;
    at("tried").replaceChildren(
      el("p", {}, el("b", {}, say(`outcome.${answer.outcome}`)), ` ${answer.text}`),
      ...(found.asked
        ? [el("h3", { class: "label" }, say("sandbox.raw")), ...found.raw.map((text) => el("pre", { class: "prompt-text" }, text))]
        : [el("p", { class: "soft" }, say("sandbox.unasked"))]));
  });
});

at("run").addEventListener("click", () => during(at("run"), at("outcome"), async () => {
  at("outcome").replaceChildren();
  follow(await call(`${base}/runs`, { text: draft.value }));
  await watch();
}));
at("stop").addEventListener("click", () => call(`${base}/runs/${job}/stop`, {}).catch(() => {}));

async function watch() {
  for (let state = "running"; state === "running";) {
    await new Promise((wake) => setTimeout(wake, 700));
    state = follow(await call(`${base}/runs/${job}`));
  }
}

function follow(now) {
  job = now.id;
  sessionStorage.setItem(`run ${prompt}`, job);
  at("stop").hidden = now.state !== "running";
  at("progress").textContent = now.state === "running" ? now.said.at(-1) ?? say("sandbox.asking") : say(`sandbox.state.${now.state}`);
  if (now.state === "failed") at("outcome").replaceChildren(el("p", { class: "remark" }, icon("alert"), el("span", {}, now.fault)));
  if (now.state === "done") at("outcome").replaceChildren(...outcome(now.result).filter(Boolean));
  return now.state;
}

function outcome(result) {
  const head = (...names) => el("thead", {}, el("tr", {}, names.map((name) => el("th", { scope: "col" }, name))));
  const { compared } = result;
  return [
    ...result.notes.map((note) => el("p", { class: "remark" }, icon("ask"), el("span", { lang: "en" }, note))),
    compared && el("p", { lang: "en" }, el("b", {}, compared.title), ` ${compared.words.join(" ")}`),
    compared && compared.broken.length > 0 && el("p", {}, `${say("sandbox.broken")} ${compared.broken.join(", ")}`),
    compared && compared.fixed.length > 0 && el("p", {}, `${say("sandbox.fixed")} ${compared.fixed.join(", ")}`),
    result.behavior.length > 0 && el("table", {}, head(say("sandbox.category"), say("sandbox.passed"), say("sandbox.apart"), say("sandbox.failed")),
      el("tbody", {}, result.behavior.map((row) => el("tr", {}, el("th", { scope: "row" }, known(`prompts.category.${row.category}`, "sandbox.category")),
        el("td", {}, say("ops.k_of_n", { k: row.passed, n: row.cases })), el("td", {}, row.apart || ""),
        el("td", { lang: "en" }, row.failed.map((one) => el("p", {}, el("b", {}, one.id), ` ${one.why.join("; ")}`))))))),
  ];
}

at("handing").addEventListener("submit", (event) => {
  event.preventDefault();
  during(event.submitter ?? event.target.querySelector("button"), at("handed"), async () => {
    const made = await call(`${base}/proposals`, { text: draft.value, note: at("note").value, run: job });
    localStorage.removeItem(kept);
    at("handed").replaceChildren(el("p", {}, icon("check"), " ", made.branch
      ? say("sandbox.branch", { branch: made.branch, commit: made.commit.slice(0, 7) })
      : say("sandbox.folder", { folder: made.folder }), " ", el("code", {}, made.merge)));
  });
});

let waiting = 0;
draft.addEventListener("input", () => {
  localStorage.setItem(kept, JSON.stringify({ served, text: draft.value }));
  clearTimeout(waiting);
  waiting = setTimeout(check, 400);
});
const earlier = JSON.parse(localStorage.getItem(kept) ?? "null");
if (earlier?.served === served) draft.value = earlier.text; // one that began from another version is not taken up
job = sessionStorage.getItem(`run ${prompt}`) ?? "";
if (job) call(`${base}/runs/${job}`).then((now) => follow(now) === "running" && watch()).catch(() => (job = ""));
check();
document.documentElement.lang = boot.language;
