import { present } from '@lucerna/base';
import { decodeUtf8, encodeUtf8 } from '../utf8.ts';

// What changes all of a text works on its UTF-8: engines turn texts into bytes and back in little time.

/** The text with each character of ASCII from `first` to `last` moved by `offset` among them. */
export function shiftAscii(text: string, first: number, last: number, offset: number): string {
  const bytes = encodeUtf8(text);
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index] as number;
    if (byte >= first && byte <= last) bytes[index] = byte + offset;
  }
  return textOf(bytes);
}

/** The code points of a text in the reverse order. */
export function reverseText(text: string): string {
  const bytes = encodeUtf8(text);
  const reversed = new Uint8Array(bytes.length);
  let to = bytes.length;
  for (let from = 0; from < bytes.length; ) {
    const end = endOfPoint(bytes, from);
    to -= end - from;
    for (let index = from; index < end; index += 1) {
      reversed[to + index - from] = bytes[index] as number;
    }
    from = end;
  }
  return textOf(reversed);
}

/** Where the code point ends that begins at `start`: the bytes behind its first are 10xxxxxx. */
function endOfPoint(bytes: Uint8Array, start: number): number {
  let end = start + 1;
  while (end < bytes.length && ((bytes[end] as number) & 0xc0) === 0x80) end += 1;
  return end;
}

function textOf(bytes: Uint8Array): string {
  return present(decodeUtf8(bytes), 'whole code points stay so');
}
