import { zexusLimits } from '../limits.ts';
import { isLineEnd } from '../syntax/diagnostics.ts';
import type { SourceFile } from '../syntax/source.ts';
import { encodeUtf8 } from '../utf8.ts';

/** A place in a source: both from 1, the column in code points. */
export type Place = { readonly line: number; readonly column: number };

/** Finds places in the files of a compilation. */
export class PlacesOfFiles {
  readonly #places = new Map<SourceFile, SourcePlaces>();

  of(source: SourceFile): SourcePlaces {
    let places = this.#places.get(source);
    if (places === undefined) {
      places = new SourcePlaces(source);
      this.#places.set(source, places);
    }
    return places;
  }
}

/** The files of a source map: first that of the contract, then others in the order of their use. */
export class SourceFiles {
  readonly names: string[] = [];
  readonly #places: PlacesOfFiles;
  readonly #indexes = new Map<SourceFile, number>();

  constructor(places: PlacesOfFiles, source: SourceFile) {
    this.#places = places;
    this.indexOf(source);
  }

  indexOf(source: SourceFile): number {
    const known = this.#indexes.get(source);
    if (known !== undefined) return known;
    this.#indexes.set(source, this.names.length);
    return this.names.push(this.#places.of(source).file) - 1;
  }
}

/** Finds lines and columns of a text, each in a time that does not depend on its length. */
export class SourcePlaces {
  /** What a source map calls the file. */
  readonly file: string;
  readonly #text: string;
  /** Where lines begin. */
  readonly #lines: readonly number[];
  /** Code points that begin before each offset. */
  readonly #points: Uint32Array;
  /** The first character of each line that is no blank, where it was asked for. */
  readonly #indents = new Map<number, number>();

  constructor({ name, text }: SourceFile) {
    this.file = fileName(name);
    this.#text = text;
    this.#lines = lineStarts(text);
    this.#points = codePointCounts(text);
  }

  /**
   * The place that stands for an expression of a statement: that of the statement, or, on the further
   * lines of a long one, the beginning of the line. So lines are exact, and places few.
   */
  of(statementStart: number, expressionStart: number): Place {
    const line = this.#lineAt(expressionStart);
    if (line === this.#lineAt(statementStart)) return this.#place(line, statementStart);
    return this.#place(line, this.#indent(line));
  }

  #place(line: number, offset: number): Place {
    const start = this.#lines[line] as number;
    const column = (this.#points[offset] as number) - (this.#points[start] as number);
    return { line: line + 1, column: column + 1 };
  }

  /** Position of the line in which the offset lies. */
  #lineAt(offset: number): number {
    let [low, high] = [0, this.#lines.length];
    while (low + 1 < high) {
      const middle = (low + high) >> 1;
      if ((this.#lines[middle] as number) <= offset) low = middle;
      else high = middle;
    }
    return low;
  }

  #indent(line: number): number {
    let offset = this.#indents.get(line);
    if (offset === undefined) {
      offset = this.#lines[line] as number;
      while (this.#text[offset] === ' ' || this.#text[offset] === '\t') offset += 1;
      this.#indents.set(line, offset);
    }
    return offset;
  }
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let index = 0; index < text.length; index += 1) {
    if (!isLineEnd(text, index)) continue;
    const isFirstOfPair = text[index] === '\r' && text[index + 1] === '\n';
    if (!isFirstOfPair) starts.push(index + 1);
  }
  return starts;
}

function codePointCounts(text: string): Uint32Array {
  const counts = new Uint32Array(text.length + 1);
  let index = 0;
  let count = 0;
  for (const character of text) {
    counts.fill(count, index, index + character.length);
    index += character.length;
    count += 1;
  }
  counts[index] = count;
  return counts;
}

/** Without folders, which are nobody's business, and not too long. */
function fileName(name: string): string {
  const parts = name.toWellFormed().split(/[/\\]/);
  const characters = [...(parts.at(-1) ?? '')];
  const { containerFileNameBytes } = zexusLimits.values;
  // The end has the extension. A code point has four bytes at most.
  let kept = characters.slice(-containerFileNameBytes);
  while (encodeUtf8(kept.join('')).length > containerFileNameBytes) kept = kept.slice(1);
  return kept.join('');
}
