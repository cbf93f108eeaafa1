import { createHash } from 'node:crypto';
import { bytesToBigInt, concatBytes, fixedBytes, fromHex, toHex } from '@lucerna/base';
import { expect } from 'vitest';
import { vectorSuite } from '../../../tools/src/vectors.ts';
import {
  blake3,
  createKernelHashEngine,
  keccak256,
  pureHashEngine,
  pureSignatureEngine,
  SECP256K1_HALF_ORDER,
  SECP256K1_ORDER,
} from '../src/index.ts';

const hex = (digits: string): Uint8Array => fromHex(`0x${digits}`);
const sha256 = (data: Uint8Array): Uint8Array =>
  Uint8Array.from(createHash('sha256').update(data).digest());

type HashCase = { readonly data: string; readonly keccak256: string };

vectorSuite<readonly HashCase[], HashCase>('hash/ethers-hashes.json', {
  cases: (document) => document.map((value, index) => [`${index}`, value]),
  check: (value) => {
    const data = fromHex(value.data);
    for (const engine of [createKernelHashEngine(), pureHashEngine]) {
      expect(toHex(engine.keccak256(data))).toBe(value.keccak256);
    }
  },
});

type Blake3Case = { readonly input_len: number; readonly hash: string };

vectorSuite<{ readonly cases: readonly Blake3Case[] }, Blake3Case>(
  'hash/blake3-test_vectors.json',
  {
    cases: ({ cases }) => cases.map((value) => [`${value.input_len} bytes`, value]),
    check: ({ input_len, hash }) => {
      const data = Uint8Array.from({ length: input_len }, (_, index) => index % 251);
      // The file has 131 bytes of output, of which the usual 32 are the beginning.
      expect(toHex(blake3(data))).toBe(`0x${hash.slice(0, 64)}`);
    },
  },
);

type NobleCase = {
  readonly kind: 'valid' | 'sign' | 'verify';
  readonly d: string;
  readonly m: string;
  readonly Q: string;
  readonly signature: string;
};
type NobleDocument = {
  readonly valid: readonly NobleCase[];
  readonly invalid: { readonly sign: readonly NobleCase[]; readonly verify: readonly NobleCase[] };
};

vectorSuite<NobleDocument, NobleCase>('signature/noble-secp256k1-ecdsa.json', {
  // `extraEntropy` asks for a nonce other than that of RFC 6979: our engines have no such option.
  cases: ({ valid, invalid }) => {
    const groups = { valid, sign: invalid.sign, verify: invalid.verify };
    return Object.entries(groups).flatMap(([kind, cases]) =>
      cases.map((value, index) => [`${kind} ${index}`, { ...value, kind } as NobleCase] as const),
    );
  },
  check: ({ kind, d, m, Q, signature }) => {
    const engine = pureSignatureEngine;
    if (kind === 'valid') {
      expect(toHex(engine.sign(hex(m), hex(d)).bytes)).toBe(`0x${signature}`);
    } else if (kind === 'sign') {
      const refused = expect.objectContaining({ code: 'KEY_INVALID' });
      expect(() => engine.sign(hex(m), hex(d))).toThrow(refused);
    } else if (Q.length === 130) {
      expect(engine.verify(hex(m), hex(signature), hex(Q))).toBe(false);
    } else {
      // Compressed and otherwise short keys are refused for their length.
      const refused = expect.objectContaining({ code: 'PUBLIC_KEY_INVALID' });
      expect(() => engine.verify(hex(m), hex(signature), hex(Q))).toThrow(refused);
    }
  },
});

type RecoveryCase = {
  readonly name: string;
  readonly digest: string;
  readonly r: string;
  readonly s: string;
  readonly v: string;
  readonly address: string;
};

vectorSuite<readonly RecoveryCase[], RecoveryCase>('signature/ethers6-recovery.json', {
  cases: (document) => document.map((value) => [value.name, value]),
  check: ({ digest, r, s, v, address }) => {
    const number = BigInt(v);
    const parity = number < 2n ? number : (number + 1n) % 2n;
    const bytes = concatBytes(fixedBytes(BigInt(r), 32), fixedBytes(BigInt(s), 32));
    const signature = { bytes, recovery: parity === 0n ? 0 : 1 } as const;
    const publicKey = pureSignatureEngine.recover(fromHex(digest), signature);
    const recovered = toHex(keccak256(publicKey.subarray(1)).subarray(12));
    expect(recovered).toBe(address.toLowerCase());
  },
});

type WycheproofTest = {
  readonly tcId: number;
  readonly msg: string;
  readonly sig: string;
  readonly result: 'valid' | 'invalid' | 'acceptable';
};
type WycheproofDocument = {
  readonly testGroups: readonly {
    readonly publicKey: { readonly uncompressed: string };
    readonly tests: readonly WycheproofTest[];
  }[];
};
type WycheproofCase = WycheproofTest & { readonly publicKey: string };

vectorSuite<WycheproofDocument, WycheproofCase>(
  'signature/wycheproof-ecdsa_secp256k1_sha256_p1363_test.json',
  {
    cases: ({ testGroups }) =>
      testGroups.flatMap(({ publicKey, tests }) =>
        tests.map((test) => {
          const value = { ...test, publicKey: publicKey.uncompressed };
          return [`${test.tcId}`, value] as const;
        }),
      ),
    check: ({ msg, sig, result, publicKey }) => {
      const digest = sha256(hex(msg));
      const signature = hex(sig);
      if (signature.length !== 64) {
        expect(result).toBe('invalid');
        const refused = expect.objectContaining({ code: 'SIGNATURE_INVALID' });
        expect(() => pureSignatureEngine.verify(digest, signature, hex(publicKey))).toThrow(
          refused,
        );
        return;
      }
      const s = bytesToBigInt(signature.subarray(32));
      if (s > SECP256K1_HALF_ORDER && s < SECP256K1_ORDER) {
        // Valid ECDSA, which our verify refuses; its low twin has the verdict of the file.
        expect(pureSignatureEngine.verify(digest, signature, hex(publicKey))).toBe(false);
        signature.set(fixedBytes(SECP256K1_ORDER - s, 32), 32);
      }
      const verdict = pureSignatureEngine.verify(digest, signature, hex(publicKey));
      expect(verdict).toBe(result === 'valid');
    },
  },
);
