import { concatBytes, fromHex, toHex } from '@lucerna/base';
import { pureSignatureEngine, SECP256K1_ORDER } from '@lucerna/crypto';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { blake3 } from '@noble/hashes/blake3.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { Wallet } from 'ethers';
import fc from 'fast-check';
import { hashMessage } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../../tools/src/fuzz-runs.ts';
import { hashBlock } from '../../src/vm/builtins-hashes.ts';
import { merkleRoot } from '../../src/vm/builtins-merkle.ts';
import { verifySignature } from '../../src/vm/builtins-signatures.ts';
import { Address, List, type Value } from '../../src/vm/value.ts';
import {
  builtin,
  costs,
  endOf,
  failures,
  list,
  machine,
  PLENTY,
  result,
  results,
} from './builtin-machine.ts';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = 'hé llo';
const long = new Uint8Array(65);

describe('hashes', () => {
  results([
    ['sha256', [text], sha256(utf8(text))],
    ['keccak256', [text], keccak_256(utf8(text))],
    ['blake3', [text], blake3(utf8(text))],
    ['sha256', [long], sha256(long)],
    ['keccak256', [long], keccak_256(long)],
    ['blake3', [long], blake3(long)],
    ['hash', [text], sha256(utf8(text))],
    ['hash', [text, 'SHA256'], sha256(utf8(text))],
    ['hash', [text, 'KECCAK256'], keccak_256(utf8(text))],
    ['hash', [long, 'BLAKE3'], blake3(long)],
    ['hash', [list(1, null), 'SHA256'], sha256(utf8('[1, null]'))],
    ['hash', [5], sha256(utf8('5'))],
  ]);

  failures([
    ['sha256', [1], 'panic 0x1'],
    ['keccak256', [list()], 'panic 0x1'],
    ['blake3', [null], 'panic 0x1'],
    ['hash', [1, 'MD5'], 'Error(hash: unknown algorithm)'],
    ['hash', [1, 'sha256'], 'Error(hash: unknown algorithm)'],
    ['hash', [1, 1], 'panic 0x1'],
  ]);

  costs([
    ['keccak256', [''], 30],
    ['keccak256', [long], 30 + 18],
    ['sha256', [''], 60],
    ['sha256', [long], 60 + 36],
    ['blake3', [long], 60 + 36],
    ['hash', [long, 'KECCAK256'], 30 + 18],
    ['hash', [12], 60 + 12 + 3],
  ]);

  it('HASH_BLOCK is the hash of one argument', () => {
    for (const value of [text, long, 7, true, null, list('a')]) {
      expect(hashBlock(machine(), value)).toEqual(result('hash', value));
    }
  });

  it('counts hashes', () => {
    const on = machine();
    builtin(on, 'sha256', 'a');
    builtin(on, 'hash', 'a', 'BLAKE3');
    merkleRoot(on, ['a', 'b', 'c']);
    expect(on.statistics.hashes).toBe(2 + 3 + 3);
  });
});

/** The tree by its definition, level by level. */
function naiveLevels(items: readonly Uint8Array[]): Uint8Array[][] {
  const levels = [items.map((item) => sha256(concatBytes(Uint8Array.of(0), item)))];
  while (levels.at(-1)!.length > 1) {
    const level = levels.at(-1)!;
    const padded = level.length % 2 === 0 ? level : [...level, new Uint8Array(32)];
    levels.push(
      padded
        .filter((_, at) => at % 2 === 0)
        .map((left, pair) => sha256(concatBytes(Uint8Array.of(1), left, padded[2 * pair + 1]!))),
    );
  }
  return levels;
}

const proofOf = (levels: readonly Uint8Array[][], index: number): Uint8Array[] =>
  levels.slice(0, -1).map((level, depth) => level[(index >> depth) ^ 1] ?? new Uint8Array(32));

