import { toHex } from '@lucerna/base';
import { pureSignatureEngine } from '@lucerna/crypto';
import { checksumAddress } from '@lucerna/protocol';
import { mnemonicToAccount } from 'viem/accounts';
import { describe, expect, it } from 'vitest';
import { DEV_MNEMONIC, DEV_PRIVATE_KEYS, devPrivateKeys } from '../src/dev-accounts.ts';
import { createKeyring } from '../src/keyring.ts';

const OTHER_MNEMONIC =
  'legal winner thank year wave sausage worth useful legal winner thank yellow';

/** What wallets derive. */
function walletKeys(mnemonic: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, addressIndex) => {
    const { privateKey } = mnemonicToAccount(mnemonic, { addressIndex }).getHdKey();
    return toHex(privateKey as Uint8Array);
  });
}

it('has the keys that the standard test mnemonic gives', () => {
  expect(DEV_PRIVATE_KEYS.map(toHex)).toEqual(walletKeys(DEV_MNEMONIC, 10));
});

it('has the addresses that wallets derive', () => {
  const keyring = createKeyring(DEV_PRIVATE_KEYS, pureSignatureEngine);
  expect(keyring.addresses.map(checksumAddress)).toEqual(
    DEV_PRIVATE_KEYS.map(
      (_, addressIndex) => mnemonicToAccount(DEV_MNEMONIC, { addressIndex }).address,
    ),
  );
});

describe('devPrivateKeys', () => {
  it('gives the constants, or as many of them as are wanted', async () => {
    expect(await devPrivateKeys()).toEqual(DEV_PRIVATE_KEYS);
    expect(await devPrivateKeys({ count: 3 })).toEqual(DEV_PRIVATE_KEYS.slice(0, 3));
    expect(await devPrivateKeys({ count: 0, mnemonic: DEV_MNEMONIC })).toEqual([]);
  });

  it('derives the others', async () => {
    const more = await devPrivateKeys({ count: 12 });
    expect(more.map(toHex)).toEqual(walletKeys(DEV_MNEMONIC, 12));
    const own = await devPrivateKeys({ mnemonic: OTHER_MNEMONIC });
    expect(own.map(toHex)).toEqual(walletKeys(OTHER_MNEMONIC, 10));
  });

  it('refuses words that are none, and senseless numbers', async () => {
    const refused = { code: 'ACCOUNT_COUNT_OUT_OF_RANGE' };
    for (const count of [-1, 1.5, 10_001]) {
      await expect(devPrivateKeys({ count })).rejects.toMatchObject(refused);
    }
    await expect(devPrivateKeys({ mnemonic: 'no words' })).rejects.toMatchObject({
      code: 'MNEMONIC_INVALID',
    });
  });
});
