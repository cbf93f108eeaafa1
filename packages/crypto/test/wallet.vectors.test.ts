import { fromHex, toHex } from '@lucerna/base';
import { HDKey } from '@scure/bip32';
import { mnemonicToSeedSync } from '@scure/bip39';
import { expect } from 'vitest';
import { vectorSuite, vectorsNotRun } from '../../../tools/src/vectors.ts';
import { messageDigest } from '../src/index.ts';
import { decryptKeystore, parseKeystore } from '../src/keystore.ts';
import { createMnemonic, deriveKeys, isMnemonic, keyOfSeed } from '../src/mnemonic.ts';
import { codeOf, codeOfAsync } from './support/code-of.ts';

type MessageCase = {
  readonly test: string;
  readonly message?: string;
  readonly messageBytes?: string;
  readonly hash: string;
};

vectorSuite<readonly MessageCase[], MessageCase>('signature/ethers6-eip191.json', {
  cases: (document) => document.map((value) => [value.test, value]),
  check: ({ message, messageBytes, hash }) => {
    const bytes =
      messageBytes === undefined ? new TextEncoder().encode(message) : fromHex(messageBytes);
    expect(toHex(messageDigest(bytes))).toBe(hash);
  },
});

type KeystoreCase = {
  readonly json: unknown;
  readonly password: string;
  readonly priv: string;
};

async function checkKeystore(text: string, password: string | Uint8Array): Promise<Uint8Array> {
  const keystore = parseKeystore(text);
  const privateKey = await decryptKeystore(keystore, password);
  const mac = new Uint8Array(keystore.mac);
  mac[31] = (mac[31] as number) ^ 1;
  expect(await codeOfAsync(() => decryptKeystore({ ...keystore, mac }, password))).toBe(
    'KEYSTORE_PASSWORD_WRONG',
  );
  return privateKey;
}

vectorSuite<Readonly<Record<string, KeystoreCase>>, KeystoreCase>(
  'wallet/keystore-basic_tests.json',
  {
    cases: (document) => Object.entries(document),
    check: async ({ json, password, priv }) => {
      expect(toHex(await checkKeystore(JSON.stringify(json), password))).toBe(`0x${priv}`);
    },
  },
);

type WalletCase = {
  readonly name: string;
  readonly address: string;
  readonly password: string;
  readonly content: string;
};

vectorSuite<readonly WalletCase[], WalletCase>('wallet/ethers6-wallets.json', {
  cases: (document) => document.map((value) => [value.name, value]),
  check: async ({ address, password, content }) => {
    const { computeAddress } = await import('ethers');
    const privateKey = await checkKeystore(content, fromHex(password as `0x${string}`));
    expect(computeAddress(toHex(privateKey))).toBe(address);
  },
  notApplicable: {
    wallet_crowdsale_null: 'a format of the sale of 2014, not a keystore',
    wallet_crowdsale_passwd: 'a format of the sale of 2014, not a keystore',
  },
});

type Bip39Case = readonly [entropy: string, mnemonic: string, seed: string, xprv: string];

vectorSuite<Readonly<Record<string, readonly Bip39Case[]>>, [string, Bip39Case]>(
  'wallet/bip39-trezor-vectors.json',
  {
    cases: (document) =>
      Object.entries(document).flatMap(([language, cases]) =>
        cases.map((value, index) => [`${language} ${index}`, [language, value]] as const),
      ) as never,
    check: ([language, [entropy, mnemonic, seed, xprv]]) => {
      const found = mnemonicToSeedSync(mnemonic, 'TREZOR');
      expect(toHex(found)).toBe(`0x${seed}`);
      const master = HDKey.fromMasterSeed(found);
      expect(master.privateExtendedKey).toBe(xprv);
      const derivation = { count: 2, path: "m/44'/60'/0'/0", passphrase: 'TREZOR' };
      const expected = [0, 1].map((index) => keyOfSeed(found, `${derivation.path}/${index}`));
      expect(expected[1]).toEqual(master.derive(`${derivation.path}/1`).privateKey);
      expect(isMnemonic(mnemonic)).toBe(language === 'english');
      if (language !== 'english') return;
      expect(createMnemonic(fromHex(`0x${entropy}`))).toBe(mnemonic);
      expect(deriveKeys(mnemonic, derivation)).toEqual(expected);
    },
  },
);

type HdCase = {
  readonly seed: string;
  readonly locale: string;
  readonly entropy: string;
  readonly mnemonic: string;
  readonly password?: string;
  readonly hdnodes: readonly { readonly path: string; readonly privateKey: string }[];
};

vectorSuite<readonly (HdCase & { readonly name: string })[], HdCase>('wallet/ethers-hdnode.json', {
  cases: (document) => document.map((value) => [value.name, value]),
  check: ({ seed, locale, entropy, mnemonic, password, hdnodes }) => {
    expect(toHex(mnemonicToSeedSync(mnemonic, password ?? ''))).toBe(seed);
    for (const { path, privateKey } of hdnodes) {
      expect(toHex(keyOfSeed(fromHex(seed), path))).toBe(privateKey);
    }
    if (locale === 'en') expect(createMnemonic(fromHex(entropy))).toBe(mnemonic);
  },
});

type Bip32Node = { readonly privKey?: string; readonly path: string };
type Bip32Tree = {
  readonly network: string;
  readonly comment?: string;
  readonly master: { readonly seed?: string; readonly privKey: string };
  readonly children: readonly Bip32Node[];
};
type Bip32Invalid = {
  readonly fromSeed: readonly { readonly seed: string }[];
  readonly derivePath: readonly { readonly derivationPath: unknown }[];
};
type Bip32Document = { readonly valid: readonly Bip32Tree[]; readonly invalid: Bip32Invalid };

vectorSuite<Bip32Document, () => void>('wallet/bip32-fixtures.json', {
  cases: ({ valid, invalid }) => [
    // One tree begins with an extended key instead of a seed.
    ...valid
      .filter(({ master }) => master.seed !== undefined)
      .map((tree, index) => [`${index}: ${tree.network}`, () => checkTree(tree)] as const),
    ...invalid.fromSeed.map(
      ({ seed }, index) =>
        [
          `seed ${index}`,
          () => {
            expect(codeOf(() => keyOfSeed(fromHex(`0x${seed}`), 'm'))).toBe('SEED_INVALID');
          },
        ] as const,
    ),
    ...invalid.derivePath
      // What is not a text is a programmer's error here.
      .filter(({ derivationPath }) => typeof derivationPath === 'string')
      .map(
        ({ derivationPath }) =>
          [
            `path ${derivationPath}`,
            () => {
              const seed = new Uint8Array(16);
              expect(codeOf(() => keyOfSeed(seed, derivationPath as string))).toBe(
                'DERIVATION_PATH_INVALID',
              );
            },
          ] as const,
      ),
  ],
  check: (run) => run(),
});

vectorsNotRun(
  'wallet/bip32-fixtures.json, extended keys',
  'not applicable: extended keys are neither read nor written',
);

function checkTree({ master, children }: Bip32Tree): void {
  const seed = fromHex(`0x${master.seed ?? ''}`);
  expect(toHex(keyOfSeed(seed, 'm'))).toBe(`0x${master.privKey}`);
  for (const { path, privKey } of children) {
    if (privKey !== undefined) expect(toHex(keyOfSeed(seed, path))).toBe(`0x${privKey}`);
  }
}
