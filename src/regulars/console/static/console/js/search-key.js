/* No element: the key “/” leads into the search box, unless somebody is writing. */
addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const box = document.querySelector("#words, #everywhere");
  if (!box) return;
  event.preventDefault();
  box.focus();
  box.select();
});
