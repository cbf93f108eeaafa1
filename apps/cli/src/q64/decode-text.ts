import { decodeIterable } from '@lucerna/q64';
import type { Q64CommandOptions } from '../commands/q64-options.ts';
import { cliLimits } from '../limits.ts';
import { decodeGroups } from './grouped.ts';
import { withMovedPosition } from './moved-position.ts';
import { counted, type Parts } from './parts.ts';
import { readWhole } from './read-whole.ts';
import { DenseText, withoutFinalNewline, withoutWhitespace } from './text-input.ts';
import { checkWhole, decodeWhole, type WholeResult } from './whole-encodings.ts';

const { archivePartBytes, q64WholeCharacters } = cliLimits.values;

/** Bytes as they are decoded, each part until the next one is asked for. */
type DecodedParts = { readonly kind: 'parts'; readonly parts: Parts };

/** What a text stands for. */
export type Decoded<Result = DecodedParts | Extract<WholeResult, { readonly kind: 'values' }>> = {
  readonly result: Result;
  /** Of the text without what was passed over; once everything else was read. */
  readonly characters: () => number;
};

/** How a text is read. */
export type TextOptions = Q64CommandOptions & { readonly ignoreWhitespace?: boolean };

/**
 * Decodes a text, which may end in a newline. In `q64` and `eq64` the parts are decoded when they are
 * asked for, the others now.
 *
 * @throws what the functions of `@lucerna/q64` throw, with the position in the whole text;
 *   `INPUT_TOO_LARGE`
 */
export async function decodeText(
  input: AsyncIterable<Uint8Array>,
  options: TextOptions,
): Promise<Decoded> {
  const { encoding } = options;
  if (encoding === 'q64' || encoding === 'eq64') return decodeByParts(input, options);
  return withWholeText(input, options, (text) => {
    const result = decodeWhole(encoding, text, options);
    const characters = (): number => text.length;
    if (result.kind === 'values') return { result, characters };
    return { result: { kind: 'parts', parts: one(result.bytes) }, characters };
  });
}

/** Reads a text to its end. @returns how many characters it has @throws as `decodeText` */
export async function validateText(
  input: AsyncIterable<Uint8Array>,
  options: TextOptions,
): Promise<number> {
  const { encoding } = options;
  if (encoding === 'q64' || encoding === 'eq64') {
    const { result, characters } = decodeByParts(input, options);
    for await (const _part of result.parts);
    return characters();
  }
  return withWholeText(input, options, (text) => {
    checkWhole(encoding, text, options);
    return text.length;
  });
}

function decodeByParts(
  input: AsyncIterable<Uint8Array>,
  { group, ignoreWhitespace = false }: TextOptions,
): Decoded<DecodedParts> {
  const text = withoutFinalNewline(input);
  let characters = 0;
  const count = (length: number): void => {
    characters += length;
  };
  let parts: Parts;
  if (group === undefined) {
    const bytes = decodeIterable(text, {
      chunkSize: archivePartBytes,
      reuseBuffers: true,
      ignoreWhitespace,
    });
    parts = counted(bytes, (length) => count(2 * length));
  } else {
    const dense = ignoreWhitespace ? new DenseText() : undefined;
    parts = decodeGroups(counted(withoutWhitespace(text, dense), count), group, dense);
  }
  return { result: { kind: 'parts', parts }, characters: () => characters };
}

/** Has `read` look at a whole text. */
async function withWholeText<T>(
  input: AsyncIterable<Uint8Array>,
  { encoding, ignoreWhitespace = false }: TextOptions,
  read: (text: Uint8Array) => T,
): Promise<T> {
  const dense = ignoreWhitespace ? new DenseText() : undefined;
  const parts = withoutWhitespace(withoutFinalNewline(input), dense);
  const text = await readWhole(parts, q64WholeCharacters, encoding);
  try {
    return read(text);
  } catch (error) {
    throw withMovedPosition(error, (position) => dense?.originalPosition(position) ?? position);
  }
}

async function* one(bytes: Uint8Array): Parts {
  yield bytes;
}
