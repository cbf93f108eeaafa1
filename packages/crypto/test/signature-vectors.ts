import { bytesToBigInt, concatBytes, fixedBytes, fromHex, toHex, toHexKey } from '@lucerna/base';
import { expect } from 'vitest';
import type { NamedCase, VectorSuite } from '../../../tools/src/vectors.ts';
import {
  decodeDerSignature,
  decodePublicKey,
  type Ed25519Engine,
  keccak256,
  SECP256K1_HALF_ORDER,
  SECP256K1_ORDER,
  type SignatureEngine,
  sha256,
} from '../src/index.ts';

// How the files of signatures are asked of an engine: the pure ones here, the native ones in the
// root's tests.

const hex = (digits: string): Uint8Array => fromHex(`0x${digits}`);
const codeOf = (code: string): object => expect.objectContaining({ code });

type Verdict = 'valid' | 'invalid';
type WycheproofTest = {
  readonly tcId: number;
  readonly msg: string;
  readonly sig: string;
  readonly result: Verdict;
};
type WycheproofDocument<Key> = {
  readonly testGroups: readonly {
    readonly publicKey: Key;
    readonly tests: readonly WycheproofTest[];
  }[];
};
type WycheproofCase<Key> = WycheproofTest & { readonly publicKey: Key };

function wycheproofCases<Key>({
  testGroups,
}: WycheproofDocument<Key>): readonly NamedCase<WycheproofCase<Key>>[] {
  return testGroups.flatMap(({ publicKey, tests }) =>
    tests.map((test) => [`${test.tcId}`, { ...test, publicKey }] as const),
  );
}

type EcdsaKey = { readonly uncompressed: string };

/** Both forms of the public key decode to the one that the engines take; a hybrid one does not. */
function decodeBothForms({ uncompressed }: EcdsaKey): Uint8Array {
  const publicKey = decodePublicKey(hex(uncompressed));
  expect(toHexKey(publicKey)).toBe(uncompressed);
  const parity = (publicKey[64] as number) & 1;
  const compressed = Uint8Array.of(2 + parity, ...publicKey.subarray(1, 33));
  expect(toHexKey(decodePublicKey(compressed))).toBe(uncompressed);
  const hybrid = Uint8Array.of(6 + parity, ...publicKey.subarray(1));
  expect(() => decodePublicKey(hybrid)).toThrow(codeOf('PUBLIC_KEY_INVALID'));
  return publicKey;
}

/** How a file of Wycheproof's ECDSA cases is to be read. */
export type EcdsaForm = {
  /** `p1363` is r ‖ s. */
  readonly encoding: 'der' | 'p1363';
  /** Whether the file has valid signatures with a high s, which our engines refuse. */
  readonly acceptsHighS: boolean;
};

/** Wycheproof's ECDSA files: SHA-256 of the message, and the verdict of the file. */
export function ecdsaSuite(
  engine: SignatureEngine,
  { encoding, acceptsHighS }: EcdsaForm,
): VectorSuite<WycheproofDocument<EcdsaKey>, WycheproofCase<EcdsaKey>> {
  const signatureOf = encoding === 'der' ? decodeDerSignature : (bytes: Uint8Array) => bytes;
  return {
    cases: wycheproofCases,
    check: ({ msg, sig, result, publicKey }) => {
      const key = decodeBothForms(publicKey);
      const digest = sha256(hex(msg));
      const verify = (): boolean => engine.verify(digest, signatureOf(hex(sig)), key);
      if (!hasForm(signatureOf, sig)) {
        expect(result).toBe('invalid');
        expect(verify).toThrow(codeOf('SIGNATURE_INVALID'));
        return;
      }
      const signature = signatureOf(hex(sig));
      const s = bytesToBigInt(signature.subarray(32));
      if (acceptsHighS && s > SECP256K1_HALF_ORDER && s < SECP256K1_ORDER) {
        // Valid ECDSA, which our verify refuses; its low twin has the verdict of the file.
        expect(verify()).toBe(false);
        signature.set(fixedBytes(SECP256K1_ORDER - s, 32), 32);
      }
      expect(engine.verify(digest, signature, key)).toBe(result === 'valid');
    },
  };
}

/** Whether the signature has the length, or the encoding, that comes before any question of validity. */
function hasForm(signatureOf: (bytes: Uint8Array) => Uint8Array, sig: string): boolean {
  try {
    return signatureOf(hex(sig)).length === 64;
  } catch {
    return false;
  }
}

type EdwardsKey = { readonly pk: string };

/** Wycheproof's Ed25519 file. */
export function ed25519Suite(
  engine: Ed25519Engine,
): VectorSuite<WycheproofDocument<EdwardsKey>, WycheproofCase<EdwardsKey>> {
  return {
    cases: wycheproofCases,
    check: ({ msg, sig, result, publicKey }) => {
      const signature = hex(sig);
      const verify = (): boolean => engine.verify(hex(msg), signature, hex(publicKey.pk));
      if (signature.length === 64) {
        expect(verify()).toBe(result === 'valid');
      } else {
        expect(result).toBe('invalid');
        expect(verify).toThrow(codeOf('SIGNATURE_INVALID'));
      }
    },
  };
}