describe('Merkle trees', () => {
  const item = fc.uint8Array({ maxLength: 40 });

  it('every item of a list is proven by its own neighbours, and by nothing else', () => {
    fc.assert(
      fc.property(
        fc.array(item, { minLength: 1, maxLength: 20 }),
        fc.nat(),
        item,
        fc.nat({ max: 40 }),
        (items, pick, other, otherIndex) => {
          const levels = naiveLevels(items);
          const root = builtin(machine(), 'merkle_root', new List(items)) as Uint8Array;
          expect(root).toEqual(levels.at(-1)![0]);
          const index = pick % items.length;
          const proof = proofOf(levels, index);
          const verify = (...values: readonly Value[]): Value =>
            builtin(machine(), 'merkle_verify', ...values);
          const own = items[index]!;
          expect(verify(own, new List([...proof]), root, index)).toBe(true);
          // Another item, or the item at an index where it is not.
          const isThere = (candidate: Uint8Array, at: number): boolean =>
            at < items.length && toHex(items[at]!) === toHex(candidate);
          expect(verify(other, new List([...proof]), root, index)).toBe(isThere(other, index));
          if (!isThere(own, otherIndex)) {
            const claimed = proofOf(levels, otherIndex);
            expect(verify(own, new List([...proof]), root, otherIndex)).toBe(false);
            expect(verify(own, new List(claimed), root, otherIndex)).toBe(false);
          }
          // A longer or a shorter path.
          expect(verify(own, new List([...proof, new Uint8Array(32)]), root, index)).toBe(false);
          if (proof.length > 0) {
            expect(verify(own, new List(proof.slice(1)), root, index >> 1)).toBe(false);
            // A node is no item: its hash has another first byte.
            const node = concatBytes(levels[0]![index & ~1]!, levels[0]![index | 1] ?? long);
            expect(verify(node, new List(proof.slice(1)), root, index >> 1)).toBe(false);
          }
        },
      ),
      runs(300),
    );
  });

  it('lists of different lengths have different roots', () => {
    fc.assert(
      fc.property(fc.array(item, { minLength: 1, maxLength: 9 }), (items) => {
        const root = (values: readonly Uint8Array[]): string =>
          toHex(merkleRoot(machine(), values));
        expect(root([...items, items.at(-1)!])).not.toBe(root(items));
        expect(root([...items, new Uint8Array(32)])).not.toBe(root(items));
        expect(root([...items, new Uint8Array(0)])).not.toBe(root(items));
      }),
      runs(100),
    );
  });

  results([
    ['merkle_root', [list()], sha256(new Uint8Array(0))],
    ['merkle_root', [list('a')], sha256(utf8('\0a'))],
    ['merkle_root', [list(12)], sha256(utf8('\u000012'))],
    ['merkle_verify', ['a', list(), sha256(utf8('\0a')), 0], true],
    ['merkle_verify', ['a', list(), sha256(utf8('\0a')), 1], false],
    ['merkle_verify', ['a', list(), sha256(utf8('\0a')), -1], false],
    ['merkle_verify', ['a', list(), sha256(utf8('\0a')), 2n ** 64n], false],
    ['merkle_verify', ['a', list(), new Uint8Array(3), 0], false],
    ['merkle_verify', ['a', list(5), new Uint8Array(32), 0], false],
    ['merkle_verify', ['a', list(new Uint8Array(31)), new Uint8Array(32), 0], false],
  ]);

  failures([
    ['merkle_root', ['ab'], 'panic 0x1'],
    ['merkle_verify', ['a', list(), 'root', 0], 'panic 0x1'],
    ['merkle_verify', ['a', 'proof', long, 0], 'panic 0x1'],
    ['merkle_verify', ['a', list(), long, 'b'], 'panic 0x1'],
  ]);

  costs([
    // Three items, their texts and their hashes; two nodes above them and the root.
    ['merkle_root', [list('a', 'b', 'c')], 9 + 9 + 3 * 72 + 3 * 96],
    ['merkle_root', [list()], 60],
    ['merkle_verify', ['a', list(new Uint8Array(32)), new Uint8Array(32), 0], 3 + 3 + 72 + 96],
  ]);
});

const KEY = fromHex(`0x${'11'.repeat(32)}`);
const message = utf8('pay 5 to ann');
const compressed = secp256k1.getPublicKey(KEY, true);
const uncompressed = secp256k1.getPublicKey(KEY, false);
const signed = pureSignatureEngine.sign(sha256(message), KEY);

/** The other s that signs the same. */
function highS(signature: Uint8Array): Uint8Array {
  const s = BigInt(toHex(signature.slice(32, 64)));
  const other = (SECP256K1_ORDER - s).toString(16).padStart(64, '0');
  return concatBytes(signature.slice(0, 32), fromHex(`0x${other}`));
}

