/* No element: one listener for every form of the page. A form that was sent once is not sent a
   second time by a double click; coming back with the browser's Back frees it again. */
const sent = new WeakSet();
addEventListener("submit", (event) => {
  if (event.target.method !== "post" || event.target.matches("[hx-post], [hx-put], [hx-delete]")) return;
  if (sent.has(event.target)) event.preventDefault();
  sent.add(event.target);
});
addEventListener("pageshow", (event) => {
  if (event.persisted) for (const form of document.forms) sent.delete(form);
});
addEventListener("htmx:afterRequest", (event) => sent.delete(event.target));
