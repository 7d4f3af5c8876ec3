// Talking to the API: one question as a stream of events, resumed when the line breaks.

const PAGE = { "X-Answerable-Channel": "page" }; // the log tells our page from programs

/** An error with the API's code, trace id and seconds to wait; code `network` when no reply came. */
export class Trouble extends Error {
  constructor(code, trace = "", wait = 0) {
    super(code);
    this.code = code;
    this.trace = trace;
    this.wait = wait;
    this.detail = "";
  }
}

/** A JSON request. */
export async function call(path, body, signal) {
  const reply = await reach(path, {
    method: body ? "POST" : "GET",
    headers: body ? { "Content-Type": "application/json", ...PAGE } : {},
    body: body && JSON.stringify(body),
    signal,
  });
  return reply.status === 204 ? null : reply.json();
}

/** A request that outlives its page; nobody waits for the reply. */
export function farewell(path) {
  fetch(path, { method: "POST", credentials: "same-origin", keepalive: true }).catch(() => {});
}

/** The same with words for the log. */
export function signal(path, body) {
  fetch(path, { method: "POST", credentials: "same-origin", keepalive: true, body: JSON.stringify(body),
    headers: { "Content-Type": "application/json", ...PAGE } }).catch(() => {});
}

async function reach(path, options) {
  let reply;
  try {
    reply = await fetch(path, { credentials: "same-origin", ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Trouble("network");
  }
  if (!reply.ok) {
    const problem = await reply.json().catch(() => ({}));
    const trouble = new Trouble(problem.code ?? "other", problem.trace_id, Number(reply.headers.get("Retry-After")) || 0);
    trouble.detail = problem.detail ?? "";
    throw trouble;
  }
  return reply;
}

/** Ask; `tell(name, data)` gets each event in order. Resolves after `done`. Throws Trouble or AbortError. */
export async function ask(body, tell, signal) {
  const state = { id: "", last: 0, done: false };
  const told = (event) => {
    if (event.id) state.last = Number(event.id);
    if (event.name === "accepted") state.id = event.data.id;
    if (event.name === "done") state.done = true;
    if (event.name === "error") throw new Trouble(event.data.code, event.data.trace_id);
    tell(event.name, event.data);
  };
  const headers = { Accept: "text/event-stream", Prefer: "resume", ...PAGE };
  const first = await reach("/v1/answers", {
    method: "POST",
    headers: { ...headers, "Content-Type": "application/json" },
    body: JSON.stringify({ ...body, stream: true }),
    signal,
  });
  await listen(first, told);
  for (let tries = 0; !state.done && tries < 3; tries += 1) {
    if (!state.id) throw new Trouble("network");
    await new Promise((wake) => setTimeout(wake, 250 * 2 ** tries));
    const again = { ...headers, "Last-Event-ID": String(state.last) };
    const more = await reach(`/v1/answers/${encodeURIComponent(state.id)}`, { headers: again, signal });
    await listen(more, told);
  }
  if (!state.done) throw new Trouble("network");
}

/** Read to the end of the stream; a broken line ends it as well, and the caller resumes. */
async function listen(reply, told) {
  const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
  const parse = parser(told);
  for (;;) {
    let piece;
    try {
      piece = await reader.read();
    } catch (error) {
      if (error.name === "AbortError") throw error;
      return;
    }
    if (piece.done) return;
    parse(piece.value);
  }
}

/** An incremental parser of server-sent events; line ends may be CRLF, LF or CR. */
export function parser(told) {
  let rest = "";
  let event = { name: "message", data: [], id: "" };
  const line = (text) => {
    if (text === "") {
      if (event.data.length) told({ ...event, data: JSON.parse(event.data.join("\n")) });
      event = { name: "message", data: [], id: "" };
      return;
    }
    const [, field, value] = /^([^:]*):? ?(.*)$/s.exec(text);
    if (field === "event") event.name = value;
    else if (field === "data") event.data.push(value);
    else if (field === "id") event.id = value;
  };
  return (piece) => {
    rest += piece;
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop();
    lines.forEach(line);
  };
}
