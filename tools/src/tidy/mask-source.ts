/** A source text in which only code is left to read. */
export type MaskedSource = {
  /** As long as the text, with comments and the contents of literals replaced by spaces. */
  readonly code: string;
  /** The values of string literals by the offset of their opening quote. */
  readonly strings: ReadonlyMap<number, string>;
};

/** After these words a slash starts a regular expression; after any other word it divides. */
const wordsBeforeRegExp: ReadonlySet<string> = new Set(
  'await case delete do else in instanceof of return throw typeof void yield'.split(' '),
);

/**
 * Blanks everything that is not code, so that rules can search without being misled by comments,
 * strings or regular expressions. Expressions inside template literals count as code.
 */
export function maskSource(text: string): MaskedSource {
  const masked = text.split('');
  const strings = new Map<number, string>();
  /** For each open `${`, how many braces are open inside it. */
  const openBraces: number[] = [];

  const blank = (from: number, to: number): void => {
    for (let i = from; i < Math.min(to, text.length); i += 1)
      if (masked[i] !== '\n') masked[i] = ' ';
  };

  const skipTo = (start: number, end: number): number => {
    const stop = end < 0 ? text.length : end;
    blank(start, stop);
    return stop;
  };

  const skipString = (start: number): number => {
    const end = endOfQuoted(text, start);
    strings.set(start, text.slice(start + 1, end));
    blank(start + 1, end);
    return end + 1;
  };

  /** `start` is behind the backtick or behind the brace that closed an expression. */
  const skipTemplateText = (start: number): number => {
    const end = endOfTemplateText(text, start);
    if (text[start - 1] === '`' && text[end] === '`') {
      strings.set(start - 1, text.slice(start, end));
    }
    blank(start, end);
    if (text[end] !== '$') return end + 1;
    openBraces.push(0);
    return end + 2;
  };

  const skipBrace = (at: number): number => {
    const depth = openBraces.pop();
    if (depth === undefined) return at + 1;
    if (text[at] === '}' && depth === 0) return skipTemplateText(at + 1);
    openBraces.push(text[at] === '{' ? depth + 1 : depth - 1);
    return at + 1;
  };

  const skipSlash = (at: number): number => {
    if (text[at + 1] === '/') return skipTo(at, text.indexOf('\n', at));
    if (text[at + 1] === '*') {
      const end = text.indexOf('*/', at + 2);
      return skipTo(at, end < 0 ? end : end + 2);
    }
    return startsRegExp(masked, at) ? skipTo(at + 1, endOfRegExp(text, at)) + 1 : at + 1;
  };

  let at = text.startsWith('#!') ? skipTo(0, text.indexOf('\n')) : 0;
  while (at < text.length) {
    const char = text[at];
    if (char === '/') at = skipSlash(at);
    else if (char === "'" || char === '"') at = skipString(at);
    else if (char === '`') at = skipTemplateText(at + 1);
    else if (char === '{' || char === '}') at = skipBrace(at);
    else at += 1;
  }
  return { code: masked.join(''), strings };
}

/** The offset of the closing quote, or of the line's end when there is none. */
function endOfQuoted(text: string, start: number): number {
  const quote = text[start];
  let at = start + 1;
  while (at < text.length && text[at] !== quote && text[at] !== '\n') {
    at += text[at] === '\\' ? 2 : 1;
  }
  return at;
}

/** The offset of the backtick or of the `${` that ends this stretch of text. */
function endOfTemplateText(text: string, start: number): number {
  let at = start;
  while (at < text.length && text[at] !== '`' && !text.startsWith('${', at)) {
    at += text[at] === '\\' ? 2 : 1;
  }
  return at;
}

/** The offset of the closing slash; a slash inside a character class closes nothing. */
function endOfRegExp(text: string, start: number): number {
  let inClass = false;
  let at = start + 1;
  while (at < text.length && text[at] !== '\n' && (inClass || text[at] !== '/')) {
    if (text[at] === '[') inClass = true;
    if (text[at] === ']') inClass = false;
    at += text[at] === '\\' ? 2 : 1;
  }
  return at;
}

function startsRegExp(masked: readonly string[], slash: number): boolean {
  let at = slash - 1;
  while (at >= 0 && /\s/.test(masked[at] ?? '')) at -= 1;
  const previous = masked[at];
  if (previous === undefined) return true;
  if ('+-'.includes(previous) && masked[at - 1] === previous) return false;
  if (!/[\w$]/.test(previous)) return !`)]}'"\``.includes(previous);
  let start = at;
  while (start > 0 && /[\w$]/.test(masked[start - 1] ?? '')) start -= 1;
  return wordsBeforeRegExp.has(masked.slice(start, at + 1).join(''));
}
