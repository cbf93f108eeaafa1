import { concatBytes, equalBytes, fromHex, isHex, type Random, toHex } from '@lucerna/base';
import { ctr } from '@noble/ciphers/aes.js';
import { pbkdf2Async } from '@noble/hashes/pbkdf2.js';
import { scryptAsync } from '@noble/hashes/scrypt.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { cryptoErrors } from './errors.ts';
import { keccak256 } from './keccak.ts';
import { cryptoLimits } from './limits.ts';
import { requirePrivateKey } from './signature-engine.ts';

/** Costs of scrypt (RFC 7914): it takes 128 × r × (n + p) bytes, and n × r × p steps. */
export type ScryptCost = { readonly n: number; readonly r: number; readonly p: number };

/** How a key is made of the password. */
export type KeystoreKdf =
  | ({ readonly kind: 'scrypt'; readonly salt: Uint8Array } & ScryptCost)
  | { readonly kind: 'pbkdf2'; readonly salt: Uint8Array; readonly rounds: number };

/** A private key under a password (Web3 Secret Storage, version 3), read from its JSON. */
export type Keystore = {
  /** 20 bytes in hex with 0x, in lower case; undefined where the file does not say whose key it has. */
  readonly address: string | undefined;
  readonly id: string | undefined;
  readonly kdf: KeystoreKdf;
  readonly iv: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly mac: Uint8Array;
};

/** What the file says beside the key. */
export type KeystoreOptions = {
  /** 20 bytes: whose key it is. It is not secret, and other programs look for it. */
  readonly address?: Uint8Array;
  /** Default: what geth takes, about a second and 256 MiB. */
  readonly scrypt?: ScryptCost;
  /** Told the part of the work that is done, from 0 to 1. */
  readonly onProgress?: (part: number) => void;
};

/** What geth writes: an attacker needs as long for every guess as the owner does. */
export const STANDARD_SCRYPT: ScryptCost = { n: 2 ** 18, r: 8, p: 1 };

const IV_BYTES = 16;
const SALT_BYTES = 32;
const KEY_BYTES = 32;
const MAC_BYTES = 32;
const UUID_BYTES = 16;

/**
 * Puts a private key under a password: scrypt, AES-128 in counter mode, Keccak-256 over the second half
 * of the derived key and the ciphertext.
 *
 * @param password a text is taken as its UTF-8 bytes, unchanged
 * @returns the text of the file
 * @throws `KEY_INVALID`, `KEYSTORE_UNSUPPORTED` for costs beyond the limits
 */
export async function encryptKeystore(
  privateKey: Uint8Array,
  password: string | Uint8Array,
  random: Random,
  options: KeystoreOptions = {},
): Promise<string> {
  requirePrivateKey(privateKey);
  const cost = options.scrypt ?? STANDARD_SCRYPT;
  const kdf: KeystoreKdf = { kind: 'scrypt', salt: random.bytes(SALT_BYTES), ...cost };
  checkCost(kdf);
  const iv = random.bytes(IV_BYTES);
  const id = random.bytes(UUID_BYTES);
  const derived = await deriveKey(password, kdf, options.onProgress);
  const ciphertext = ctr(derived.subarray(0, 16), iv).encrypt(privateKey);
  const { address } = options;
  return JSON.stringify({
    version: 3,
    id: uuidOf(id),
    ...(address === undefined ? {} : { address: plainHex(address) }),
    crypto: {
      cipher: 'aes-128-ctr',
      cipherparams: { iv: plainHex(iv) },
      ciphertext: plainHex(ciphertext),
      kdf: 'scrypt',
      kdfparams: { dklen: KEY_BYTES, n: cost.n, r: cost.r, p: cost.p, salt: plainHex(kdf.salt) },
      mac: plainHex(macOf(derived, ciphertext)),
    },
  });
}

/**
 * The private key of a keystore, 32 bytes.
 *
 * @throws `KEYSTORE_PASSWORD_WRONG` also where the file was changed: one cannot be told from the other
 */
export async function decryptKeystore(
  keystore: Keystore,
  password: string | Uint8Array,
  onProgress?: (part: number) => void,
): Promise<Uint8Array> {
  const { iv, ciphertext, kdf } = keystore;
  const derived = await deriveKey(password, kdf, onProgress);
  if (!equalBytes(macOf(derived, ciphertext), keystore.mac)) {
    throw cryptoErrors.create('KEYSTORE_PASSWORD_WRONG');
  }
  const privateKey = ctr(derived.subarray(0, 16), iv).decrypt(ciphertext);
  requirePrivateKey(privateKey);
  return privateKey;
}

/**
 * Reads the text of a keystore file. No secret is needed for it.
 *
 * @throws `KEYSTORE_INVALID` with the field, `KEYSTORE_UNSUPPORTED` for other versions, ciphers and key
 *   derivations, and for ones that would take too long or too much memory
 */
export function parseKeystore(text: string): Keystore {
  const file = objectAt(parseJson(text), 'the file');
  const version = file.get('version');
  if (version !== 3) throw unsupported('version', version);
  // Early geth wrote it with a capital.
  const crypto = objectAt(file.get('crypto') ?? file.get('Crypto'), 'crypto');
  const cipher = crypto.get('cipher');
  if (cipher !== 'aes-128-ctr') throw unsupported('cipher', cipher);
  const kdf = readKdf(crypto.get('kdf'), objectAt(crypto.get('kdfparams'), 'crypto.kdfparams'));
  checkCost(kdf);
  const cipherParameters = objectAt(crypto.get('cipherparams'), 'crypto.cipherparams');
  const address = file.get('address');
  const id = file.get('id');
  return {
    address: address === undefined ? undefined : toHex(hexAt(address, 'address', 20)),
    id: typeof id === 'string' ? id : undefined,
    kdf,
    iv: hexAt(cipherParameters.get('iv'), 'crypto.cipherparams.iv', IV_BYTES),
    ciphertext: hexAt(crypto.get('ciphertext'), 'crypto.ciphertext', KEY_BYTES),
    mac: hexAt(crypto.get('mac'), 'crypto.mac', MAC_BYTES),
  };
}

