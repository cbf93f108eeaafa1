import { bytesToBigInt, concatBytes, fixedBytes, toHex } from '@lucerna/base';
import { secp256k1 } from '@noble/curves/secp256k1.js';
// biome-ignore lint/correctness/noUndeclaredDependencies: test code, which only tests import
import { describe, expect, it } from 'vitest';
import { keccak256 } from '../keccak.ts';
import {
  type RecoverableSignature,
  SECP256K1_HALF_ORDER,
  SECP256K1_ORDER,
  type SignatureEngine,
} from '../signature-engine.ts';

export { ed25519EngineCompliance } from './ed25519-engine.ts';
export { hashEngineCompliance } from './hash-engine.ts';

const ROUNDS = 16;

const utf8 = (text: string): Uint8Array =>
  Uint8Array.from(text, (character) => character.charCodeAt(0));
const scalarBytes = (value: bigint): Uint8Array => fixedBytes(value, 32);
const codeOf = (code: string): object => expect.objectContaining({ code });

/** Keys and digests at the edges, then pseudo-random ones: each is the hash of the one before. */
function samples(): readonly { readonly key: Uint8Array; readonly digest: Uint8Array }[] {
  const edges = [
    { key: scalarBytes(1n), digest: new Uint8Array(32) },
    { key: scalarBytes(SECP256K1_ORDER - 1n), digest: new Uint8Array(32).fill(0xff) },
    { key: scalarBytes(2n), digest: scalarBytes(SECP256K1_ORDER) },
  ];
  let state = keccak256(utf8('signature engine'));
  const others = Array.from({ length: ROUNDS }, () => {
    const key = keccak256(state);
    state = keccak256(key);
    return { key, digest: state };
  });
  return [...edges, ...others];
}

/** The same signature with n − s: what a third party can make of it. */
function withHighS({ bytes, recovery }: RecoverableSignature): RecoverableSignature {
  const s = SECP256K1_ORDER - bytesToBigInt(bytes.subarray(32));
  return {
    bytes: concatBytes(bytes.subarray(0, 32), scalarBytes(s)),
    recovery: recovery === 0 ? 1 : 0,
  };
}

/**
 * Registers the tests that every signature engine passes: equal bytes to noble, RFC 6979, low s,
 * and the same refusals.
 */
export function signatureEngineCompliance(name: string, makeEngine: () => SignatureEngine): void {
  describe(`signature engine: ${name}`, () => {
    keysAndSigning(makeEngine);
    recovery(makeEngine);
    verification(makeEngine);
  });
}

function keysAndSigning(makeEngine: () => SignatureEngine): void {
  it('derives the public keys that noble derives', () => {
    const engine = makeEngine();
    for (const { key } of samples()) {
      expect(toHex(engine.publicKey(key))).toBe(toHex(secp256k1.getPublicKey(key, false)));
    }
  });

  it('signs the bytes that noble signs, with low s', () => {
    const engine = makeEngine();
    for (const { key, digest } of samples()) {
      const { bytes, recovery } = engine.sign(digest, key);
      const options = { prehash: false, lowS: true, format: 'recovered' } as const;
      const expected = secp256k1.sign(digest, key, options);
      expect(toHex(concatBytes(Uint8Array.of(recovery), bytes))).toBe(toHex(expected));
      expect(bytesToBigInt(bytes.subarray(32))).toBeLessThanOrEqual(SECP256K1_HALF_ORDER);
    }
  });

  it('signs a published RFC 6979 example', () => {
    // The widely published secp256k1 case: key 1, SHA-256("Satoshi Nakamoto").
    const digest = scalarBytes(0xa0dc65ffca799873cbea0ac274015b9526505daaaed385155425f7337704883en);
    expect(toHex(makeEngine().sign(digest, scalarBytes(1n)).bytes)).toBe(
      '0x934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8' +
        '2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5',
    );
  });

  it('does not keep or change what it is given', () => {
    const engine = makeEngine();
    const key = keccak256(utf8('key'));
    const digest = keccak256(utf8('digest'));
    const [keyBefore, digestBefore] = [toHex(key), toHex(digest)];
    const first = engine.sign(digest, key);
    const firstBytes = toHex(first.bytes);
    engine.sign(keccak256(digest), key);
    expect([toHex(key), toHex(digest)]).toEqual([keyBefore, digestBefore]);
    expect(toHex(first.bytes)).toBe(firstBytes);
  });

  it('refuses what is not a private key', () => {
    const engine = makeEngine();
    const digest = keccak256(utf8('digest'));
    const values = [0n, SECP256K1_ORDER, SECP256K1_ORDER + 1n, 2n ** 256n - 1n].map(scalarBytes);
    const lengths = [0, 31, 33].map((length) => new Uint8Array(length).fill(1));
    for (const key of [...values, ...lengths]) {
      expect(() => engine.publicKey(key)).toThrow(codeOf('KEY_INVALID'));
      expect(() => engine.sign(digest, key)).toThrow(codeOf('KEY_INVALID'));
    }
  });

  it('refuses digests of other lengths', () => {
    const engine = makeEngine();
    const key = scalarBytes(1n);
    const signed = engine.sign(new Uint8Array(32), key);
    for (const length of [0, 31, 33, 64]) {
      const digest = new Uint8Array(length);
      expect(() => engine.sign(digest, key)).toThrow(codeOf('DIGEST_INVALID'));
      expect(() => engine.recover(digest, signed)).toThrow(codeOf('DIGEST_INVALID'));
      const publicKey = engine.publicKey(key);
      expect(() => engine.verify(digest, signed.bytes, publicKey)).toThrow(
        codeOf('DIGEST_INVALID'),
      );
    }
  });
}

