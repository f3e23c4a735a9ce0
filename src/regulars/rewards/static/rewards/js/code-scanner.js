/* <code-scanner data-for="id of the input"><button><video hidden><p data-says="…" hidden>…</code-scanner>
   The button opens the camera; the first code that is seen goes into the input, whose form is then
   sent. Where the browser cannot read codes (no BarcodeDetector, or no camera without https) it says
   so instead of the button ("cannot"); so it does when the camera is refused ("refused") or does not
   work ("broken"). Typing works always. */
customElements.define("code-scanner", class extends HTMLElement {
  connectedCallback() {
    if (!("BarcodeDetector" in window) || !navigator.mediaDevices) {
      this.querySelector("button").hidden = true;
      this.say("cannot");
      return;
    }
    this.addEventListener("click", this);
  }

  disconnectedCallback() {
    this.removeEventListener("click", this);
    this.stop();
  }

  async handleEvent() {
    if (this.stream) return;
    this.say("");
    const video = this.querySelector("video");
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      video.srcObject = this.stream;
      video.hidden = false;
      await video.play();
      await this.look(video, new BarcodeDetector());
    } catch (error) {
      this.stop();
      video.hidden = true;
      this.say(error.name === "NotAllowedError" ? "refused" : "broken");
    }
  }

  async look(video, detector) {
    while (this.stream) {
      const [seen] = await detector.detect(video);
      if (seen) return this.take(seen.rawValue);
      await new Promise(requestAnimationFrame);
    }
  }

  take(code) {
    this.stop();
    const input = document.getElementById(this.dataset.for);
    input.value = code;
    input.form.requestSubmit();
  }

  say(what) {
    for (const words of this.querySelectorAll("[data-says]")) words.hidden = words.dataset.says !== what;
  }

  stop() {
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = null;
  }
});
