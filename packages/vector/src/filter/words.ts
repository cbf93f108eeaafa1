// Sets of rows as words of 32 bits, laid out as in RowSet, for work inside of one filter. Binary
// operations take arrays of equal length.

/** Leaves in `target` what is also in `other`. */
export function intersectWords(target: Uint32Array, other: Uint32Array): void {
  for (let index = 0; index < target.length; index += 1) {
    target[index] = (target[index] as number) & (other[index] as number);
  }
}

/** Takes into `target` what is in `other`. */
export function uniteWords(target: Uint32Array, other: Uint32Array): void {
  for (let index = 0; index < target.length; index += 1) {
    target[index] = (target[index] as number) | (other[index] as number);
  }
}

/** Takes out of `target` what is in `other`. */
export function subtractWords(target: Uint32Array, other: Uint32Array): void {
  for (let index = 0; index < target.length; index += 1) {
    target[index] = (target[index] as number) & ~(other[index] as number);
  }
}

export function markRow(words: Uint32Array, row: number): void {
  words[row >>> 5] = (words[row >>> 5] as number) | (1 << (row & 31));
}

export function hasRow(words: Uint32Array, row: number): boolean {
  return (((words[row >>> 5] ?? 0) >>> (row & 31)) & 1) === 1;
}

/** How many rows there are; stops counting once there are more than `most`. */
export function countRows(words: Uint32Array, most: number): number {
  let count = 0;
  for (let index = 0; index < words.length && count <= most; index += 1) {
    let word = words[index] as number;
    while (word !== 0) {
      count += 1;
      word &= word - 1;
    }
  }
  return count;
}

/** Calls `visit` with each row, in ascending order. */
export function eachRow(words: Uint32Array, visit: (row: number) => void): void {
  for (let index = 0; index < words.length; index += 1) {
    let word = words[index] as number;
    while (word !== 0) {
      visit((index << 5) | (31 - Math.clz32(word & -word)));
      word &= word - 1;
    }
  }
}

/** Those of the rows for which `holds` is true. */
export function keepRows(words: Uint32Array, holds: (row: number) => boolean): Uint32Array {
  const kept = new Uint32Array(words.length);
  eachRow(words, (row) => {
    if (holds(row)) markRow(kept, row);
  });
  return kept;
}
