import { blake3, keccak256, sha256 } from '@lucerna/crypto';
import { encodeUtf8 } from '../utf8.ts';
import type { BuiltinBody } from './builtin-arguments.ts';
import { PANIC, panic, revertWith } from './halt.ts';
import type { Machine } from './machine.ts';
import { affordableUtf8 } from './text.ts';
import type { Value } from './value.ts';
import { meteredText } from './value-text.ts';

const WORD_BYTES = 32;

/** A hash function of the machine, which charges for itself by the length of its input. */
type Hash = (machine: Machine, data: Uint8Array) => Uint8Array;

/** SHA-256 of `data`, charged. */
export function meteredSha256(machine: Machine, data: Uint8Array): Uint8Array {
  chargeSha256(machine, data.length);
  return sha256(data);
}

/** For a SHA-256 of so many bytes, before they are put together. */
export function chargeSha256({ meter, statistics }: Machine, bytes: number): void {
  meter.charge(meter.schedule.sha256 + meter.schedule.sha256Word * words(bytes));
  statistics.hashes += 1;
}

function chargeKeccak({ meter, statistics }: Machine, bytes: number): void {
  meter.chargeKeccak(bytes);
  statistics.hashes += 1;
}

function chargeBlake3({ meter, statistics }: Machine, bytes: number): void {
  meter.charge(meter.schedule.blake3 + meter.schedule.blake3Word * words(bytes));
  statistics.hashes += 1;
}

const ALGORITHMS: ReadonlyMap<string, Hash> = new Map([
  ['SHA256', meteredSha256],
  [
    'KECCAK256',
    (machine, data) => {
      chargeKeccak(machine, data.length);
      return keccak256(data);
    },
  ],
  [
    'BLAKE3',
    (machine, data) => {
      chargeBlake3(machine, data.length);
      return blake3(data);
    },
  ],
]);

/** Bytes as they are, of any other value the UTF-8 of its canonical text, which is charged. */
export function bytesOrText(machine: Machine, value: Value): Uint8Array {
  return value instanceof Uint8Array ? value : encodeUtf8(meteredText(machine, value));
}

/** HASH_BLOCK: SHA-256 of bytes, or of the canonical text of any other value. */
export function hashBlock(machine: Machine, value: Value): Uint8Array {
  return meteredSha256(machine, bytesOrText(machine, value));
}

export const HASH_BODIES: Readonly<Record<string, BuiltinBody>> = {
  keccak256: (machine, value) => {
    chargeKeccak(machine, hashedBytes(machine, value));
    return keccak256(hashInput(value));
  },
  sha256: (machine, value) => {
    chargeSha256(machine, hashedBytes(machine, value));
    return sha256(hashInput(value));
  },
  blake3: (machine, value) => {
    chargeBlake3(machine, hashedBytes(machine, value));
    return blake3(hashInput(value));
  },
  hash: (machine, value, algorithm) => {
    if (algorithm === null) return hashBlock(machine, value);
    if (typeof algorithm !== 'string') throw panic(PANIC.kind);
    const hash = ALGORITHMS.get(algorithm);
    if (hash === undefined) throw revertWith('hash: unknown algorithm');
    return hash(machine, bytesOrText(machine, value));
  },
};

function words(bytes: number): number {
  return Math.ceil(bytes / WORD_BYTES);
}

/** Length of what is hashed and charged as such, before a text is encoded. */
export function hashedBytes({ meter }: Machine, value: Value): number {
  if (value instanceof Uint8Array) return value.length;
  if (typeof value === 'string') return affordableUtf8(meter, value);
  throw panic(PANIC.kind);
}

/** The bytes themselves, or the UTF-8 of a text. */
export function hashInput(value: Value): Uint8Array {
  return typeof value === 'string' ? encodeUtf8(value) : (value as Uint8Array);
}
