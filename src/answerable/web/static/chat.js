// The chat: the composer, the conversation, and what the keys do.

import "./theme.js";
import { announce, boot, hush, say } from "./dom.js";
import { bind, showHelp } from "./keys.js";
import { id7, tell } from "./signals.js";
import { Turn } from "./turn.js";
import * as viewer from "./viewer.js";
import { ask, call, farewell, Trouble } from "./wire.js";

const BUSY = new Set(["busy", "own_share", "too_much", "seen_enough"]);
const PATIENCE = 15; // seconds; who would wait longer is told, and asks again by a button
const AGAIN = 3; // times
const HISTORY = 8; // messages sent along, so that a follow-up is understood
const $ = (id) => document.getElementById(id);
const [form, field, log, count] = [$("composer"), $("question"), $("log"), $("count")];
const DRAFT = "draft";

const history = [];
const talk = id7(); // what is asked on this page is one conversation
let last = "";
let running = null; // { abort, id }

// --- the composer

field.value ||= sessionStorage.getItem(DRAFT) ?? "";
field.addEventListener("input", measure);
field.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  form.requestSubmit();
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  send(field.value.trim());
});
document.querySelector(".examples")?.addEventListener("submit", (event) => {
  event.preventDefault();
  send(event.submitter.value);
});
$("stop").addEventListener("click", stop);
$("help-open").addEventListener("click", showHelp);

function measure() {
  const n = [...field.value].length;
  const over = n - boot.inputChars;
  count.textContent = over > 0 ? say("compose.over", { n: over })
    : n > 0 ? say("compose.count", { n, max: boot.inputChars }) : "";
  count.classList.toggle("over", over > 0);
  field.setAttribute("aria-invalid", String(over > 0));
  sessionStorage.setItem(DRAFT, field.value);
}

function compose(text) {
  field.value = text;
  measure();
  field.focus();
}

// --- asking

async function send(question) {
  if (!question || running) return;
  const turn = new Turn(question, { open: (source, opener) => viewer.open(source, turn.record?.sources ?? [...turn.sources.values()], opener, turn.record?.id),
    act: (step, button) => act(turn, step, button), retry: send });
  begin(turn);
  try {
    const body = { question, conversation: talk, history: history.slice(-HISTORY) }; // answered in the question's own language
    await patiently(turn, () => ask(body, (name, data) => {
      if (name === "accepted") running.id = data.id;
      turn.tell(name, data);
    }, running.abort.signal));
    remember(turn);
  } catch (error) {
    failed(turn, error);
  } finally {
    end();
  }
}

/** Whoever is turned away for now waits as long as the service says, and is asked for again, by this page. */
async function patiently(turn, attempt) {
  for (let again = 0; ; again += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!BUSY.has(error.code) || !error.wait || error.wait > PATIENCE || again === AGAIN) throw error;
      await countdown(turn, error.wait, running.abort.signal);
    }
  }
}

async function countdown(turn, seconds, signal) {
  announce(say("error.busy.again", { n: seconds }));
  for (let left = seconds; left > 0; left -= 1) {
    turn.onWait(left);
    await new Promise((wake) => setTimeout(wake, 1000));
    signal.throwIfAborted();
  }
}

function begin(turn) {
  running = { abort: new AbortController(), id: "" };
  last = turn.question;
  hush();
  $("intro").hidden = true;
  if (field.value.trim() === turn.question) compose("");
  log.append(turn.node);
  $("send").hidden = true;
  $("stop").hidden = false;
  turn.node.scrollIntoView({ block: "start" });
}

function end() {
  running = null;
  $("stop").hidden = true;
  $("send").hidden = false;
}

function remember(turn) {
  const { outcome, text } = turn.record;
  if (outcome === "too_long" || outcome === "failed") keep(turn.question);
  else history.push({ role: "user", text: turn.question }, { role: "assistant", text });
}

/** What was typed is never lost: it goes back into an empty field. */
function keep(question) {
  if (!field.value.trim()) compose(question);
}

function failed(turn, error) {
  keep(turn.question);
  if (error.name === "AbortError") {
    turn.broke(say("announce.stopped"), { kind: "stopped", sign: "square", title: say("outcome.stopped") });
    return;
  }
  if (!(error instanceof Trouble)) throw error;
  const key = `error.${error.code}` in boot.texts ? `error.${error.code}` : "error.other";
  turn.broke(say(key), { trace: error.trace, title: say("outcome.failed") });
}

/** Whoever leaves the page pays for no further word: without this the answer would wait for them to come back. */
addEventListener("pagehide", () => {
  if (running?.id) farewell(path(running.id));
});

function path(id) {
  return `/v1/answers/${encodeURIComponent(id)}/stop`;
}

function stop() {
  if (!running) return;
  if (running.id) call(path(running.id), {}).catch(() => {});
  running.abort.abort();
  field.focus();
}

/** A next step that stays on this page. */
function act(turn, step, button) {
  if (step.kind === "rephrase" && step.target) tell(turn.record?.id, "followup_clicked");
  if (step.kind === "source") viewer.open({ document: step.target, title: step.label }, [], button);
  else if (step.kind === "retry") send(turn.question);
  else if (step.kind === "form") turn.rating.explain();
  else compose(step.kind === "rephrase" && step.target ? step.target : turn.question);
}

// --- keys, and the line

bind({
  focus: () => field.focus(),
  last: () => last && compose(last),
  escape: (event) => {
    if (viewer.isOpen()) viewer.close();
    else if (running) stop();
    else return;
    event.preventDefault();
  },
  citation: (by) => {
    if (viewer.isOpen()) viewer.move(by);
    else step(by);
  },
});

function step(by) {
  const all = [...log.querySelectorAll(".cite")];
  if (all.length === 0) return;
  const at = all.indexOf(document.activeElement);
  const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : (at + by + all.length) % all.length;
  all[next].focus();
}

function line() {
  const banner = $("banner");
  banner.hidden = navigator.onLine;
  banner.textContent = navigator.onLine ? "" : say("offline");
}
addEventListener("offline", line);
addEventListener("online", () => {
  line();
  announce(say("online"));
});
line();
measure();
if (matchMedia("(pointer: fine)").matches) field.focus();
