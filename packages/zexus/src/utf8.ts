import { assert, equalBytes } from '@lucerna/base';

const encoder = new TextEncoder();
// A byte order mark is text like any other: dropping it would make two texts of one.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
/** What a decoder puts where bytes spell nothing. */
const REPLACEMENT = '\ufffd';

/** The UTF-8 of a text without lone surrogates, which have none. */
export function encodeUtf8(text: string): Uint8Array {
  assert(text.isWellFormed(), 'the text has no lone surrogates');
  return encoder.encode(text);
}

/** The text that the bytes spell; undefined unless they are well-formed UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  // A strict decoder throws, which takes as long as a thousand bytes, and contracts can make it often.
  const text = decoder.decode(bytes);
  if (!text.includes(REPLACEMENT)) return text;
  return equalBytes(encoder.encode(text), bytes) ? text : undefined;
}
