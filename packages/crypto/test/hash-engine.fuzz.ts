import { toHexKey } from '@lucerna/base';
import { keccak_256 } from '@noble/hashes/sha3.js';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import { createKernelHashEngine } from '../src/index.ts';

it('agrees with noble, whatever was hashed before', () => {
  const { keccak256 } = createKernelHashEngine();
  const message = fc.oneof(
    { weight: 8, arbitrary: fc.uint8Array({ maxLength: 700 }) },
    { weight: 1, arbitrary: fc.uint8Array({ minLength: 60_000, maxLength: 140_000 }) },
  );
  const messages = fc.array(message, { minLength: 1, maxLength: 4 });
  const agrees = (parts: readonly Uint8Array[]): void => {
    for (const part of parts) {
      expect(toHexKey(keccak256(part))).toBe(toHexKey(keccak_256(part)));
    }
  };
  fc.assert(fc.property(messages, agrees), runs(300));
});
