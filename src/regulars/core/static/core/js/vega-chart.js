/* <vega-chart data-spec-id="id of a JSON script"></vega-chart>
   Draws a Vega-Lite specification with the tokens' colours, again when light turns to dark.
   Loads the library (data-vega on <html>) when the first chart is on the page.
   Fires: drawn (bubbles). Nothing is evaluated: the expressions are interpreted (ast). */
let library;
const loaded = () => library ??= new Promise((resolve, reject) => {
  const script = document.createElement("script");
  script.src = document.documentElement.dataset.vega;
  script.onload = resolve;
  script.onerror = reject;
  document.head.append(script);
});

const config = (element) => {
  const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const token = (name) => {
    element.style.color = `var(--${name})`;
    probe.fillStyle = getComputedStyle(element).color;
    probe.fillRect(0, 0, 1, 1);
    element.style.removeProperty("color");
    return `rgb(${[...probe.getImageData(0, 0, 1, 1).data.slice(0, 3)].join(" ")})`;
  };
  const [muted, line, accent, ink] = ["ink-muted", "line", "accent", "ink"].map(token);
  const axis = {
    labelColor: muted, titleColor: muted, gridColor: line, domainColor: line, tickColor: line,
    labelFontSize: 13, titleFontSize: 13, titleFontWeight: "normal",
  };
  return {
    axis, font: getComputedStyle(element).fontFamily, background: "transparent", view: { stroke: null },
    mark: { color: accent }, rule: { color: accent }, point: { color: accent, opacity: 1 }, legend: { labelColor: ink, titleColor: muted }, 
    range: { category: [accent, ...["highlight", "good", "info", "ink-muted"].map(token)] },
    style: { band: { fillOpacity: 0.22 }, mean: { strokeDash: [5, 4] } },
  };
};

customElements.define("vega-chart", class extends HTMLElement {
  connectedCallback() {
    this.scheme = matchMedia("(prefers-color-scheme: dark)");
    this.scheme.addEventListener("change", this);
    this.draw();
  }

  disconnectedCallback() {
    this.scheme.removeEventListener("change", this);
    this.result?.finalize();
  }

  handleEvent() { this.draw(); }

  async draw() {
    const { spec, locale } = JSON.parse(document.getElementById(this.dataset.specId).textContent);
    await Promise.all([loaded(), document.fonts.ready]);
    if (!this.isConnected) return;
    this.result?.finalize();
    this.result = await window.vegaEmbed(this, spec, {
      ast: true, actions: false, defaultStyle: false, renderer: "svg", config: config(this),
      formatLocale: locale, tooltip: { disableDefaultStyle: true },
    });
    this.dispatchEvent(new CustomEvent("drawn", { bubbles: true }));
  }
});
