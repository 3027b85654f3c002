// Draws charts as SVG without a browser: a list of {width, height, option} on stdin, a list of SVG texts on stdout.
// The first argument is the folder node_modules; node runs this for one report and ends.
import { readFileSync, writeSync } from "node:fs";
import { createRequire } from "node:module";

const echarts = createRequire(process.argv[2] + "/")("echarts");
const pictures = JSON.parse(readFileSync(0, "utf8")).map(({ width, height, option }) => {
  const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width, height });
  chart.setOption(option);
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
});

// A pipe takes a write in parts, and process.exit would not wait for an asynchronous one.
const out = Buffer.from(JSON.stringify(pictures));
for (let at = 0; at < out.length; ) {
  try {
    at += writeSync(1, out, at);
  } catch (error) {
    if (error.code !== "EAGAIN") throw error;
  }
}
