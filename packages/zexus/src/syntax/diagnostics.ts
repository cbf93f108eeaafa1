import { zexusLimits } from '../limits.ts';
import type { DiagnosticCode } from './diagnostic-codes.ts';
import type { SourceFile, Span } from './source.ts';

export type DiagnosticSeverity = 'error' | 'warning';

/** One thing that is wrong, or doubtful, in a source text. */
export type Diagnostic = {
  readonly code: DiagnosticCode;
  readonly severity: DiagnosticSeverity;
  /** One clause without a full stop. */
  readonly message: string;
  /** The file in which the span lies. */
  readonly source: SourceFile;
  readonly span: Span;
  /** What to write instead. */
  readonly hint?: string;
};

export type DiagnosticOptions = {
  readonly hint?: string | undefined;
  /** `error` unless told. */
  readonly severity?: DiagnosticSeverity;
};

/**
 * Collects the diagnostics of one compilation, at most as many as the limit allows; the last one then
 * says that there are more. Of several errors that begin at one place only the first is kept: the
 * others follow from it. Of equal warnings one is kept, as several contracts can share code.
 */
export class DiagnosticSink {
  readonly #diagnostics: Diagnostic[] = [];
  /** In the order in which something was first reported about them, the first file before. */
  readonly #places = new Map<
    SourceFile,
    { readonly errors: Set<number>; readonly seen: Set<string> }
  >();
  #source: SourceFile;
  #warnings = 0;
  #hasErrors = false;
  #isFull = false;

  constructor(source: SourceFile) {
    this.#source = source;
    this.#placesOf(source);
  }

  /** No further diagnostic is kept. */
  get isFull(): boolean {
    return this.#isFull;
  }

  get hasErrors(): boolean {
    return this.#hasErrors;
  }

  /** Does the work, whose reports are about the file `source`. */
  within<Result>(source: SourceFile, work: () => Result): Result {
    const outer = this.#source;
    this.#source = source;
    try {
      return work();
    } finally {
      this.#source = outer;
    }
  }

  report(code: DiagnosticCode, span: Span, message: string, options: DiagnosticOptions = {}): void {
    const { hint, severity = 'error' } = options;
    if (this.#isFull) return;
    const source = this.#source;
    const { errors, seen } = this.#placesOf(source);
    if (severity === 'error') {
      if (errors.has(span.start)) return;
      errors.add(span.start);
      this.#hasErrors = true;
    } else {
      const key = `${code} ${span.start} ${span.end} ${message}`;
      if (seen.has(key)) return;
      seen.add(key);
      if (!this.#admitWarning(span)) return;
    }
    if (this.#diagnostics.length + 1 >= zexusLimits.values.diagnostics) {
      this.#isFull = true;
      this.#diagnostics.push({
        code: 'DIAGNOSTICS_LIMIT',
        severity: 'error',
        message: 'too many errors: the rest is not reported',
        source,
        span,
      });
      return;
    }
    const diagnostic = { code, severity, message, source, span };
    this.#diagnostics.push(hint === undefined ? diagnostic : { ...diagnostic, hint });
  }

  /** Reports what another sink has collected. */
  add({ source, code, span, message, ...options }: Diagnostic): void {
    this.within(source, () => this.report(code, span, message, options));
  }

  /** Warnings get half of the room, so that they never hide that there is an error. */
  #admitWarning(span: Span): boolean {
    this.#warnings += 1;
    const most = zexusLimits.values.diagnostics >> 1;
    if (this.#warnings === most) {
      const message = 'too many warnings: the rest is not reported';
      const source = this.#source;
      this.#diagnostics.push({
        code: 'DIAGNOSTICS_LIMIT',
        severity: 'warning',
        message,
        source,
        span,
      });
    }
    return this.#warnings < most;
  }

  #placesOf(source: SourceFile): { readonly errors: Set<number>; readonly seen: Set<string> } {
    let places = this.#places.get(source);
    if (places === undefined) {
      places = { errors: new Set(), seen: new Set() };
      this.#places.set(source, places);
    }
    return places;
  }

  /** What was reported, file by file, in the order of the text. */
  sorted(): readonly Diagnostic[] {
    const files = [...this.#places.keys()];
    return this.#diagnostics.toSorted(
      (left, right) =>
        files.indexOf(left.source) - files.indexOf(right.source) ||
        left.span.start - right.span.start,
    );
  }
}

