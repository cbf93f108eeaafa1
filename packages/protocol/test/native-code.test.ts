import { concatBytes, fromHex, toHex } from '@lucerna/base';
import { describe, expect, it } from 'vitest';
import {
  checksumAddress,
  isReservedForNatives,
  NATIVE_ADDRESSES,
  nativeCode,
  nativeNameOf,
} from '../src/index.ts';

describe('native code', () => {
  it('is a prefix, a version and a name', () => {
    expect(toHex(nativeCode('multicall3'))).toBe('0xef5a4e016d756c746963616c6c33');
    for (const name of ['multicall3', 'create2-factory'] as const) {
      expect(nativeNameOf(nativeCode(name))).toBe(name);
      expect(isReservedForNatives(nativeCode(name))).toBe(true);
    }
  });

  it('is nothing else', () => {
    const code = nativeCode('multicall3');
    expect(nativeNameOf(concatBytes(code, Uint8Array.of(0)))).toBeUndefined();
    expect(nativeNameOf(code.subarray(0, 4))).toBeUndefined();
    expect(
      nativeNameOf(Uint8Array.from(code, (byte, index) => (index === 3 ? 2 : byte))),
    ).toBeUndefined();
    // Another version is reserved all the same; the contract language and the EVM are not.
    expect(isReservedForNatives(fromHex('0xef5a4e02'))).toBe(true);
    expect(isReservedForNatives(fromHex('0xef5a58'))).toBe(false);
    expect(isReservedForNatives(fromHex('0x6080'))).toBe(false);
    expect(isReservedForNatives(new Uint8Array(0))).toBe(false);
  });

  it('stands where tools look for it', () => {
    expect(checksumAddress(NATIVE_ADDRESSES.multicall3)).toBe(
      '0xcA11bde05977b3631167028862bE2a173976CA11',
    );
    expect(checksumAddress(NATIVE_ADDRESSES['create2-factory'])).toBe(
      '0x4e59b44847b379578588920cA78FbF26c0B4956C',
    );
  });
});
