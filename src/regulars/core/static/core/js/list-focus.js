/* No element: where a list (ui/table.html) was exchanged and what was pressed is no longer there, as Next on
   the last page, the focus goes to the list and not to the top of the page. */
addEventListener("htmx:afterSettle", (event) => {
  if (!event.target.matches?.(".listing") || document.activeElement !== document.body) return;
  const list = event.target;
  (list.querySelector(".table__frame") ?? list.querySelector("a, button"))?.focus({ preventScroll: true });
});