function recovery(makeEngine: () => SignatureEngine): void {
  it('recovers the signer from low and from high s', () => {
    const engine = makeEngine();
    for (const { key, digest } of samples()) {
      const signature = engine.sign(digest, key);
      const publicKey = toHex(engine.publicKey(key));
      expect(toHex(engine.recover(digest, signature))).toBe(publicKey);
      expect(toHex(engine.recover(digest, withHighS(signature)))).toBe(publicKey);
    }
  });

  it('recovers another key with the other parity or another digest', () => {
    const engine = makeEngine();
    const key = keccak256(utf8('key'));
    const digest = keccak256(utf8('digest'));
    const signature = engine.sign(digest, key);
    const publicKey = toHex(engine.publicKey(key));
    const flipped = { bytes: signature.bytes, recovery: signature.recovery === 0 ? 1 : 0 } as const;
    expect(toHex(engine.recover(digest, flipped))).not.toBe(publicKey);
    expect(toHex(engine.recover(keccak256(digest), signature))).not.toBe(publicKey);
  });

  it('refuses r and s that are zero or not below the order, and other lengths', () => {
    const engine = makeEngine();
    const digest = keccak256(utf8('digest'));
    const good = scalarBytes(1n);
    const bad = [0n, SECP256K1_ORDER, 2n ** 256n - 1n].map(scalarBytes);
    const pairs = bad.flatMap((value) => [concatBytes(value, good), concatBytes(good, value)]);
    const lengths = [0, 63, 65].map((length) => new Uint8Array(length).fill(1));
    for (const bytes of [...pairs, ...lengths]) {
      const attempt = (): unknown => engine.recover(digest, { bytes, recovery: 0 });
      expect(attempt).toThrow(codeOf('SIGNATURE_INVALID'));
    }
  });

  it('refuses recovery ids other than 0 and 1', () => {
    const engine = makeEngine();
    const digest = keccak256(utf8('digest'));
    const { bytes } = engine.sign(digest, scalarBytes(1n));
    for (const id of [-1, 2, 3, 27, 0.5, Number.NaN]) {
      const signature = { bytes, recovery: id } as unknown as RecoverableSignature;
      expect(() => engine.recover(digest, signature)).toThrow(codeOf('SIGNATURE_INVALID'));
    }
  });

  it('refuses an r that is no x coordinate, and a signature of the point at infinity', () => {
    const engine = makeEngine();
    const digest = keccak256(utf8('digest'));
    // x = 5 is not on the curve: 5³ + 7 = 132 has no square root modulo p.
    const noPoint = concatBytes(scalarBytes(5n), scalarBytes(1n));
    expect(() => engine.recover(digest, { bytes: noPoint, recovery: 0 })).toThrow(
      codeOf('SIGNATURE_INVALID'),
    );
    // With R = G and s = the digest, s·R − digest·G is the point at infinity.
    const generatorX = secp256k1.Point.BASE.toBytes(true).subarray(1);
    const one = scalarBytes(1n);
    const infinity = { bytes: concatBytes(generatorX, one), recovery: 0 } as const;
    expect(() => engine.recover(one, infinity)).toThrow(codeOf('SIGNATURE_INVALID'));
  });
}

function verification(makeEngine: () => SignatureEngine): void {
  it('verifies what it signed, and nothing that differs', () => {
    const engine = makeEngine();
    for (const { key, digest } of samples()) {
      const { bytes } = engine.sign(digest, key);
      const publicKey = engine.publicKey(key);
      expect(engine.verify(digest, bytes, publicKey)).toBe(true);
      expect(engine.verify(keccak256(digest), bytes, publicKey)).toBe(false);
      const otherKey = engine.publicKey(keccak256(key));
      expect(engine.verify(digest, bytes, otherKey)).toBe(false);
    }
  });

  it('does not verify a high s', () => {
    const engine = makeEngine();
    for (const { key, digest } of samples()) {
      const high = withHighS(engine.sign(digest, key));
      expect(engine.verify(digest, high.bytes, engine.publicKey(key))).toBe(false);
    }
  });

  it('does not verify values out of range or a point off the curve', () => {
    const engine = makeEngine();
    const key = scalarBytes(1n);
    const digest = keccak256(utf8('digest'));
    const { bytes } = engine.sign(digest, key);
    const publicKey = engine.publicKey(key);
    for (const value of [0n, SECP256K1_ORDER, 2n ** 256n - 1n].map(scalarBytes)) {
      const badR = concatBytes(value, bytes.subarray(32));
      const badS = concatBytes(bytes.subarray(0, 32), value);
      expect(engine.verify(digest, badR, publicKey)).toBe(false);
      expect(engine.verify(digest, badS, publicKey)).toBe(false);
    }
    const offCurve = publicKey.slice();
    offCurve[64] = (offCurve[64] as number) ^ 1;
    expect(engine.verify(digest, bytes, offCurve)).toBe(false);
    for (const prefix of [0, 2, 3, 5, 6, 7]) {
      const other = publicKey.slice();
      other[0] = prefix;
      expect(engine.verify(digest, bytes, other)).toBe(false);
    }
  });

  it('refuses to verify other lengths', () => {
    const engine = makeEngine();
    const key = scalarBytes(1n);
    const digest = keccak256(utf8('digest'));
    const { bytes } = engine.sign(digest, key);
    const publicKey = engine.publicKey(key);
    const short = bytes.subarray(1);
    expect(() => engine.verify(digest, short, publicKey)).toThrow(codeOf('SIGNATURE_INVALID'));
    for (const length of [0, 33, 64, 66]) {
      const other = new Uint8Array(length).fill(4);
      expect(() => engine.verify(digest, bytes, other)).toThrow(codeOf('PUBLIC_KEY_INVALID'));
    }
  });
}
