import { fromHex, toHex } from '@lucerna/base';
import { keccak256, pureSignatureEngine } from '@lucerna/crypto';
import { expect } from 'vitest';
import { vectorSuite, vectorsNotRun } from '../../../tools/src/vectors.ts';
import {
  checksumAddress,
  create2Address,
  createAddress,
  parseAddress,
  publicKeyToAddress,
} from '../src/index.ts';

const addressOfKey = (key: Uint8Array): Uint8Array =>
  publicKeyToAddress(pureSignatureEngine.publicKey(key));

type AccountCase = {
  readonly name: string;
  readonly address: string;
  readonly checksumAddress: string;
  readonly privateKey?: string;
};

/** The text with the case of its first letter changed; undefined when it has only digits. */
function withOneCaseFlipped(text: string): string | undefined {
  const index = text.slice(2).search(/[a-fA-F]/) + 2;
  if (index < 2) return undefined;
  const letter = text.charAt(index);
  const flipped = letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase();
  return text.slice(0, index) + flipped + text.slice(index + 1);
}

vectorSuite<readonly AccountCase[], AccountCase>('address/ethers-accounts.json', {
  cases: (document) => document.map((value) => [value.name, value]),
  check: (value) => {
    const address = parseAddress(value.checksumAddress);
    expect(toHex(address)).toBe(value.address);
    expect(checksumAddress(address)).toBe(value.checksumAddress);
    expect(parseAddress(value.address)).toEqual(address);
    expect(parseAddress(`0x${value.address.slice(2).toUpperCase()}`)).toEqual(address);
    if (value.privateKey !== undefined) {
      expect(toHex(addressOfKey(fromHex(value.privateKey)))).toBe(value.address);
    }
    const wrong = withOneCaseFlipped(value.checksumAddress);
    const digits = wrong?.slice(2) ?? '';
    if (digits === digits.toLowerCase() || digits === digits.toUpperCase()) return;
    const refused = expect.objectContaining({ code: 'ADDRESS_CHECKSUM' });
    expect(() => parseAddress(`0x${digits}`)).toThrow(refused);
  },
});

type Create = { readonly name: string; readonly nonce: number; readonly address: string };
type Create2 = {
  readonly name: string;
  readonly salt: string;
  readonly initCode: string;
  readonly address: string;
};
type Creations<T> = readonly { readonly sender: string; readonly creates: readonly T[] }[];

vectorSuite<Creations<Create>, Create & { readonly sender: string }>(
  'address/ethers6-create.json',
  {
    cases: (document) =>
      document.flatMap(({ sender, creates }) =>
        creates.map((value) => [value.name, { ...value, sender }] as const),
      ),
    check: ({ sender, nonce, address }) => {
      const created = createAddress(parseAddress(sender), BigInt(nonce));
      expect(checksumAddress(created)).toBe(address);
    },
  },
);

vectorSuite<Creations<Create2>, Create2 & { readonly sender: string }>(
  'address/ethers6-create2.json',
  {
    cases: (document) =>
      document.flatMap(({ sender, creates }) =>
        creates.map((value) => [value.name, { ...value, sender }] as const),
      ),
    check: ({ sender, salt, initCode, address }) => {
      const created = create2Address(parseAddress(sender), fromHex(salt), fromHex(initCode));
      expect(checksumAddress(created)).toBe(address);
    },
  },
);

type KeyCase = { readonly seed: string; readonly key: string; readonly addr: string };

vectorSuite<readonly KeyCase[], KeyCase>('address/keyaddrtest.json', {
  cases: (document) => document.map((value) => [value.seed, value]),
  check: ({ seed, key, addr }) => {
    const privateKey = fromHex(`0x${key}`);
    expect(keccak256(new TextEncoder().encode(seed))).toEqual(privateKey);
    expect(toHex(addressOfKey(privateKey))).toBe(`0x${addr}`);
  },
});

vectorsNotRun(
  'address/ethers-accounts.json, icapAddress',
  'not applicable: that form is not offered',
);
