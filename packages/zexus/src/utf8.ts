import { assert } from '@lucerna/base';

const encoder = new TextEncoder();
// A byte order mark is text like any other: dropping it would make two texts of one.
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The UTF-8 of a text without lone surrogates, which have none. */
export function encodeUtf8(text: string): Uint8Array {
  assert(text.isWellFormed(), 'the text has no lone surrogates');
  return encoder.encode(text);
}

/** The text that the bytes spell; undefined unless they are well-formed UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return strictDecoder.decode(bytes);
  } catch {
    return undefined;
  }
}
