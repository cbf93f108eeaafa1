/**
 * About how many instructions a regular expression compiles to, at the cost of one look at its text:
 * one for each atom and operator, times the counts of its repetitions. What is malformed has some size.
 */
export function estimateRegexSize(pattern: string): number {
  /** Sizes of the groups that are open, before their parts since the last atom. */
  const open: number[] = [];
  let sum = 0;
  let atom = 0;
  let index = 0;
  while (index < pattern.length) {
    TOKEN.lastIndex = index;
    const token = TOKEN.exec(pattern)?.[0] ?? (pattern[index] as string);
    index += token.length;
    const copies = copiesOf(token);
    if (copies !== undefined) atom = Math.min(atom * copies, Number.MAX_SAFE_INTEGER);
    else if (token === '(') {
      open.push(sum + atom);
      sum = 0;
      atom = 0;
    } else if (token === ')') {
      atom += sum + 2;
      sum = open.pop() ?? 0;
    } else {
      sum += atom;
      atom = token.startsWith('\\Q') ? token.length : 1;
    }
  }
  return open.reduce((total, size) => total + size, sum + atom);
}

/**
 * A quotation, an escape (with its braces), a class, a count; anything else is one character. A group's
 * flags and name count as characters.
 */
const TOKEN =
  /\\Q(?:[^\\]|\\(?!E))*(?:\\E)?|\\[pPx]\{[^}]*\}|\\[\s\S]|\[\^?\]?(?:\\[\s\S]|\[:[^\]]*:\]|[^\]\\])*\]|\{\d+(?:,\d*)?\}/y;

/** How often a count repeats what is before it, at least and at most whichever is more. */
function copiesOf(token: string): number | undefined {
  const counts = /^\{(\d+)(?:,(\d*))?\}$/.exec(token);
  if (counts === null) return undefined;
  return Math.max(Number(counts[1]), Number(counts[2] ?? 0), 1);
}
