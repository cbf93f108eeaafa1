import { toHex } from '@lucerna/base';
import fc from 'fast-check';
import { getAddress, getContractAddress } from 'viem';
import { expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import { checksumAddress, create2Address, createAddress, parseAddress } from '../src/index.ts';
import { bytesOf, uintOf } from './support.ts';

it('agrees with viem about checksums', () => {
  fc.assert(
    fc.property(bytesOf(20), (address) => {
      const text = checksumAddress(address);
      expect(text).toBe(getAddress(toHex(address)));
      expect(parseAddress(text)).toEqual(address);
    }),
    runs(200),
  );
});

it('agrees with viem about the addresses of contracts', () => {
  fc.assert(
    fc.property(
      bytesOf(20),
      uintOf(64),
      bytesOf(32),
      fc.uint8Array(),
      (from, nonce, salt, code) => {
        const creator = getAddress(toHex(from));
        expect(checksumAddress(createAddress(from, nonce))).toBe(
          getContractAddress({ from: creator, nonce }),
        );
        expect(checksumAddress(create2Address(from, salt, code))).toBe(
          getContractAddress({ opcode: 'CREATE2', from: creator, salt, bytecode: toHex(code) }),
        );
      },
    ),
    runs(100),
  );
});
