import { toHex } from '@lucerna/base';
import { keccak_256 } from '@noble/hashes/sha3.js';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import { addToBloom, bloomContains, emptyBloom, logsBloom, mergeBlooms } from '../src/index.ts';
import { bytesOf } from './support.ts';

/** The Yellow Paper's M3 as one number of 2,048 bits, read off the hexadecimal digits. */
function independentBloom(entries: readonly Uint8Array[]): string {
  let bits = 0n;
  for (const entry of entries) {
    const digits = toHex(keccak_256(entry)).slice(2);
    for (const at of [0, 4, 8]) {
      bits |= 1n << BigInt(Number.parseInt(digits.slice(at, at + 4), 16) % 2048);
    }
  }
  return `0x${bits.toString(16).padStart(512, '0')}`;
}

const entries = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 40 });

it('sets the bits that an independent computation sets', () => {
  fc.assert(
    fc.property(entries, (added) => {
      const bloom = emptyBloom();
      for (const entry of added) addToBloom(bloom, entry);
      expect(toHex(bloom)).toBe(independentBloom(added));
      for (const entry of added) expect(bloomContains(bloom, entry)).toBe(true);
    }),
    runs(200),
  );
});

it('merges to the filter of all entries', () => {
  fc.assert(
    fc.property(fc.array(entries, { maxLength: 5 }), (groups) => {
      const blooms = groups.map((group) => {
        const bloom = emptyBloom();
        for (const entry of group) addToBloom(bloom, entry);
        return bloom;
      });
      expect(toHex(mergeBlooms(blooms))).toBe(independentBloom(groups.flat()));
    }),
    runs(100),
  );
});

it('never misses a log that is present', () => {
  const log = fc.record({ address: bytesOf(20), topics: fc.array(bytesOf(32), { maxLength: 4 }) });
  fc.assert(
    fc.property(fc.array(log, { maxLength: 10 }), (logs) => {
      const bloom = logsBloom(logs);
      for (const { address, topics } of logs) {
        for (const entry of [address, ...topics]) expect(bloomContains(bloom, entry)).toBe(true);
      }
    }),
    runs(100),
  );
});
