/* No element: choosing a language or light and dark comes back to the address that the browser shows; the one
   that the page was made for may be older (filters, pages of lists). */
addEventListener("submit", (event) => {
  const next = event.target.elements.namedItem("next");
  if (next && /\/(language|theme)\/$/.test(event.target.action)) next.value = location.pathname + location.search;
});
