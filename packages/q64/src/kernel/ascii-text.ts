// ASCII is where all encodings agree: UTF-8's decoder and encoder are what every platform has in native
// code, and the fastest way from bytes to a string and back.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();

/** The string of bytes that are all in ASCII, as one piece of memory. */
export function textOfAscii(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/**
 * Writes the codes of a string to `target`, which has room for them.
 *
 * @returns false for a string with characters beyond ASCII; what was written is then not defined
 */
export function writeAscii(text: string, target: Uint8Array): boolean {
  // Any other character becomes two bytes or more, or has no room.
  const { read, written } = encoder.encodeInto(text, target);
  return read === text.length && written === text.length;
}
