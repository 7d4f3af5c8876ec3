document.getElementById("copy").addEventListener("click", async () => {
  const text = document.getElementById("markdown");
  try { await navigator.clipboard.writeText(text.value); } catch { text.select(); document.execCommand("copy"); }
  document.getElementById("copied").textContent = "copied";
});
for (const link of document.querySelectorAll('a[href^="#case-"]')) {
  link.addEventListener("click", () => { document.getElementById("show-case").checked = true; });
}
