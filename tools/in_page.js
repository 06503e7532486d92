/** Functions that run inside JupyterLab's page, where they see nothing of this module. */

/** What stands under each code cell: the kinds of its outputs as they are on the page, and how many the notebook itself has. */
export function shownCells() {
  const notebook = globalThis.jupyterapp.shell.currentWidget.content;
  const kindOf = (output) =>
    output.querySelector(".vega-embed") === null ? output.dataset.mimeType ?? "" : "application/vnd.vegalite.v5+json";
  return notebook.widgets.filter(({ model }) => model.type === "code").map(({ node, model }) => ({
    id: model.id,
    source: model.sharedModel.getSource(),
    isTrusted: model.trusted,
    held: model.outputs.toJSON(),
    kinds: [...node.querySelectorAll(".jp-OutputArea-output")].map(kindOf),
  }));
}

/** What is not drawn yet, in words; nothing where all is. */
export function undrawn() {
  const notebook = globalThis.jupyterapp.shell.currentWidget.content;
  const hasSize = (element) => element !== null && element.getBoundingClientRect().height > 10;
  const missing = [];
  for (const { node, model } of notebook.widgets) {
    if (model.type !== "code") continue;
    const outputs = [...node.querySelectorAll(".jp-OutputArea-output")];
    if (outputs.length !== model.outputs.length) missing.push(`${model.id}: ${outputs.length} of ${model.outputs.length} outputs`);
    for (const [at, output] of outputs.entries()) {
      if (model.outputs.get(at)?.data["text/plain"] === "") continue; // a display that was taken back
      const mime = output.dataset.mimeType ?? "chart"; // JupyterLab notes the type of all but charts
      if (mime === "chart") {
        const chart = output.querySelector(".vega-embed svg, .vega-embed canvas");
        if (!hasSize(chart)) missing.push(`${model.id}: a chart`);
        else if (chart.tagName === "svg" && chart.querySelector(".mark-symbol, .mark-line, .mark-rect, .mark-rule, path") === null) {
          missing.push(`${model.id}: the chart's marks`);
        }
      } else if (!hasSize(output)) missing.push(`${model.id}: an output of type ${mime}`);
      for (const picture of output.querySelectorAll("img")) {
        if (!picture.complete || picture.naturalWidth === 0) missing.push(`${model.id}: a picture`);
      }
    }
  }
  return missing;
}

/** Texts of outputs that do not stand out from what is behind them: those whose contrast, as WCAG counts it, is below its bound. */
export function illegibleTexts({ text: textBound, chart: chartBound }) {
  const found = [];
  for (const output of document.querySelectorAll(".jp-CodeCell .jp-OutputArea-output, body.plain")) {
    const texts = document.createTreeWalker(output, NodeFilter.SHOW_TEXT);
    for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
      const text = node.data.trim();
      const element = node.parentElement;
      if (text === "" || element.closest('style, script, [class*="ansi-"], .vega-actions, .vega-bindings') !== null) continue;
      if (element.getClientRects().length === 0) continue; // folded away
      const contrast = contrastOf(element);
      if (contrast < (element.closest("svg") === null ? textBound : chartBound)) {
        found.push({ text: text.slice(0, 60), contrast: Math.round(contrast * 100) / 100 });
      }
    }
  }
  return found;

  function contrastOf(element) {
    const behind = backgroundOf(element);
    const style = getComputedStyle(element);
    const own = parsed(element.closest("svg") === null ? style.color : style.fill);
    let alpha = own[3];
    for (let each = element; each !== null; each = each.parentElement) alpha *= Number(getComputedStyle(each).opacity);
    const [a, b] = [luminance(over([own[0], own[1], own[2], alpha], behind)), luminance(behind)];
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  }

  /** All that is painted behind an element, one over the other. */
  function backgroundOf(element) {
    const layers = [];
    for (let each = element; each !== null; each = each.parentElement) layers.unshift(parsed(getComputedStyle(each).backgroundColor));
    return layers.reduce((behind, layer) => over(layer, behind), [255, 255, 255, 1]);
  }

  function over([r, g, b, alpha], behind) {
    return [...[r, g, b].map((value, at) => alpha * value + (1 - alpha) * behind[at]), 1];
  }

  function parsed(color) {
    const [r = 0, g = 0, b = 0, alpha = 1] = (color.match(/[\d.]+/g) ?? []).map(Number);
    return color === "none" || color === "transparent" ? [0, 0, 0, 0] : [r, g, b, alpha];
  }

  function luminance([r, g, b]) {
    const linear = [r, g, b].map((value) => value / 255).map((value) =>
      value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
    );
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  }
}

/** Outputs that are wider than their place, so that a part of them is hidden or the page scrolls sideways. */
export function overflowing() {
  const outputs = [...document.querySelectorAll(".jp-CodeCell .jp-OutputArea-output, body.plain > *")];
  return outputs.filter((output) => output.scrollWidth > output.clientWidth + 1)
    .map((output) => `${output.textContent.trim().slice(0, 60)}: ${output.scrollWidth} in ${output.clientWidth}`);
}

/** Makes the window's content as it is when nobody points at it, for a picture. */
export function settlePage() {
  document.activeElement?.blur?.();
  const panel = document.querySelector(".jp-WindowedPanel-outer");
  if (panel !== null) panel.scrollTop = 0;
}