type JsonFields = ReadonlyMap<string, unknown>;

function readKdf(name: unknown, parameters: JsonFields): KeystoreKdf {
  if (name !== 'scrypt' && name !== 'pbkdf2') throw unsupported('kdf', name);
  const length = numberAt(parameters.get('dklen'), 'crypto.kdfparams.dklen');
  if (length !== KEY_BYTES) throw unsupported('dklen', length);
  const salt = hexAt(parameters.get('salt'), 'crypto.kdfparams.salt');
  if (name === 'scrypt') {
    const [n = 0, r = 0, p = 0] = ['n', 'r', 'p'].map((each) =>
      numberAt(parameters.get(each), `crypto.kdfparams.${each}`),
    );
    return { kind: 'scrypt', salt, n, r, p };
  }
  const prf = parameters.get('prf');
  if (prf !== 'hmac-sha256') throw unsupported('prf', prf);
  return { kind: 'pbkdf2', salt, rounds: numberAt(parameters.get('c'), 'crypto.kdfparams.c') };
}

/** A file may not make its reader wait for ever, nor take all of its memory. */
function checkCost(kdf: KeystoreKdf): void {
  const { keystoreRounds, keystoreMemoryBytes, keystoreSteps } = cryptoLimits.values;
  if (kdf.kind === 'pbkdf2') {
    if (kdf.rounds < 1 || kdf.rounds > keystoreRounds) throw unsupported('c', kdf.rounds);
    return;
  }
  const { n, r, p } = kdf;
  if (n < 2 || n > 2 ** 30 || (n & (n - 1)) !== 0) throw unsupported('n', n);
  if (r < 1 || 128 * n * r > keystoreMemoryBytes) throw unsupported('r', r);
  // Ordinary files have few of these p blocks: they come on top, so that half as much is plenty.
  const isLarge = n * r * p > keystoreSteps || 128 * r * p > keystoreMemoryBytes / 2;
  if (p < 1 || isLarge) throw unsupported('p', p);
}

async function deriveKey(
  password: string | Uint8Array,
  kdf: KeystoreKdf,
  onProgress: ((part: number) => void) | undefined,
): Promise<Uint8Array> {
  const secret = typeof password === 'string' ? new TextEncoder().encode(password) : password;
  if (kdf.kind === 'pbkdf2') {
    return pbkdf2Async(sha256, secret, kdf.salt, { c: kdf.rounds, dkLen: KEY_BYTES });
  }
  const { n, r, p, salt } = kdf;
  // Noble refuses what takes more than it is told; the sizes were checked before.
  const maxmem = 2 * cryptoLimits.values.keystoreMemoryBytes;
  const cost = { N: n, r, p, dkLen: KEY_BYTES, maxmem };
  return scryptAsync(secret, salt, onProgress === undefined ? cost : { ...cost, onProgress });
}

/** The second half of the derived key guards the ciphertext; the first one enciphers. */
function macOf(derived: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  return keccak256(concatBytes(derived.subarray(16, 32), ciphertext));
}

/** A UUID of version 4 (RFC 9562) of random bytes. */
function uuidOf(random: Uint8Array): string {
  const bytes = new Uint8Array(random);
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  const hex = plainHex(bytes);
  const cuts = [0, 8, 12, 16, 20, 32];
  return cuts
    .slice(1)
    .map((end, index) => hex.slice(cuts[index], end))
    .join('-');
}

function plainHex(bytes: Uint8Array): string {
  return toHex(bytes).slice(2);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not the engine's message: it would quote a part of the file.
    throw cryptoErrors.create('KEYSTORE_INVALID', 'it is not JSON', { field: 'the file' });
  }
}

/** The fields of an object; a map, so that a file cannot name what every object inherits. */
function objectAt(value: unknown, field: string): JsonFields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(field, 'an object');
  }
  return new Map(Object.entries(value));
}

function numberAt(value: unknown, field: string): number {
  if (Number.isSafeInteger(value)) return value as number;
  throw invalid(field, 'a whole number');
}

function hexAt(value: unknown, field: string, length?: number): Uint8Array {
  const text = typeof value === 'string' ? value.replace(/^(0x)?/i, '0x').toLowerCase() : '';
  const what = length === undefined ? 'hex digits' : `${2 * length} hex digits`;
  if (!isHex(text) || text.length % 2 === 1) throw invalid(field, what);
  const bytes = fromHex(text);
  if (length !== undefined && bytes.length !== length) throw invalid(field, what);
  return bytes;
}

function invalid(field: string, expected: string): Error {
  return cryptoErrors.create('KEYSTORE_INVALID', `${field}: ${expected} expected`, { field });
}

function unsupported(field: string, value: unknown): Error {
  const shown = typeof value === 'number' ? value : String(value).slice(0, 32);
  return cryptoErrors.create('KEYSTORE_UNSUPPORTED', `${field} ${shown}`, { field });
}
