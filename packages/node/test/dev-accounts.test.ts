import { toHex } from '@lucerna/base';
import { pureSignatureEngine } from '@lucerna/crypto';
import { checksumAddress } from '@lucerna/protocol';
import { HDKey } from '@scure/bip32';
import { mnemonicToSeedSync } from '@scure/bip39';
import { mnemonicToAccount } from 'viem/accounts';
import { expect, it } from 'vitest';
import { DEV_DERIVATION_PATH, DEV_MNEMONIC, DEV_PRIVATE_KEYS } from '../src/dev-accounts.ts';
import { createKeyring } from '../src/keyring.ts';

it('has the keys that the standard test mnemonic gives', () => {
  const parent = HDKey.fromMasterSeed(mnemonicToSeedSync(DEV_MNEMONIC)).derive(DEV_DERIVATION_PATH);
  const derived = DEV_PRIVATE_KEYS.map((_, index) => parent.deriveChild(index).privateKey);
  expect(DEV_PRIVATE_KEYS.map(toHex)).toEqual(derived.map((key) => toHex(key as Uint8Array)));
  expect(DEV_PRIVATE_KEYS).toHaveLength(10);
});

it('has the addresses that wallets derive', () => {
  const keyring = createKeyring(DEV_PRIVATE_KEYS, pureSignatureEngine);
  expect(keyring.addresses.map(checksumAddress)).toEqual(
    DEV_PRIVATE_KEYS.map(
      (_, addressIndex) => mnemonicToAccount(DEV_MNEMONIC, { addressIndex }).address,
    ),
  );
});
