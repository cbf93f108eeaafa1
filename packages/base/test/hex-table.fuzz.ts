import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import { fromHexKey, toHexKey, toHexKeyByTable } from '../src/hex.ts';

describe('hex text without prefix', () => {
  it('is the same by table, by the engine and by Buffer, and both cases of digits are read', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const text = Buffer.from(bytes).toString('hex');
        expect(toHexKey(bytes)).toBe(text);
        expect(toHexKeyByTable(bytes)).toBe(text);
        expect([...fromHexKey(text)]).toEqual([...bytes]);
        expect([...fromHexKey(text.toUpperCase())]).toEqual([...bytes]);
      }),
      runs(300),
    );
  });
});
