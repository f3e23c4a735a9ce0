/* <share-button data-url data-title data-text data-done><button>…<span>…</span></button></share-button>
   Opens the device's own share sheet; where there is none, copies the address (or, without one, the
   text) and says so (data-done). A cancelled sheet is no error. Where neither works, as on a page
   without https, the button hides: the links beside it work everywhere. */
customElements.define("share-button", class extends HTMLElement {
  connectedCallback() {
    this.hidden = !navigator.share && !navigator.clipboard;
    this.addEventListener("click", this);
  }

  disconnectedCallback() { this.removeEventListener("click", this); }

  async handleEvent() {
    const { url, title, text } = this.dataset;
    if (navigator.share) {
      try {
        // An empty address would mean this page.
        await navigator.share({ ...(url && { url }), title, text });
      } catch (error) {
        if (error.name !== "AbortError") throw error;
      }
      return;
    }
    try {
      await navigator.clipboard.writeText(url || text);
      this.querySelector("button span").textContent = this.dataset.done;
    } catch {
      this.hidden = true;
    }
  }
});
