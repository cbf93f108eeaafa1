import { toHex } from '@lucerna/base';
import { keccak256 as viemKeccak } from 'viem';
import { expect, it } from 'vitest';
import { EMPTY_KECCAK, keccak256 } from '../src/index.ts';

it('is the hash of the empty string', () => {
  expect(toHex(EMPTY_KECCAK)).toBe(
    '0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470',
  );
});

it('agrees with viem around the block size of 136 bytes', () => {
  for (const length of [0, 1, 135, 136, 137, 271, 272, 273, 1000]) {
    const data = Uint8Array.from({ length }, (_, index) => index % 251);
    expect(toHex(keccak256(data))).toBe(viemKeccak(data));
  }
});