describe('verify_signature', () => {
  const verify = (...values: readonly [Value, Value, Value]): unknown =>
    endOf(() => verifySignature(machine(), ...values));

  it('knows the signatures of noble', () => {
    const { bytes } = signed;
    expect(verify(bytes, message, compressed)).toBe(true);
    expect(verify(bytes, message, uncompressed)).toBe(true);
    expect(verify(bytes, 'pay 5 to ann', compressed)).toBe(true);
    expect(verify(bytes, 'pay 6 to ann', compressed)).toBe(false);
    expect(verify(secp256k1.sign(message, KEY), message, compressed)).toBe(true);
  });

  it('is false for everything malformed', () => {
    const { bytes } = signed;
    const flipped = bytes.slice();
    flipped[5]! ^= 1;
    const hybrid = uncompressed.slice();
    hybrid[0] = 6 + (uncompressed[64]! & 1);
    expect(verify(highS(bytes), message, compressed)).toBe(false);
    expect(verify(flipped, message, compressed)).toBe(false);
    expect(verify(bytes.slice(1), message, compressed)).toBe(false);
    expect(verify(concatBytes(bytes, Uint8Array.of(0)), message, compressed)).toBe(false);
    expect(verify(new Uint8Array(64), message, compressed)).toBe(false);
    expect(verify(bytes, message, compressed.slice(1))).toBe(false);
    expect(verify(bytes, message, hybrid)).toBe(false);
    expect(verify(bytes, message, new Uint8Array(65))).toBe(false);
    expect(verify(bytes, message, new Uint8Array(0))).toBe(false);
  });

  it('refuses other kinds and charges for the hash and the check', () => {
    expect(verify('sig', message, compressed)).toBe('panic 0x1');
    expect(verify(signed.bytes, 5, compressed)).toBe('panic 0x1');
    expect(verify(signed.bytes, message, 'key')).toBe('panic 0x1');
    const on = machine();
    verifySignature(on, new Uint8Array(1), new Uint8Array(33), new Uint8Array(1));
    expect(PLENTY - on.meter.gas).toBe(3_000 + 60 + 24);
  });
});

describe('recover_address', () => {
  const account = privateKeyToAccount(toHex(KEY));
  const own = new Address(fromHex(account.address));

  it("finds the signer of viem's and ethers' signatures", async () => {
    const digest = fromHex(hashMessage('hello'));
    for (const signature of [
      await account.signMessage({ message: 'hello' }),
      await new Wallet(toHex(KEY)).signMessage('hello'),
    ]) {
      const bytes = fromHex(signature);
      expect(result('recover_address', digest, bytes)).toEqual(own);
      bytes[64]! -= 27;
      expect(result('recover_address', digest, bytes)).toEqual(own);
    }
  });

  it('random keys and digests', () => {
    const key = fc
      .uint8Array({ minLength: 32, maxLength: 32 })
      .filter((bytes) => secp256k1.utils.isValidSecretKey(bytes));
    fc.assert(
      fc.property(key, fc.uint8Array({ minLength: 32, maxLength: 32 }), (secret, digest) => {
        const { bytes, recovery } = pureSignatureEngine.sign(digest, secret);
        const signature = concatBytes(bytes, Uint8Array.of(27 + recovery));
        const expected = new Address(fromHex(privateKeyToAccount(toHex(secret)).address));
        expect(result('recover_address', digest, signature)).toEqual(expected);
        for (const isCompressed of [true, false]) {
          const publicKey = secp256k1.getPublicKey(secret, isCompressed);
          expect(result('derive_address', publicKey)).toEqual(expected);
        }
        const high = concatBytes(highS(bytes), Uint8Array.of(28 - recovery));
        expect(result('recover_address', digest, high)).toBeNull();
      }),
      runs(20),
    );
  });

  it('is null for everything malformed', () => {
    const digest = sha256(message);
    const good = concatBytes(signed.bytes, Uint8Array.of(27 + signed.recovery));
    expect(result('recover_address', digest, good)).toEqual(own);
    for (const v of [2, 3, 26, 29, 255]) {
      const bad = good.slice();
      bad[64] = v;
      expect(result('recover_address', digest, bad)).toBeNull();
    }
    expect(result('recover_address', digest.slice(1), good)).toBeNull();
    expect(result('recover_address', digest, good.slice(1))).toBeNull();
    expect(result('recover_address', digest, new Uint8Array(65))).toBeNull();
    const noPoint = concatBytes(new Uint8Array(32).fill(0xff), good.slice(32));
    expect(result('recover_address', digest, noPoint)).toBeNull();
  });

  results([
    ['derive_address', [compressed], own],
    ['derive_address', [compressed.slice(1)], null],
    ['derive_address', [uncompressed.slice(1)], null],
    ['derive_address', [new Uint8Array(65)], null],
  ]);

  failures([
    ['recover_address', ['a', new Uint8Array(65)], 'panic 0x1'],
    ['recover_address', [new Uint8Array(32), null], 'panic 0x1'],
    ['derive_address', ['a'], 'panic 0x1'],
  ]);

  costs([
    ['derive_address', [compressed], 3_000 + 42],
    ['derive_address', [new Uint8Array(1)], 3_000],
    ['recover_address', [new Uint8Array(1), new Uint8Array(1)], 3_000],
  ]);
});
