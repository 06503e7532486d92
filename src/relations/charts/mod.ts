/** Charts as files, and charts that were kept. Loaded with the first of them. */
export { KeptChart } from "./kept_chart.ts";
export { ChartFiles, saveChart } from "./save_chart.ts";
