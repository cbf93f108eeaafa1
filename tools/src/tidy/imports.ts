import type { MaskedSource } from './mask-source.ts';

/**
 * `import` and `reexport` load a module before this one (type-only ones count too: they couple the
 * files just as much); `dynamic` loads it when the line runs; `url` names an entry for a worker.
 */
export type ImportKind = 'import' | 'reexport' | 'dynamic' | 'url';

export type Import = {
  readonly kind: ImportKind;
  readonly specifier: string;
  /** Offset in the source text. */
  readonly offset: number;
};

/** Each pattern ends where the quote of the specifier begins. */
const patterns: readonly (readonly [ImportKind, RegExp])[] = [
  ['import', /(?<![.\w$])from\s*(?=['"])/g],
  ['import', /(?<![.\w$])import\s*(?=['"])/g],
  ['dynamic', /(?<![.\w$])import\s*\(\s*(?=['"`])/g],
  ['url', /(?<![.\w$])new\s+URL\s*\(\s*(?=['"`])/g],
  ['url', /(?<![.\w$])import\.meta\.resolve\s*\(\s*(?=['"`])/g],
];

/** Everything that a source names another module with, in the order of the text. */
export function importsOf({ code, strings }: MaskedSource): readonly Import[] {
  const found: Import[] = [];
  for (const [kind, pattern] of patterns) {
    for (const match of code.matchAll(pattern)) {
      const specifier = strings.get(match.index + match[0].length);
      if (specifier === undefined) continue;
      const reexports = match[0].startsWith('from') && isExport(code, match.index);
      found.push({ kind: reexports ? 'reexport' : kind, specifier, offset: match.index });
    }
  }
  return found.sort((a, b) => a.offset - b.offset);
}

/** Between the keyword and `from` stand only names, so the nearest keyword is the statement's. */
function isExport(code: string, from: number): boolean {
  const before = code.slice(0, from);
  return before.search(/\bexport\b(?![\s\S]*\b(?:import|export)\b)/) >= 0;
}
