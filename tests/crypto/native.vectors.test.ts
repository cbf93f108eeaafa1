import { createNativeEd25519Engine, nativeSignatureEngine } from '@lucerna/platform-node/crypto';
import {
  ecdsaSuite,
  ed25519Suite,
  nobleSuite,
  nonceSuite,
  recoverySuite,
} from '../../packages/crypto/test/signature-vectors.ts';
import { vectorSuite } from '../../tools/src/vectors.ts';

// The same files that the pure engines read in their own package.

const engine = await nativeSignatureEngine();

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
vectorSuite('signature/wycheproof-ed25519_test.json', ed25519Suite(createNativeEd25519Engine()));