/** A place in a text as people count: line and column begin at 1, columns in code points. */
export type SourcePosition = { readonly line: number; readonly column: number };

/** Where `offset` lies. Lines end with CR, LF or CR LF. */
export function locate(source: SourceFile, offset: number): SourcePosition {
  const { line, start } = lineAt(source.text, offset);
  return { line, column: codePoints(source.text, start, offset) + 1 };
}

/**
 * The diagnostic for people to read:
 *
 * ```text
 * token.zx:3:13: error: expected a value, found `;` [EXPECTED_EXPRESSION]
 *     let a = ;
 *             ^
 * hint: …
 * ```
 *
 * Characters that a terminal would obey instead of showing are replaced; a long line is cut to a
 * window around the place.
 */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { source, span } = diagnostic;
  const { line, start } = lineAt(source.text, span.start);
  const column = codePoints(source.text, start, span.start) + 1;
  const place = `${visible(source.name)}:${line}:${column}`;
  const lines = [
    `${place}: ${diagnostic.severity}: ${visible(diagnostic.message)} [${diagnostic.code}]`,
    ...excerpt(source.text, start, span),
  ];
  if (diagnostic.hint !== undefined) lines.push(`hint: ${visible(diagnostic.hint)}`);
  return lines.join('\n');
}

/** The source line and the line of carets under it, both cut to a window that holds the place. */
function excerpt(text: string, lineStart: number, span: Span): readonly [string, string] {
  const limit = zexusLimits.values.diagnosticLineCharacters;
  const from = Math.max(lineStart, span.start - (limit >> 1));
  let to = span.start;
  while (to < text.length && to - from < limit && !isLineEnd(text, to)) to += 1;
  const prefix = from === lineStart ? '' : '… ';
  const suffix = to === text.length || isLineEnd(text, to) ? '' : ' …';
  const before = [...prefix, ...text.slice(from, span.start)];
  const padding = before.map((character) => (character === '\t' ? '\t' : ' ')).join('');
  const marked = codePoints(text, span.start, Math.min(span.end, to));
  const line = `${prefix}${visible(text.slice(from, to))}${suffix}`;
  return [line, `${padding}${'^'.repeat(Math.max(1, marked))}`];
}

function lineAt(text: string, offset: number): { readonly line: number; readonly start: number } {
  let line = 1;
  let start = 0;
  for (let index = 0; index < offset; index += 1) {
    if (!isLineEnd(text, index)) continue;
    const isFirstOfPair = text[index] === '\r' && text[index + 1] === '\n';
    if (isFirstOfPair) continue;
    line += 1;
    start = index + 1;
  }
  return { line, start };
}

/** The lines that a stretch of the text lies on, without what ends the last one. */
export function linesAround(text: string, { start, end }: Span): Span {
  let from = start;
  while (from > 0 && !isLineEnd(text, from - 1)) from -= 1;
  let to = end;
  while (to < text.length && !isLineEnd(text, to)) to += 1;
  return { start: from, end: to };
}

/** Whether a line ends with the code unit at `index`. */
export function isLineEnd(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  return unit === 0x0a || unit === 0x0d;
}

/** How many code points begin in the stretch; half a surrogate pair counts as one. */
function codePoints(text: string, start: number, end: number): number {
  let count = 0;
  for (let index = start; index < end; index += 1) {
    const unit = text.charCodeAt(index);
    const isSecondHalf =
      unit >= 0xdc00 && unit <= 0xdfff && index > start && isHigh(text, index - 1);
    if (!isSecondHalf) count += 1;
  }
  return count;
}

function isHigh(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  return unit >= 0xd800 && unit <= 0xdbff;
}

/** Control characters but the tab, and those that hide or reorder text (Unicode TR 36). */
const INVISIBLE = /(?!\t)\p{Cc}|[\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/gu;

/** `text` with a replacement character for each one that a terminal would obey instead of showing. */
function visible(text: string): string {
  return text.toWellFormed().replace(INVISIBLE, '\ufffd');
}
