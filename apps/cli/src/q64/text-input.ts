import { joinBytes } from '@lucerna/base';
import type { Parts } from './parts.ts';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * The parts of a text without the newline (`\n` or `\r\n`) at its very end, which editors, `echo` and
 * `lucerna q64 encode` put there. Each part holds until the next one is asked for.
 */
export async function* withoutFinalNewline(parts: AsyncIterable<Uint8Array>): Parts {
  /** What may turn out to be the newline. */
  let held: Uint8Array = new Uint8Array(0);
  for await (const part of parts) {
    if (part.length === 0) continue;
    const joined = held.length === 0 ? part : joinBytes([held, part]);
    const end = joined.length - newlineLength(joined);
    held = joined.slice(end);
    if (end > 0) yield joined.subarray(0, end);
  }
  // A carriage return alone is none.
  if (held.length > 0 && held.at(-1) !== LINE_FEED) yield held;
}

/** How many bytes at the end may be the newline or its beginning. */
function newlineLength(part: Uint8Array): number {
  const last = part.at(-1);
  if (last === CARRIAGE_RETURN) return 1;
  if (last !== LINE_FEED) return 0;
  return part.at(-2) === CARRIAGE_RETURN ? 2 : 1;
}

/** Tab, line feed, form feed, carriage return and space: what streams of q64 pass over when asked to. */
const WHITESPACE: ReadonlySet<number> = new Set([0x09, 0x0a, 0x0c, 0x0d, 0x20]);

/** Takes whitespace out of a text, and remembers where the rest of it stood. */
export class DenseText {
  /** Pieces without whitespace that were not forgotten: where each begins now, and where it stood. */
  #runs: { readonly position: number; readonly original: number }[] = [];
  #length = 0;
  #originalLength = 0;

  /** The next part of the text, without whitespace. */
  push(part: Uint8Array): Uint8Array {
    let isBehindGap = true;
    let kept = 0;
    const dense = new Uint8Array(part.length);
    for (let index = 0; index < part.length; index += 1) {
      const code = part[index] as number;
      if (WHITESPACE.has(code)) {
        isBehindGap = true;
        continue;
      }
      if (isBehindGap) {
        this.#runs.push({ position: this.#length + kept, original: this.#originalLength + index });
        isBehindGap = false;
      }
      dense[kept] = code;
      kept += 1;
    }
    this.#length += kept;
    this.#originalLength += part.length;
    return dense.subarray(0, kept);
  }

  /** Where the character that is at `position` now stood; the end of the text for one behind it. */
  originalPosition(position: number): number {
    if (position >= this.#length) return this.#originalLength;
    const run = this.#runs.findLast((candidate) => candidate.position <= position);
    return run === undefined ? position : run.original + position - run.position;
  }

  /** Nobody will ask for a place before `position`. */
  forget(position: number): void {
    const first = this.#runs.findLastIndex((run) => run.position <= position);
    if (first > 0) this.#runs = this.#runs.slice(first);
  }
}

/** The parts without whitespace, as `dense` remembers them; as they are without it. */
export async function* withoutWhitespace(
  parts: AsyncIterable<Uint8Array>,
  dense: DenseText | undefined,
): Parts {
  for await (const part of parts) yield dense === undefined ? part : dense.push(part);
}
