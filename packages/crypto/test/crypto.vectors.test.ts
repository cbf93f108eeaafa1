import { fromHex, toHex } from '@lucerna/base';
import { expect } from 'vitest';
import { vectorSuite, vectorsNotRun } from '../../../tools/src/vectors.ts';
import {
  createKernelHashEngine,
  pureEd25519Engine,
  pureHashEngine,
  pureSignatureEngine,
} from '../src/index.ts';
import {
  ecdsaSuite,
  ed25519Suite,
  nobleSuite,
  nonceSuite,
  recoverySuite,
} from './signature-vectors.ts';

const hashEngines = [createKernelHashEngine(), pureHashEngine];

type HashCase = { readonly data: string; readonly keccak256: string; readonly sha256: string };

vectorSuite<readonly HashCase[], HashCase>('hash/ethers-hashes.json', {
  cases: (document) => document.map((value, index) => [`${index}`, value]),
  check: ({ data, keccak256, sha256 }) => {
    for (const engine of hashEngines) {
      expect(toHex(engine.keccak256(fromHex(data)))).toBe(keccak256);
      expect(toHex(engine.sha256(fromHex(data)))).toBe(sha256);
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
      const digest = `0x${hash.slice(0, 64)}`;
      for (const engine of hashEngines) expect(toHex(engine.blake3(data))).toBe(digest);
    },
  },
);

const engine = pureSignatureEngine;

vectorSuite('signature/noble-secp256k1-ecdsa.json', nobleSuite(engine));
vectorSuite('signature/noble-secp256k1-rfc6979.json', nonceSuite(engine));
vectorSuite('signature/ethers6-recovery.json', recoverySuite(engine));
vectorSuite(
  'signature/wycheproof-ecdsa_secp256k1_sha256_p1363_test.json',
  ecdsaSuite(engine, { encoding: 'p1363', acceptsHighS: true }),
);
vectorSuite(
  'signature/wycheproof-ecdsa_secp256k1_sha256_test.json',
  ecdsaSuite(engine, { encoding: 'der', acceptsHighS: true }),
);
vectorSuite(
  'signature/wycheproof-ecdsa_secp256k1_sha256_bitcoin_test.json',
  ecdsaSuite(engine, { encoding: 'der', acceptsHighS: false }),
);
vectorSuite('signature/wycheproof-ed25519_test.json', ed25519Suite(pureEd25519Engine));

vectorsNotRun('hash/ethers-hashes.json, sha512', 'not applicable: nothing hashes with SHA-512');
vectorsNotRun(
  'hash/blake3-test_vectors.json, keyed_hash',
  'not applicable: BLAKE3 is used without a key',
);
vectorsNotRun(
  'hash/blake3-test_vectors.json, derive_key',
  'not applicable: no keys are derived with BLAKE3',
);
vectorsNotRun(
  'signature/noble-secp256k1-rfc6979.json, k1 and k15',
  'not applicable: nonces that follow when the first ones give no signature',
);
