import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base64Bytes, decodeBase64 } from '../../src/chroma/base64.ts';

describe('base64', () => {
  it('is decoded as Node.js decodes it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(5), (bytes, offset) => {
        const text = Buffer.from(bytes).toString('base64');
        expect(base64Bytes(text)).toBe(bytes.length);
        const target = new Uint8Array(offset + bytes.length);
        decodeBase64(text, target, offset);
        expect(target.subarray(offset)).toEqual(bytes);
        expect(target.subarray(0, offset)).toEqual(new Uint8Array(offset));
      }),
    );
  });

  it('is refused when it is anything else', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), (text) => {
        const isExact = Buffer.from(text, 'base64').toString('base64') === text;
        const bytes = Math.max(0, Math.floor(base64Bytes(text)));
        const decode = (): void => decodeBase64(text, new Uint8Array(bytes), 0);
        if (isExact) expect(decode).not.toThrow();
        else expect(decode).toThrow(expect.objectContaining({ code: 'CHROMA_ARGUMENT_INVALID' }));
      }),
      { numRuns: 2_000 },
    );
  });

  it.each(['AAB', 'A===', '====', 'AA=A', 'AB==', 'AAF=', 'AA A', 'AAAA\n', '_-AA', 'ÄAAA'])(
    'is refused: %j',
    (text) => {
      const decode = (): void => decodeBase64(text, new Uint8Array(12), 0);
      expect(decode).toThrow(expect.objectContaining({ code: 'CHROMA_ARGUMENT_INVALID' }));
    },
  );
});
