import { expect, it } from 'vitest';
import { signatureEngineCompliance } from '../src/compliance/index.ts';
import { isPrivateKey, pureSignatureEngine, SECP256K1_ORDER } from '../src/index.ts';

signatureEngineCompliance('pure', () => pureSignatureEngine);

it('knows what a private key is', () => {
  const key = (value: bigint): Uint8Array =>
    Uint8Array.from(Buffer.from(value.toString(16).padStart(64, '0'), 'hex'));
  expect(isPrivateKey(key(1n))).toBe(true);
  expect(isPrivateKey(key(SECP256K1_ORDER - 1n))).toBe(true);
  expect(isPrivateKey(key(0n))).toBe(false);
  expect(isPrivateKey(key(SECP256K1_ORDER))).toBe(false);
  expect(isPrivateKey(key(1n).subarray(1))).toBe(false);
});

it('never writes a key into an error', () => {
  const key = new Uint8Array(33).fill(0xab);
  try {
    pureSignatureEngine.publicKey(key);
    expect.unreachable();
  } catch (error) {
    expect(JSON.stringify(error) + String(error)).not.toContain('abab');
    expect(String(error)).not.toContain('171');
  }
});
