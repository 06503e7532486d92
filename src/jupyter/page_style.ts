/** The look of a notebook's page: one column, readable in a light and in a dark setting. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --ink: #1f2328; --paper: #ffffff; --soft: #f6f8fa; --line: #d1d9e0; --muted: #59636e; --link: #0969da;
  --comment: #59636e; --text: #0a3069; --keyword: #cf222e; --number: #0550ae; --failed: #ffebe9; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --paper: #0d1117; --soft: #161b22; --line: #30363d; --muted: #9198a1; --link: #4493f8;
    --comment: #9198a1; --text: #a5d6ff; --keyword: #ff7b72; --number: #79c0ff; --failed: #3c1618; }
}
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
article { margin: 0.5rem 0; overflow-x: auto; }
a { color: var(--link); }
h1, h2, h3 { line-height: 1.25; margin: 1.5em 0 0.5em; }
pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; font: 13px/1.5 ui-monospace, monospace; }
.prose img, .picture img { max-width: 100%; }
.prose code { background: var(--soft); padding: 0.1em 0.3em; border-radius: 4px; font-size: 0.9em; }
.prose pre code { background: none; padding: 0; }
.prose table { border-collapse: collapse; }
.prose th, .prose td { border: 1px solid var(--line); padding: 0.25rem 0.6rem; }
.prose blockquote { margin: 0; padding-left: 1rem; border-left: 3px solid var(--line); color: var(--muted); }
.code, .raw, .prose pre { background: var(--soft); border: 1px solid var(--line); border-radius: 6px; padding: 0.7rem 0.9rem; }
.code { margin-top: 1.25rem; display: flex; gap: 0.75rem; }
.count { color: var(--muted); font: 12px/1.6 ui-monospace, monospace; user-select: none; white-space: pre; }
.page { contain: layout paint style; }
.formula { color: var(--muted); }
nav { box-sizing: border-box; max-width: 60rem; margin: 0 auto; padding: 1.25rem 1.25rem 0; font-size: 0.9rem; }
nav ul { list-style: none; margin: 0; padding: 0; } nav a { color: var(--muted); text-decoration: none; } nav a:hover { color: var(--link); }
.level2 { padding-left: 1rem; } .level3 { padding-left: 2rem; }
@media (min-width: 92rem) {
  nav { position: fixed; top: 0; left: 0; width: calc((100vw - 60rem) / 2); max-height: 100vh; overflow-y: auto; padding: 2.5rem 1.25rem; }
}
@media print { nav { display: none; } .code, .output { break-inside: avoid; } }
.output { padding: 0.25rem 0.9rem; }
.stderr, .error { background: var(--failed); border-radius: 6px; padding: 0.6rem 0.9rem; }
.picture img { background: #ffffff; border-radius: 6px; }
.comment { color: var(--comment); } .text { color: var(--text); } .keyword { color: var(--keyword); } .number { color: var(--number); }
`;
