import { fromHex, toHex } from '@lucerna/base';
import { computeAddress, decryptKeystoreJson, encryptKeystoreJson } from 'ethers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import { cryptoErrors } from '../src/errors.ts';
import { decryptKeystore, encryptKeystore, parseKeystore } from '../src/keystore.ts';
import { codeOf, codeOfAsync } from './support/code-of.ts';

const PRIVATE_KEY = fromHex('0x00000055378cf5fafb56c711c674143f9b0ee82ab0ba2924f19b64f5ae7cdbfd');
const ADDRESS = computeAddress(toHex(PRIVATE_KEY));
/** Quick ones: what is tested here does not depend on the costs. */
const scrypt = { n: 16, r: 8, p: 1 };

let drawn = 0;
const random = {
  bytes: (length: number): Uint8Array => {
    drawn += 1;
    return new Uint8Array(length).fill(drawn);
  },
};

async function encrypted(password: string | Uint8Array = 'pass'): Promise<string> {
  return encryptKeystore(PRIVATE_KEY, password, random, { address: fromHex(ADDRESS), scrypt });
}

describe('a keystore', () => {
  it.each(['pass', '', 'Grüße 🔑', new Uint8Array([0, 255, 10])])(
    'is read by ethers, with the password %j',
    async (password) => {
      const account = await decryptKeystoreJson(
        await encrypted(password),
        typeof password === 'string' ? new TextEncoder().encode(password) : password,
      );
      expect(account).toEqual({ address: ADDRESS, privateKey: toHex(PRIVATE_KEY) });
    },
  );

  it('of ethers is read here', async () => {
    const account = { address: ADDRESS, privateKey: toHex(PRIVATE_KEY) };
    const text = await encryptKeystoreJson(account, 'pass', { scrypt: { N: 16, r: 8, p: 1 } });
    const keystore = parseKeystore(text);
    expect(keystore.address).toBe(ADDRESS.toLowerCase());
    expect(await decryptKeystore(keystore, 'pass')).toEqual(PRIVATE_KEY);
  });

  it('has the standard costs unless others are asked for, and tells how far it is', async () => {
    const parts: number[] = [];
    const text = await encryptKeystore(PRIVATE_KEY, 'pass', random, {
      onProgress: (part) => parts.push(part),
    });
    const { kdf, address } = parseKeystore(text);
    expect(kdf).toMatchObject({ kind: 'scrypt', n: 262_144, r: 8, p: 1 });
    expect(address).toBeUndefined();
    expect(parts.at(-1)).toBe(1);
    expect(parts.length).toBeGreaterThan(2);
    expect([...parts].sort((first, second) => first - second)).toEqual(parts);
  });

  it('has an id of version 4, and never the same salt', async () => {
    const [first, second] = [JSON.parse(await encrypted()), JSON.parse(await encrypted())];
    expect(first.id).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect(first.crypto.kdfparams.salt).not.toBe(second.crypto.kdfparams.salt);
    expect(first.crypto.cipherparams.iv).not.toBe(second.crypto.cipherparams.iv);
  });

  it('refuses a wrong password', async () => {
    const keystore = parseKeystore(await encrypted());
    for (const password of ['Pass', 'pass\n', '']) {
      expect(await codeOfAsync(() => decryptKeystore(keystore, password))).toBe(
        'KEYSTORE_PASSWORD_WRONG',
      );
    }
  });

  it('that was cut anywhere is refused', async () => {
    const text = await encrypted();
    for (let length = 0; length < text.length; length += 1) {
      expect(codeOf(() => parseKeystore(text.slice(0, length)))).toBe('KEYSTORE_INVALID');
    }
  });

  const fields = {
    version: [3, 'KEYSTORE_UNSUPPORTED'],
    address: ['0x12', 'KEYSTORE_INVALID'],
    'crypto.cipher': ['aes-256-gcm', 'KEYSTORE_UNSUPPORTED'],
    'crypto.ciphertext': ['00', 'KEYSTORE_INVALID'],
    'crypto.cipherparams.iv': ['zz', 'KEYSTORE_INVALID'],
    'crypto.kdf': ['argon2', 'KEYSTORE_UNSUPPORTED'],
    'crypto.kdfparams.dklen': [16, 'KEYSTORE_UNSUPPORTED'],
    'crypto.kdfparams.n': [15, 'KEYSTORE_UNSUPPORTED'],
    'crypto.kdfparams.r': [2 ** 40, 'KEYSTORE_UNSUPPORTED'],
    'crypto.kdfparams.p': [2 ** 40, 'KEYSTORE_UNSUPPORTED'],
    'crypto.kdfparams.salt': [5, 'KEYSTORE_INVALID'],
    'crypto.mac': ['', 'KEYSTORE_INVALID'],
  } as const;
  it.each(Object.entries(fields))('names the field %s', async (path, [value, code]) => {
    const file = JSON.parse(await encrypted());
    const names = path.split('.');
    const last = names.pop() as string;
    const owner = names.reduce((object, name) => object[name], file);
    owner[last] = path === 'version' ? 1 : value;
    expect(codeOf(() => parseKeystore(JSON.stringify(file)))).toBe(code);
    delete owner[last];
    if (path !== 'address') {
      expect(['KEYSTORE_INVALID', 'KEYSTORE_UNSUPPORTED']).toContain(
        codeOf(() => parseKeystore(JSON.stringify(file))),
      );
    }
  });

  it('does not make its reader work for ever', async () => {
    const file = JSON.parse(await encrypted());
    file.crypto.kdf = 'pbkdf2';
    file.crypto.kdfparams = { dklen: 32, c: 2 ** 40, prf: 'hmac-sha256', salt: '00' };
    expect(codeOf(() => parseKeystore(JSON.stringify(file)))).toBe('KEYSTORE_UNSUPPORTED');
    file.crypto.kdfparams.c = 1;
    expect(parseKeystore(JSON.stringify(file)).kdf).toMatchObject({ kind: 'pbkdf2', rounds: 1 });
  });

  it('does not take more memory or time than it may', async () => {
    const file = JSON.parse(await encrypted());
    const codeWith = (cost: object): string => {
      Object.assign(file.crypto.kdfparams, cost);
      return codeOf(() => parseKeystore(JSON.stringify(file)));
    };
    expect(codeWith({ n: 2, r: 2 ** 22, p: 2 })).toBe('KEYSTORE_UNSUPPORTED');
    expect(codeWith({ n: 2 ** 21, r: 8, p: 1 })).toBe('KEYSTORE_UNSUPPORTED');
    // Little memory, and a long time.
    expect(codeWith({ n: 2 ** 20, r: 8, p: 3 })).toBe('KEYSTORE_UNSUPPORTED');
    Object.assign(file.crypto.kdfparams, { n: 2 ** 20, r: 8, p: 2 });
    expect(parseKeystore(JSON.stringify(file)).kdf).toMatchObject({ n: 2 ** 20, r: 8, p: 2 });
  });

  it('never throws anything but its codes for any change of the file', async () => {
    const text = await encrypted();
    await fc.assert(
      fc.asyncProperty(
        fc.nat(text.length - 1),
        fc.string({ maxLength: 4, unit: 'grapheme' }),
        fc.nat(4),
        async (at, inserted, removed) => {
          const changed = text.slice(0, at) + inserted + text.slice(at + removed);
          try {
            const keystore = parseKeystore(changed);
            if (keystore.kdf.kind === 'scrypt' && keystore.kdf.n * keystore.kdf.r > 4_096) return;
            expect(await decryptKeystore(keystore, 'pass')).toEqual(PRIVATE_KEY);
          } catch (error) {
            expect(Object.keys(cryptoErrors.definitions)).toContain(
              (error as { code: string }).code,
            );
          }
        },
      ),
      runs(300),
    );
  });

  it('is not made of what is no private key', async () => {
    const action = (): Promise<string> =>
      encryptKeystore(new Uint8Array(32), 'x', random, { scrypt });
    expect(await codeOfAsync(action)).toBe('KEY_INVALID');
  });
});
