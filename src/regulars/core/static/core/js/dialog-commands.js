/* No element: opens and closes dialogs by <button command="show-modal|close" commandfor="id"> where
   the browser does not know these attributes yet, closes on a click beside the dialog, and closes
   menus (<details class="menu">) by Escape or by a click elsewhere. */
if (!("commandForElement" in HTMLButtonElement.prototype)) {
  addEventListener("click", (event) => {
    const button = event.target.closest("button[commandfor]");
    const dialog = button && document.getElementById(button.getAttribute("commandfor"));
    if (!dialog) return;
    if (button.getAttribute("command") === "close") dialog.close(); else dialog.showModal();
  });
}
addEventListener("click", (event) => {
  if (event.target instanceof HTMLDialogElement) event.target.close();
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.activeElement?.closest("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
