/** The names of Quarto's own cell options: they are Quarto's business, and pass. */

const NAMES = new Set(
  ("label tags classes id eval echo output warning error include message panel layout column renderings results collapse prompt comment " +
    "strip-white tidy purl dpi dev engine child file ref-label interval autodep dependson freeze execution name slideshow lang title " +
    "filename location page-break-before export tidy-opts highlight size background indent cap-location lightbox").split(" "),
);
const FAMILIES = /^(?:fig|tbl|lst|code|cap|layout|out|attr|class|cache|html|pdf|output|ipynb|jupyter|animation|ffmpeg|dev|reveal|column)-/;

/** Is this an option of Quarto's? */
export const isQuartos = (name: string): boolean => NAMES.has(name) || FAMILIES.test(name);
