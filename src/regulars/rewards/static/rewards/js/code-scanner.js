/* <code-scanner data-for="id of the input" hidden><button><video></code-scanner>
   Shows itself only where the browser has BarcodeDetector and a camera. The button opens the
   camera; the first code that is seen goes into the input, whose form is then sent. */
customElements.define("code-scanner", class extends HTMLElement {
  connectedCallback() {
    if (!("BarcodeDetector" in window) || !navigator.mediaDevices) return;
    this.hidden = false;
    this.addEventListener("click", this);
  }

  disconnectedCallback() {
    this.removeEventListener("click", this);
    this.stop();
  }

  async handleEvent() {
    const video = this.querySelector("video");
    this.stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    video.srcObject = this.stream;
    video.hidden = false;
    await video.play();
    this.look(video, new BarcodeDetector());
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

  stop() {
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = null;
  }
});
