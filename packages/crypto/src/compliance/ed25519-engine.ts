import { bytesToBigInt, concatBytes, fixedBytes, fromHexKey, toHex } from '@lucerna/base';
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
// biome-ignore lint/correctness/noUndeclaredDependencies: test code, which only tests import
import { describe, expect, it } from 'vitest';
import type { Ed25519Engine } from '../ed25519-engine.ts';
import { keccak256 } from '../keccak.ts';

const { Point } = ed25519;
type Point = InstanceType<typeof Point>;

const ORDER = Point.Fn.ORDER;
const FIELD_PRIME = Point.Fp.ORDER;
const COFACTOR = 8;
/** A generator of the eight points of small order. */
const ORDER_8 = Point.fromBytes(
  fromHexKey('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'),
);
const smallOrder: readonly Point[] = Array.from({ length: COFACTOR }, (_, index) =>
  ORDER_8.multiplyUnsafe(BigInt(index)),
);

const utf8 = (text: string): Uint8Array =>
  Uint8Array.from(text, (character) => character.charCodeAt(0));
const littleEndian = (value: bigint): Uint8Array => fixedBytes(value, 32).reverse();
const codeOf = (code: string): object => expect.objectContaining({ code });

type Signed = {
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
  readonly publicKey: Uint8Array;
};

/** Signatures of pseudo-random keys, over messages of all lengths around the blocks of SHA-512. */
function samples(): readonly Signed[] {
  let state = keccak256(utf8('ed25519 engine'));
  return [0, 1, 31, 32, 47, 48, 63, 64, 65, 127, 128, 129, 1000, 70_000].map((length) => {
    state = keccak256(state);
    const message = Uint8Array.from({ length }, (_, index) => (index + length) % 251);
    const signature = ed25519.sign(message, state);
    return { message, signature, publicKey: ed25519.getPublicKey(state) };
  });
}

/** Registers the tests that every Ed25519 engine passes: the published examples, one verdict on odd input. */
export function ed25519EngineCompliance(name: string, makeEngine: () => Ed25519Engine): void {
  describe(`ed25519 engine: ${name}`, () => {
    verdicts(makeEngine);
    inputs(makeEngine);
    oddSignatures(makeEngine);
    oddEncodings(makeEngine);
  });
}

