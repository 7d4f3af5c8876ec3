// What was seen of an answer: shown, a source opened and for how long, copied, left for a person. Never a word of it.

import { signal } from "./wire.js";

/** A version 7 id: the same signal sent again is the same event. */
export function id7(now = Date.now()) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  for (let n = 0; n < 6; n += 1) bytes[n] = Math.floor(now / 2 ** (40 - 8 * n)) % 256;
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  const hex = [...bytes].map((one) => one.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** Tell of an answer that is whole; nobody waits for the reply, and who has none loses nothing. */
export function tell(answer, name, more = {}) {
  if (answer) signal(`/v1/answers/${encodeURIComponent(answer)}/events`, { events: [{ id: id7(), name, ...more }] });
}

let open = null; // { answer, n, at }

/** A source is opened; the one before it is told of, with how long it was open. */
export function opened(answer, n) {
  closed();
  open = { answer, n, at: Date.now() };
}

/** It is closed, or its page is left. */
export function closed() {
  if (open && open.n) tell(open.answer, "citation_opened", { n: open.n, ms: Math.min(Date.now() - open.at, 86400000) });
  open = null;
}

addEventListener("pagehide", closed);
