/* <copy-button data-text="…"><button>…</button></copy-button>
   Copies data-text when its button is pressed; the icon becomes a tick for two seconds.
   Without https there is no clipboard: then the words before the button are marked, to be copied by
   hand. Fires: copied (bubbles). Hidden while this script is not there. */
customElements.define("copy-button", class extends HTMLElement {
  connectedCallback() { this.addEventListener("click", this); }
  disconnectedCallback() { this.removeEventListener("click", this); clearTimeout(this.timer); }

  async handleEvent() {
    if (!navigator.clipboard) {
      if (this.previousElementSibling) getSelection().selectAllChildren(this.previousElementSibling);
      return;
    }
    await navigator.clipboard.writeText(this.dataset.text);
    const use = this.querySelector("use");
    if (use) {
      const before = use.getAttribute("href");
      use.setAttribute("href", before.replace(/#.*/, "#check"));
      clearTimeout(this.timer);
      this.timer = setTimeout(() => use.setAttribute("href", before.replace(/#.*/, "#copy")), 2000);
    }
    this.dispatchEvent(new CustomEvent("copied", { bubbles: true }));
  }
});
