/*
 * <passkey-form ceremony="get|create" options="JSON" | options-url="/path/">
 *   <form>… <input type="hidden" name="credential"> <button>…</button></form>
 *   <p role="alert" hidden>what to say when it fails</p>
 * </passkey-form>
 *
 * On submit, asks the browser for a passkey (get) or for a new one (create), puts it as JSON into
 * the field “credential” and sends the form. A checkbox “passwordless” in the form asks for a
 * passkey that works without a password. Shown only where the browser gives passkeys (on https,
 * and on localhost); elsewhere the element whose id is in the attribute “instead” is shown.
 * Events: none.
 */
const bytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
const withBytes = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

function toOptions({ publicKey: key }, passwordless) {
  const options = { ...key, challenge: bytes(key.challenge) };
  if (key.user) options.user = { ...key.user, id: bytes(key.user.id) };
  if (key.excludeCredentials) options.excludeCredentials = withBytes(key.excludeCredentials);
  if (key.allowCredentials) options.allowCredentials = withBytes(key.allowCredentials);
  if (passwordless !== undefined) {
    options.authenticatorSelection = {
      ...key.authenticatorSelection,
      residentKey: passwordless ? "required" : "discouraged",
      requireResidentKey: passwordless,
      ...(passwordless && { userVerification: "required" }),
    };
  }
  return { publicKey: options };
}

function toJSON(credential) {
  const response = { clientDataJSON: text(credential.response.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = text(credential.response[name]);
  }
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}

class PasskeyForm extends HTMLElement {
  connectedCallback() {
    this.hidden = !window.PublicKeyCredential;
    const instead = document.getElementById(this.getAttribute("instead"));
    if (instead) instead.hidden = !this.hidden;
    this.addEventListener("submit", this.#submit);
  }

  disconnectedCallback() {
    this.removeEventListener("submit", this.#submit);
  }

  #submit = async (event) => {
    event.preventDefault();
    const form = event.target;
    const alert = this.querySelector("[role=alert]");
    if (alert) alert.hidden = true;
    try {
      const ceremony = this.getAttribute("ceremony");
      const passwordless = form.elements.passwordless?.checked;
      const options = toOptions(await this.#options(), passwordless);
      form.elements.credential.value = JSON.stringify(
        toJSON(await navigator.credentials[ceremony](options)),
      );
      form.submit();
    } catch {
      if (alert) alert.hidden = false;
    }
  };

  async #options() {
    if (this.hasAttribute("options")) return JSON.parse(this.getAttribute("options"));
    const headers = { Accept: "application/json" };
    const answer = await fetch(this.getAttribute("options-url"), { headers });
    if (!answer.ok) throw new Error("no options");
    return (await answer.json()).request_options;
  }
}

customElements.define("passkey-form", PasskeyForm);
