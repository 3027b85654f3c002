// Draws every [data-chart]: ECharts' option as the server made it, in the page's colours; the figures stand beside it as a table.
"use strict";
(() => {
  const drawn = new WeakMap();
  const style = () => getComputedStyle(document.documentElement);
  const named = (name, instead) => style().getPropertyValue(name).trim() || instead;
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;

  const dressed = (option, unit) => {
    const ink = named("--tblr-body-color", "#1f2937");
    const pie = (option.series || []).some((one) => one.type === "pie");
    return {
      ...option,
      title: undefined,
      backgroundColor: "transparent",
      animation: !calm,
      textStyle: { ...option.textStyle, color: ink, fontFamily: named("--tblr-font-sans-serif", "sans-serif") },
      grid: { ...option.grid, top: 24 },
      // Tooltips as HTML carry inline styles, which the page's policy forbids.
      tooltip: {
        trigger: pie ? "item" : "axis", renderMode: "richText", confine: true,
        valueFormatter: (value) => (typeof value === "number" ? `${value.toLocaleString("zh-CN")} ${unit}` : "—"),
      },
    };
  };

  const draw = (within) => {
    if (!window.echarts) return;
    for (const box of within.querySelectorAll("[data-chart]")) {
      if (drawn.has(box)) continue;
      const chart = window.echarts.init(box, null, { renderer: "canvas" });
      chart.setOption(dressed(JSON.parse(box.dataset.chart), box.dataset.unit || ""));
      drawn.set(box, chart);
      new ResizeObserver(() => chart.resize()).observe(box);
    }
  };
  draw(document);
  document.addEventListener("htmx:afterSettle", () => draw(document));
})();
