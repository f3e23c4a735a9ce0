/*
 * <fragment-code><form>… <input name="code"></form></fragment-code>
 *
 * Puts what follows “#” in the address into the field “code” and clears it from the address: the
 * picture of a pairing code carries it there, where no server and no log sees it.
 * Attributes, events: none.
 */
class FragmentCode extends HTMLElement {
  connectedCallback() {
    const code = decodeURIComponent(location.hash.slice(1));
    const field = this.querySelector("[name=code]");
    if (!code || !field) return;
    field.value = code;
    history.replaceState(null, "", location.pathname);
  }
}

customElements.define("fragment-code", FragmentCode);
