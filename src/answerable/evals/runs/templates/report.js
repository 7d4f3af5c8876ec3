"use strict";
// Narrows the list of cases down, opens the case that a link names, and all that is left before printing.
const cases = [...document.querySelectorAll("details.case")];
const state = document.getElementById("state");
const words = document.getElementById("words");
const shown = document.getElementById("shown");
function narrow() {
  const [wanted, asked] = [state.value, words.value.trim().toLowerCase()];
  let count = 0;
  for (const one of cases) {
    const fits = (!wanted || one.dataset.state === wanted || one.dataset.cause === wanted)
      && (!asked || one.textContent.toLowerCase().includes(asked));
    one.hidden = !fits;
    count += fits ? 1 : 0;
  }
  shown.textContent = `${count} of ${cases.length} rows`;
}
function openNamed() {
  const one = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!one || !one.matches("details.case")) return;
  if (one.hidden) { state.value = ""; words.value = ""; narrow(); }
  one.open = true;
  one.scrollIntoView();
  one.querySelector("summary").focus();
}
if (state) {
  document.querySelector(".filters").hidden = false;
  state.addEventListener("change", narrow);
  words.addEventListener("input", narrow);
  narrow();
}
window.addEventListener("hashchange", openNamed);
window.addEventListener("beforeprint", () => cases.filter((one) => one.dataset.state !== "passed").forEach((one) => { one.open = true; }));
openNamed();
