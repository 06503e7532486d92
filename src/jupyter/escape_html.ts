/** Text for element content and for attributes in double quotes. */
export function escapeHtml(text: string): string {
  // deno-lint-ignore no-control-regex -- no document may hold these characters
  return text.replace(/[\0-\x08\x0b\x0c\x0e-\x1f]/g, "\ufffd").replace(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`);
}
