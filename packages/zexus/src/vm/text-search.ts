/** Shorter patterns are left to the engine: what it does at worst is their length times as much. */
const SHORT_PATTERN = 16;

/**
 * Finds a pattern, which is not empty, in texts. Takes no longer than the text and the pattern are long,
 * whatever they are: the search of JavaScript engines is quadratic at worst (Knuth, Morris, Pratt 1977).
 */
export class TextSearch {
  readonly pattern: string;
  /** For each prefix of the pattern, the length of the longest other prefix that ends it. */
  readonly #borders: Int32Array | undefined;

  constructor(pattern: string) {
    this.pattern = pattern;
    this.#borders = pattern.length > SHORT_PATTERN ? bordersOf(pattern) : undefined;
  }

  /** Where the pattern first begins at `from` or behind it, in UTF-16 code units; -1 when it does not. */
  find(text: string, from: number): number {
    const { pattern } = this;
    const borders = this.#borders;
    if (borders === undefined) return text.indexOf(pattern, from);
    let matched = 0;
    for (let index = from; index < text.length; index += 1) {
      const unit = text.charCodeAt(index);
      while (matched > 0 && pattern.charCodeAt(matched) !== unit) {
        matched = borders[matched - 1] as number;
      }
      if (pattern.charCodeAt(matched) === unit) matched += 1;
      if (matched === pattern.length) return index - matched + 1;
    }
    return -1;
  }

  /** How often the pattern is in the text, without overlaps, from the left. */
  count(text: string): number {
    let count = 0;
    for (let at = this.find(text, 0); at >= 0; at = this.find(text, at + this.pattern.length)) {
      count += 1;
    }
    return count;
  }

  /** What is between the occurrences that {@link count} counts. */
  split(text: string): string[] {
    const parts: string[] = [];
    let start = 0;
    for (let at = this.find(text, 0); at >= 0; at = this.find(text, start)) {
      parts.push(text.slice(start, at));
      start = at + this.pattern.length;
    }
    parts.push(text.slice(start));
    return parts;
  }
}

function bordersOf(pattern: string): Int32Array {
  const borders = new Int32Array(pattern.length);
  let border = 0;
  for (let index = 1; index < pattern.length; index += 1) {
    const unit = pattern.charCodeAt(index);
    while (border > 0 && pattern.charCodeAt(border) !== unit) {
      border = borders[border - 1] as number;
    }
    if (pattern.charCodeAt(border) === unit) border += 1;
    borders[index] = border;
  }
  return borders;
}
