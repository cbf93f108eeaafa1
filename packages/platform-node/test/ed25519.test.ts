import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { pureEd25519Engine } from '@lucerna/crypto';
import { ed25519EngineCompliance } from '@lucerna/crypto/compliance';
import { createNativeEd25519Engine } from '@lucerna/platform-node/crypto';
import { describe, expect, it } from 'vitest';
import { ED25519_KEYS } from '../src/limits.ts';

ed25519EngineCompliance('the native engine', createNativeEd25519Engine);

type Pair = { readonly publicKey: Uint8Array; readonly privateKey: KeyObject };

function makePair(): Pair {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  // The last 32 bytes are the key.
  const encoded = publicKey.export({ format: 'der', type: 'spki' });
  return { publicKey: encoded.subarray(-32), privateKey };
}

describe('the keys that the native engine keeps', () => {
  it('may be more than it keeps', () => {
    const engine = createNativeEd25519Engine();
    const message = new Uint8Array(40).fill(7);
    const pairs = Array.from({ length: ED25519_KEYS + 2 }, makePair);
    const signatures = pairs.map(({ privateKey }) => sign(null, message, privateKey));
    for (const indexes of [pairs.keys(), pairs.keys()]) {
      for (const index of indexes) {
        const { publicKey } = pairs[index] as Pair;
        const next = signatures[(index + 1) % pairs.length] as Uint8Array;
        expect(engine.verify(message, signatures[index] as Uint8Array, publicKey)).toBe(true);
        expect(engine.verify(message, next, publicKey)).toBe(false);
      }
    }
  });

  it('do not change with the bytes that they came from', () => {
    const engine = createNativeEd25519Engine();
    const message = new Uint8Array(40).fill(7);
    const [first, second] = [makePair(), makePair()];
    const ofFirst = sign(null, message, first.privateKey);
    const ofSecond = sign(null, message, second.privateKey);
    const publicKey = Uint8Array.from(first.publicKey);
    expect(engine.verify(message, ofFirst, publicKey)).toBe(true);
    publicKey.set(second.publicKey);
    expect(engine.verify(message, ofSecond, publicKey)).toBe(true);
    expect(engine.verify(message, ofFirst, publicKey)).toBe(false);
    expect(pureEd25519Engine.verify(message, ofFirst, first.publicKey)).toBe(true);
    expect(engine.verify(message, ofFirst, first.publicKey)).toBe(true);
  });
});