type NobleCase = {
  readonly kind: 'valid' | 'sign' | 'verify' | 'extra entropy';
  readonly d: string;
  readonly m: string;
  readonly Q: string;
  readonly exception?: string;
  readonly signature: string;
};
type NobleDocument = {
  readonly valid: readonly NobleCase[];
  readonly invalid: { readonly sign: readonly NobleCase[]; readonly verify: readonly NobleCase[] };
  readonly extraEntropy: readonly NobleCase[];
};

const entropyReason = 'not applicable, the engines sign with the nonce of RFC 6979 and no other';

/** Noble's cases: signatures to the byte, keys and signatures that are refused. */
export function nobleSuite(engine: SignatureEngine): VectorSuite<NobleDocument, NobleCase> {
  return {
    cases: ({ valid, invalid, extraEntropy }) => {
      const groups = { valid, ...invalid, 'extra entropy': extraEntropy };
      return Object.entries(groups).flatMap(([kind, cases]) =>
        cases.map((value, index) => [`${kind} ${index}`, { ...value, kind } as NobleCase] as const),
      );
    },
    notApplicable: Object.fromEntries(
      Array.from({ length: 5 }, (_, index) => [`extra entropy ${index}`, entropyReason]),
    ),
    check: (value) => {
      const { kind, d, m, signature } = value;
      if (kind === 'valid') {
        const signed = engine.sign(hex(m), hex(d));
        expect(toHexKey(signed.bytes)).toBe(signature);
      } else if (kind === 'sign') {
        expect(() => engine.sign(hex(m), hex(d))).toThrow(codeOf('KEY_INVALID'));
      } else {
        checkRefusal(engine, value);
      }
    },
  };
}

/** A key that is none is refused with a code; with the others the signature does not verify. */
function checkRefusal(engine: SignatureEngine, { Q, m, signature, exception }: NobleCase): void {
  const key = hex(Q);
  if (exception === 'Expected Point') {
    expect(() => decodePublicKey(key)).toThrow(codeOf('PUBLIC_KEY_INVALID'));
    // Those of the right length are an engine's to refuse, too.
    if (key.length === 65) expect(engine.verify(hex(m), hex(signature), key)).toBe(false);
  } else {
    expect(engine.verify(hex(m), hex(signature), decodePublicKey(key))).toBe(false);
  }
}

type NonceCase = { readonly message: string; readonly d: string; readonly k0: string };

/**
 * The nonces of RFC 6979. An engine does not tell its nonce, but r is the x of nonce·G, which is a
 * public key, and s = ±(digest + r·d) / nonce.
 */
export function nonceSuite(engine: SignatureEngine): VectorSuite<readonly NonceCase[], NonceCase> {
  return {
    cases: (document) => document.map((value, index) => [`${index} ${value.message}`, value]),
    check: ({ message, d, k0 }) => {
      const digest = sha256(new TextEncoder().encode(message));
      const { bytes } = engine.sign(digest, hex(d));
      const [r, s] = [bytes.subarray(0, 32), bytes.subarray(32)].map(bytesToBigInt) as [
        bigint,
        bigint,
      ];
      const x = bytesToBigInt(engine.publicKey(hex(k0)).subarray(1, 33));
      expect(r).toBe(x % SECP256K1_ORDER);
      const product = (s * BigInt(`0x${k0}`)) % SECP256K1_ORDER;
      const sum = (bytesToBigInt(digest) + r * BigInt(`0x${d}`)) % SECP256K1_ORDER;
      expect([sum, SECP256K1_ORDER - sum]).toContain(product);
    },
  };
}

type RecoveryCase = {
  readonly name: string;
  readonly digest: string;
  readonly r: string;
  readonly s: string;
  readonly v: string;
  readonly address: string;
};

/** Signatures of transactions, from which the address of the sender is recovered. */
export function recoverySuite(
  engine: SignatureEngine,
): VectorSuite<readonly RecoveryCase[], RecoveryCase> {
  return {
    cases: (document) => document.map((value) => [value.name, value]),
    check: ({ digest, r, s, v, address }) => {
      const number = BigInt(v);
      const parity = number < 2n ? number : (number + 1n) % 2n;
      const bytes = concatBytes(fixedBytes(BigInt(r), 32), fixedBytes(BigInt(s), 32));
      const signature = { bytes, recovery: parity === 0n ? 0 : 1 } as const;
      const publicKey = engine.recover(fromHex(digest), signature);
      const recovered = toHex(keccak256(publicKey.subarray(1)).subarray(12));
      expect(recovered).toBe(address.toLowerCase());
    },
  };
}
