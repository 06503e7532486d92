/** Examples of everything a notebook shows. The gallery and the golden files are made from these. */
import { CHARTS } from "./gallery_charts.ts";
import { COMPARISONS } from "./gallery_comparisons.ts";
import type { Example } from "./gallery_example.ts";
import { HOSTILE_EXAMPLES } from "./gallery_hostile.ts";
import { LISTS } from "./gallery_lists.ts";
import { RUNS } from "./gallery_runs.ts";
import { TABLES } from "./gallery_tables.ts";

/** Everything that the gallery shows. */
export const GALLERY: readonly Example[] = [...RUNS, ...LISTS, ...TABLES, ...CHARTS, ...COMPARISONS];

/** Everything that is compared with a golden file: the gallery, and what must not break it. */
export const EXAMPLES: readonly Example[] = [...GALLERY, ...HOSTILE_EXAMPLES];
