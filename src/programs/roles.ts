/** Paths of this machine and of this run in a text, replaced by what they stand for: the text is then the same in another project folder. */

/** A path with its role: `run`, `project`, `input raw`. */
export interface Role {
  /** The absolute path. */
  readonly path: string;
  /** What it stands for. */
  readonly role: string;
}

/** What may follow a path inside a text: its end, a separator, or what separates one path from another. */
const AFTER = /^(?:$|[/\\:;,=\s"')\]}])/;
/** What may stand before it. */
const BEFORE = /(?:^|[:;,=\s"'([{@])$/;

/**
 * The text with every path that has a role as `<role>`. A `<` or `>` of the text itself is doubled, so that no text passes for a role. Longer
 * paths are looked for first.
 */
export function withRoles(text: string, roles: readonly Role[]): string {
  const sorted = roles.filter(({ path }) => path.length > 1).toSorted((one, other) => other.path.length - one.path.length);
  let out = "";
  for (let at = 0; at < text.length;) {
    const role = roleAt(text, at, sorted);
    if (role === undefined) {
      const character = text[at]!;
      out += character === "<" || character === ">" ? character + character : character;
      at++;
    } else {
      out += `<${roleName(role.role)}>`;
      at += role.path.length;
    }
  }
  return out;
}

/** Does the text hold a path with one of these roles? */
export function hasRole(text: string, roles: readonly Role[]): boolean {
  return withRoles(text, roles) !== withRoles(text, []);
}

function roleAt(text: string, at: number, roles: readonly Role[]): Role | undefined {
  return roles.find(({ path }) =>
    text.startsWith(path, at) && AFTER.test(text.slice(at + path.length, at + path.length + 1)) && isStart(text, at)
  );
}

/** A path begins a text, or follows what separates: `--out=/a`, `-I/a`. */
function isStart(text: string, at: number): boolean {
  return BEFORE.test(text.slice(0, at)) || /^-{1,2}[A-Za-z][\w-]*$/.test(text.slice(0, at)) || text.slice(0, at).endsWith("://");
}

const roleName = (role: string): string => role.replaceAll(/[<>]/g, encodeURIComponent);
