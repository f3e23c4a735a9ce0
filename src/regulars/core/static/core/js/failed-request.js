/* No element: says, once, that a part of the page could not be loaded (<template id="failed-request">: a
   <toast-list data-when="refused|unreachable"> for each). Gone with the next request that succeeds. */
const failed = (kind) => {
  if (document.querySelector(".toasts--failed")) return;
  const words = document.getElementById("failed-request")?.content.querySelector(`[data-when="${kind}"]`);
  if (words) document.querySelector("main").append(words.cloneNode(true));
};
addEventListener("htmx:responseError", () => failed("refused"));
addEventListener("htmx:sendError", () => failed("unreachable"));
addEventListener("htmx:timeout", () => failed("unreachable"));
addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful) document.querySelector(".toasts--failed")?.remove();
});
