import { toHex } from '@lucerna/base';
import { mnemonicToAccount } from 'viem/accounts';
import { describe, expect, it } from 'vitest';
import { deriveKeys, isMnemonic } from '../src/mnemonic.ts';
import { codeOf } from './support/code-of.ts';

const WORDS = 'legal winner thank year wave sausage worth useful legal winner thank yellow';
const PATH = "m/44'/60'/0'/0";

describe('deriveKeys', () => {
  it('gives the keys that wallets derive', () => {
    const keys = deriveKeys(WORDS, { count: 3, path: PATH });
    const expected = [0, 1, 2].map((addressIndex) =>
      mnemonicToAccount(WORDS, { addressIndex }).getHdKey(),
    );
    expect(keys.map(toHex)).toEqual(expected.map(({ privateKey }) => toHex(privateKey!)));
  });

  it('follows the path', () => {
    const [key] = deriveKeys(WORDS, { count: 1, path: "m/44'/60'/7'/1" });
    const wallet = mnemonicToAccount(WORDS, { accountIndex: 7, changeIndex: 1 }).getHdKey();
    expect(toHex(key!)).toBe(toHex(wallet.privateKey!));
  });

  it('takes words with other space between them', () => {
    const spaced = `  ${WORDS.replaceAll(' ', '\n  ')} `;
    expect(deriveKeys(spaced, { count: 1, path: PATH })).toEqual(
      deriveKeys(WORDS, { count: 1, path: PATH }),
    );
  });

  it.each([
    '',
    'legal',
    WORDS.replace('yellow', 'legal'),
    WORDS.replace('yellow', 'lucerna'),
    `${WORDS} legal`,
  ])('refuses %j without saying it', (words) => {
    expect(isMnemonic(words)).toBe(false);
    expect(codeOf(() => deriveKeys(words, { count: 1, path: PATH }))).toBe('MNEMONIC_INVALID');
    expect(() => deriveKeys(words, { count: 1, path: PATH })).not.toThrow(/legal|winner/);
  });

  it.each(['', '44/60', 'm/', 'm/x', 'm/2147483648', `m${'/0'.repeat(17)}`])(
    'refuses the path %j',
    (path) => {
      const derive = () => deriveKeys(WORDS, { count: 1, path });
      expect(codeOf(derive)).toBe('DERIVATION_PATH_INVALID');
    },
  );
});
