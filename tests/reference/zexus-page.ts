/** A fenced block of a page: ```` ```zexus members ```` has the words `['members']`. */
export type Fence = {
  readonly words: readonly string[];
  /** Without the fence's own lines. */
  readonly text: string;
  /** Line of the page at which the text begins, counted from 1. */
  readonly line: number;
};

/** The fenced blocks of a page in a language, in their order. */
export function fences(page: string, language: string): readonly Fence[] {
  const found: Fence[] = [];
  const lines = page.split('\n');
  for (let index = 0; index < lines.length; index += 1) {
    const [, info] = /^```(\S.*)$/.exec(lines[index] as string) ?? [];
    if (info === undefined) continue;
    const end = lines.indexOf('```', index + 1);
    const [first, ...words] = info.split(' ');
    const text = lines.slice(index + 1, end).join('\n');
    if (first === language) found.push({ words, text, line: index + 2 });
    index = end;
  }
  return found;
}

/**
 * What a comment of an example says of it. Of an expression: it equals another one, fails, or does
 * not compile; of a line: it does not compile.
 */
export type Claim = {
  readonly expression: string;
  /** Line of the example, counted from 1. */
  readonly line: number;
  readonly kind: 'error' | 'fails' | 'is' | 'runs';
  /** The value, the reason as a call that fails gives it, or the code of the diagnostic. */
  readonly expected: string;
};

const PANIC = /^Panic 0x([0-9a-f]{2})$/;

/**
 * The claims of an example of declarations: lines that are comments such as `// f(2) is 3`,
 * `// f(0) fails: "division by zero"`, `// f(0) fails: Panic 0x12` or `// f(1) runs`, and ends of lines
 * such as `// error NAME_UNKNOWN`.
 */
export function claimsOf(text: string): readonly Claim[] {
  return text.split('\n').flatMap((line, index) => {
    const [, code] = /\/\/ error ([A-Z_]+)$/.exec(line) ?? [];
    if (code !== undefined) {
      return [{ expression: '', line: index + 1, kind: 'error' as const, expected: code }];
    }
    const [, comment] = /^\s*\/\/ ([a-z_A-Z.]+\(.*\) (?:is |fails: |runs$).*)$/.exec(line) ?? [];
    return comment === undefined ? [] : [claim(comment, index + 1)];
  });
}

/** The claims of an example of values, one a line: `7 / 2 // is 3`, `1 / 0 // fails: Panic 0x12`. */
export function valueClaims(text: string): readonly Claim[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    const [, expression, said] = /^(.*?) +\/\/ (.*)$/.exec(line) ?? [];
    if (expression === undefined || said === undefined) throw new Error(`no claim: ${line}`);
    return [claim(`${expression} ${said}`, index + 1)];
  });
}

function claim(text: string, line: number): Claim {
  const [, expression, word, rest] = /^(.*?) (is|fails:|runs|error)(?: (.*))?$/.exec(text) ?? [];
  if (expression === undefined || word === undefined) throw new Error(`no claim: ${text}`);
  const expected = rest ?? '';
  switch (word) {
    case 'is':
    case 'runs':
    case 'error':
      return { expression, line, kind: word, expected };
    default: {
      const [, digits] = PANIC.exec(expected) ?? [];
      const reason = digits === undefined ? JSON.parse(expected) : `panic ${parseInt(digits, 16)}`;
      return { expression, line, kind: 'fails', expected: reason };
    }
  }
}
