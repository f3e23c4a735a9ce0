/*
 * <toast-list class="toasts" role="status" close="Close"> notices </toast-list>
 *
 * What was just done or refused. Without JavaScript the notices stand at the top of the page; here
 * they float over its end, are put in a moment after the page is there, so that a screen reader
 * says them, and each gets a button that takes it away. None goes by itself.
 * Attributes: close, the button's name; in-place, for samples: they stay where they are. Events: none.
 */
class ToastList extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", this.#close);
    this.addEventListener("keydown", this.#escape);
    if (this.querySelector(".toasts__close")) return;
    const toasts = [...this.children];
    this.replaceChildren();
    this.classList.toggle("toasts--floating", !this.hasAttribute("in-place"));
    requestAnimationFrame(() => this.append(...toasts.map((one) => this.#withButton(one))));
  }

  disconnectedCallback() {
    this.removeEventListener("click", this.#close);
    this.removeEventListener("keydown", this.#escape);
  }

  #withButton(toast) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "toasts__close";
    button.setAttribute("aria-label", this.getAttribute("close"));
    button.textContent = "×";
    toast.append(button);
    return toast;
  }

  #close = (event) => {
    if (event.target.closest(".toasts__close")) event.target.closest(".notice").remove();
  };

  #escape = (event) => {
    if (event.key === "Escape") event.target.closest(".notice")?.remove();
  };
}

customElements.define("toast-list", ToastList);
