// Light, dark, or as the system: kept in a cookie, so that the server draws the page right the first time.

const root = document.documentElement;

for (const button of document.querySelectorAll("[data-theme-choice]")) {
  button.addEventListener("click", () => {
    const theme = button.dataset.themeChoice;
    root.dataset.theme = theme;
    document.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=lax`;
    for (const one of document.querySelectorAll("[data-theme-choice]")) {
      one.setAttribute("aria-pressed", String(one === button));
    }
  });
}
for (const node of document.querySelectorAll(".scripted")) node.hidden = false;

const menu = document.querySelector(".menu");
document.addEventListener("click", (event) => {
  if (menu.open && !menu.contains(event.target)) menu.open = false;
});
menu.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !menu.open) return;
  event.preventDefault();
  menu.open = false;
  menu.querySelector("summary").focus();
});