/** RFC 8032, section 7.1, tests 1 to 3: public key, message, signature. */
const published: readonly (readonly [string, string, string])[] = [
  [
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    '',
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155' +
      '5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  ],
  [
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    '72',
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da' +
      '085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  ],
  [
    'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    'af82',
    '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac' +
      '18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  ],
];

function verdicts(makeEngine: () => Ed25519Engine): void {
  it('verifies the examples of RFC 8032', () => {
    const engine = makeEngine();
    for (const [publicKey, message, signature] of published) {
      const parts = [message, signature, publicKey].map(fromHexKey) as [Uint8Array, Uint8Array];
      expect(engine.verify(...parts, fromHexKey(publicKey))).toBe(true);
    }
  });

  it('verifies what noble signed, and nothing that differs', () => {
    const engine = makeEngine();
    const all = samples();
    for (const [index, { message, signature, publicKey }] of all.entries()) {
      expect(engine.verify(message, signature, publicKey)).toBe(true);
      const other = all[(index + 1) % all.length] as Signed;
      expect(engine.verify(other.message, signature, publicKey)).toBe(false);
      expect(engine.verify(message, other.signature, publicKey)).toBe(false);
      expect(engine.verify(message, signature, other.publicKey)).toBe(false);
    }
  });

  it('does not verify with any byte changed', () => {
    const engine = makeEngine();
    const { message, signature, publicKey } = samples()[3] as Signed;
    for (const part of [message, signature, publicKey]) {
      for (const index of part.keys()) {
        const before = part[index] as number;
        for (const change of [0x01, 0x80, 0xff]) {
          part[index] = before ^ change;
          expect(engine.verify(message, signature, publicKey), `${index} ^ ${change}`).toBe(false);
        }
        part[index] = before;
      }
    }
    expect(engine.verify(message, signature, publicKey)).toBe(true);
  });
}

function inputs(makeEngine: () => Ed25519Engine): void {
  it('changes nothing that it is given, and reads only the bytes of a view', () => {
    const engine = makeEngine();
    for (const { message, signature, publicKey } of samples()) {
      const whole = concatBytes(utf8('~'), signature, publicKey, message, utf8('~'));
      const before = toHex(whole);
      const views = [whole.subarray(1, 65), whole.subarray(65, 97)] as const;
      expect(engine.verify(whole.subarray(97, -1), ...views)).toBe(true);
      expect(toHex(whole)).toBe(before);
    }
  });

  it('refuses other lengths', () => {
    const engine = makeEngine();
    const { message, signature, publicKey } = samples()[0] as Signed;
    for (const length of [0, 31, 63, 65, 96]) {
      const other = new Uint8Array(length);
      other.set(signature.subarray(0, length));
      const attempt = (): unknown => engine.verify(message, other, publicKey);
      expect(attempt).toThrow(codeOf('SIGNATURE_INVALID'));
    }
    for (const length of [0, 31, 33, 64]) {
      const other = new Uint8Array(length);
      other.set(publicKey.subarray(0, length));
      const attempt = (): unknown => engine.verify(message, signature, other);
      expect(attempt).toThrow(codeOf('PUBLIC_KEY_INVALID'));
    }
  });
}

/** The challenge k = SHA-512(R ‖ A ‖ message) modulo the order. */
function challenge(r: Uint8Array, publicKey: Uint8Array, message: Uint8Array): bigint {
  return Point.Fn.create(bytesToBigInt(sha512(concatBytes(r, publicKey, message)).reverse()));
}

/** Who knows the scalars of R and A signs like this, whatever points of small order are added. */
function signLoosely(r: bigint, rExtra: Point, a: bigint, aExtra: Point, message: Uint8Array) {
  const pointR = Point.BASE.multiplyUnsafe(r).add(rExtra);
  const pointA = Point.BASE.multiplyUnsafe(a).add(aExtra);
  const [encodedR, publicKey] = [pointR.toBytes(), pointA.toBytes()];
  const k = challenge(encodedR, publicKey, message);
  const s = Point.Fn.create(r + k * a);
  const signature = concatBytes(encodedR, littleEndian(s));
  const expected = pointR.add(pointA.multiplyUnsafe(k));
  return { signature, publicKey, isExact: Point.BASE.multiplyUnsafe(s).equals(expected) };
}

function oddSignatures(makeEngine: () => Ed25519Engine): void {
  it('takes the equation as it is, without the cofactor', () => {
    const engine = makeEngine();
    const seen = { exact: 0, inexact: 0 };
    const pairs = smallOrder.flatMap((r) => smallOrder.map((a) => [r, a] as const));
    for (const [index, [rExtra, aExtra]] of pairs.entries()) {
      const message = utf8(`message ${index}`);
      const odd = signLoosely(987_654_321n, rExtra, 123_456_789n, aExtra, message);
      seen[odd.isExact ? 'exact' : 'inexact'] += 1;
      expect(engine.verify(message, odd.signature, odd.publicKey)).toBe(odd.isExact);
    }
    expect(Math.min(seen.exact, seen.inexact)).toBeGreaterThan(1);
  });

  it('does not verify a public key or an R of small order, though the equation holds', () => {
    const engine = makeEngine();
    const seen = { a: 0, r: 0 };
    for (const extra of smallOrder) {
      for (let index = 0; index < COFACTOR; index += 1) {
        const message = utf8(`message ${index}`);
        const smallKey = signLoosely(987_654_321n, Point.ZERO, 0n, extra, message);
        const smallR = signLoosely(0n, extra, 123_456_789n, Point.ZERO, message);
        if (smallKey.isExact) seen.a += 1;
        if (smallR.isExact) seen.r += 1;
        expect(engine.verify(message, smallKey.signature, smallKey.publicKey)).toBe(false);
        expect(engine.verify(message, smallR.signature, smallR.publicKey)).toBe(false);
      }
    }
    expect(Math.min(seen.a, seen.r)).toBeGreaterThan(1);
  });

  it('does not verify an S that is not below the order', () => {
    const engine = makeEngine();
    for (const { message, signature, publicKey } of samples()) {
      const s = bytesToBigInt(signature.slice(32).reverse());
      for (let value = s + ORDER; value < 2n ** 256n; value += ORDER) {
        const other = concatBytes(signature.subarray(0, 32), littleEndian(value));
        expect(engine.verify(message, other, publicKey)).toBe(false);
      }
    }
  });
}

/** Every encoding whose y is not below p or that of a point of small order, with both signs. */
function oddPoints(): readonly Uint8Array[] {
  const canonical = smallOrder.map((point) => bytesToBigInt(point.toBytes().reverse()));
  const tooLarge = Array.from({ length: 19 }, (_, index) => FIELD_PRIME + BigInt(index));
  const values = [...canonical, ...tooLarge].map((value) => BigInt.asUintN(255, value));
  return values.flatMap((value) => [littleEndian(value), littleEndian(value + 2n ** 255n)]);
}

function oddEncodings(makeEngine: () => Ed25519Engine): void {
  it('does not verify a point of small order or in another than the canonical encoding', () => {
    const engine = makeEngine();
    const good = Point.BASE.toBytes();
    const scalars = [0n, 1n, ORDER - 1n].map(littleEndian);
    for (const odd of oddPoints()) {
      for (const other of [good, ...oddPoints()]) {
        const signatures = scalars.map((s) => [concatBytes(odd, s), concatBytes(other, s)]);
        for (const [oddR, otherR] of signatures as [Uint8Array, Uint8Array][]) {
          expect(engine.verify(utf8('message'), oddR, other)).toBe(false);
          expect(engine.verify(utf8('message'), otherR, odd)).toBe(false);
        }
      }
    }
  });

  it('does not verify a y that no point has', () => {
    const engine = makeEngine();
    const { message, signature, publicKey } = samples()[0] as Signed;
    // (y² − 1) / (d·y² + 1) is no square modulo p for y = 2 and y = 7.
    for (const noPoint of [2n, 7n].map(littleEndian)) {
      const other = concatBytes(noPoint, signature.subarray(32));
      expect(engine.verify(message, other, publicKey)).toBe(false);
      expect(engine.verify(message, signature, noPoint)).toBe(false);
    }
  });
}
