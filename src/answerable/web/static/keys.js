// Keyboard shortcuts. Single keys work only outside of text fields, and can be switched off.

const help = document.getElementById("help");
const toggle = document.getElementById("single-keys");
const STORED = "single-keys";

toggle.checked = localStorage.getItem(STORED) !== "off";
toggle.addEventListener("change", () => localStorage.setItem(STORED, toggle.checked ? "on" : "off"));

export function showHelp() {
  if (!help.open) help.showModal();
}

/** `does`: focus, escape, last, citation(by). */
export function bind(does) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    if (event.key === "Escape" && !help.open) does.escape(event);
    else if (event.altKey && event.key === "ArrowUp") run(event, does.last);
    else single(event, does);
  });
}

function single(event, does) {
  if (!toggle.checked || event.ctrlKey || event.metaKey || event.altKey || help.open) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const act = { "/": does.focus, "?": showHelp, "[": () => does.citation(-1), "]": () => does.citation(1) }[event.key];
  if (act) run(event, act);
}

function run(event, act) {
  event.preventDefault();
  act();
}
