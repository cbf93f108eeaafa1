import { describe, expect, it } from 'vitest';
import { decodeUtf8, encodeUtf8 } from '../src/utf8.ts';

describe('UTF-8', () => {
  it.each(['', 'a', 'é€😀', '\ufeffa', '\ufffd', 'a\ufffdb', '\0'])(
    '%j is read as it was written',
    (text) => {
      expect(decodeUtf8(encodeUtf8(text))).toBe(text);
    },
  );

  it.each([
    ['a byte of none', [0xff]],
    ['a sequence that ends early', [0x61, 0xe2, 0x82]],
    ['a longer form than needed', [0xc0, 0x80]],
    ['half of a surrogate pair', [0xed, 0xa0, 0x80]],
    ['more than there are code points', [0xf4, 0x90, 0x80, 0x80]],
    ['a replacement character and what it would replace', [0xef, 0xbf, 0xbd, 0x80]],
  ])('%s spells nothing', (_name, bytes) => {
    expect(decodeUtf8(Uint8Array.from(bytes))).toBeUndefined();
  });
});
