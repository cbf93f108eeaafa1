import { toHexKey } from '@lucerna/base';
import { blake3 } from '@noble/hashes/blake3.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
// biome-ignore lint/correctness/noUndeclaredDependencies: test code, which only tests import
import { describe, expect, it } from 'vitest';
import type { HashEngine } from '../hash-engine.ts';

/** A multiple of the block of Keccak (136 bytes) and of SHA-256 and BLAKE3 (64 bytes). */
const BLOCKS = 136 * 64;
const LONG = 2 ** 20;

const utf8 = (text: string): Uint8Array =>
  Uint8Array.from(text, (character) => character.charCodeAt(0));

/** Bytes that repeat with a period prime to every block size. */
const patterned = (length: number, first = 0): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (first + index) % 251);

type Hash = (data: Uint8Array) => Uint8Array;
type HashFunction = {
  readonly name: 'keccak256' | 'sha256' | 'blake3';
  readonly reference: Hash;
  /** Published values: The Keccak team's test vectors, FIPS 180-4, BLAKE3's. */
  readonly known: Readonly<Record<string, string>>;
};

const functions: readonly HashFunction[] = [
  {
    name: 'keccak256',
    reference: keccak_256,
    known: {
      '': 'c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470',
      abc: '4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45',
    },
  },
  {
    name: 'sha256',
    reference: sha256,
    known: {
      '': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      abc: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    },
  },
  {
    name: 'blake3',
    reference: blake3,
    known: {
      '': 'af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262',
      abc: '6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85',
    },
  },
];

/** Registers the tests that every hash engine passes: equal digests to noble, nothing kept or changed. */
export function hashEngineCompliance(name: string, makeEngine: () => HashEngine): void {
  for (const hashFunction of functions) {
    describe(`hash engine: ${name}, ${hashFunction.name}`, () => {
      digests(hashFunction, () => makeEngine()[hashFunction.name]);
      independence(hashFunction, () => makeEngine()[hashFunction.name]);
    });
  }
  describe(`hash engine: ${name}, keccak256Into`, () => digestInto(makeEngine));
}

function digestInto(makeEngine: () => HashEngine): void {
  it('writes the digest where it is told to, and nothing else', () => {
    const engine = makeEngine();
    for (const length of [0, 1, 135, 136, 532, 70_000]) {
      const data = patterned(length);
      const around = new Uint8Array(40).fill(7);
      engine.keccak256Into(data, around.subarray(4, 36));
      const expected = new Uint8Array(40).fill(7);
      expected.set(keccak_256(data), 4);
      expect(toHexKey(around), `${length} bytes`).toBe(toHexKey(expected));
    }
  });
}

function digests({ reference, known }: HashFunction, makeHash: () => Hash): void {
  it('gives published digests', () => {
    const hash = makeHash();
    for (const [text, digest] of Object.entries(known)) {
      expect(toHexKey(hash(utf8(text)))).toBe(digest);
    }
  });

  it('agrees with noble at every length up to eight blocks', () => {
    const hash = makeHash();
    for (let length = 0; length <= 1100; length += 1) {
      const data = patterned(length, length);
      expect(toHexKey(hash(data)), `${length} bytes`).toBe(toHexKey(reference(data)));
    }
  });

  it('agrees with noble around whole numbers of blocks of long messages', () => {
    const hash = makeHash();
    for (let blocks = BLOCKS; blocks <= 16 * BLOCKS; blocks += BLOCKS / 2) {
      for (const difference of [-137, -136, -1, 0, 1, 135]) {
        const data = patterned(blocks + difference);
        expect(toHexKey(hash(data)), `${data.length} bytes`).toBe(toHexKey(reference(data)));
      }
    }
  });

  it('agrees with noble on a mebibyte', () => {
    const hash = makeHash();
    for (const length of [LONG - 1, LONG, LONG + 1]) {
      const data = patterned(length);
      expect(toHexKey(hash(data))).toBe(toHexKey(reference(data)));
    }
  });

  it('tells bytes with the padding of a message from the message', () => {
    const hash = makeHash();
    const base = utf8('message');
    const seen = new Set<string>();
    const endings = [[], [0], [1], [0x80], [0x81], [1, 0], [1, 0x80], [0, 0]];
    for (const ending of endings) {
      const data = Uint8Array.from([...base, ...ending]);
      seen.add(toHexKey(hash(data)));
    }
    expect(seen.size).toBe(endings.length);
  });
}

function independence({ reference }: HashFunction, makeHash: () => Hash): void {
  it('forgets a long message before a short one', () => {
    const hash = makeHash();
    const long = patterned(LONG, 7);
    for (const length of [0, 1, 100, 136, 271, 5000]) {
      const short = patterned(length);
      hash(long);
      expect(toHexKey(hash(short))).toBe(toHexKey(reference(short)));
    }
  });

  it('reads only the bytes of a view', () => {
    const hash = makeHash();
    const whole = patterned(3000);
    for (const [start, end] of [
      [1, 1],
      [1, 33],
      [3, 139],
      [777, 2777],
    ] as const) {
      const view = whole.subarray(start, end);
      expect(toHexKey(hash(view))).toBe(toHexKey(reference(whole.slice(start, end))));
    }
  });

  it('changes no input and no earlier result', () => {
    const hash = makeHash();
    const data = patterned(200);
    const before = toHexKey(data);
    const first = hash(data);
    const firstBytes = toHexKey(first);
    first.fill(0);
    expect(toHexKey(hash(data))).toBe(firstBytes);
    const second = hash(data);
    hash(patterned(400));
    expect(toHexKey(second)).toBe(firstBytes);
    expect(toHexKey(data)).toBe(before);
    expect(second.buffer.byteLength).toBe(32);
  });

  it('keeps two engines apart', () => {
    const [one, other] = [makeHash(), makeHash()];
    const [left, right] = [patterned(70_000), patterned(70_000, 1)];
    for (let round = 0; round < 3; round += 1) {
      expect(toHexKey(one(left))).toBe(toHexKey(reference(left)));
      expect(toHexKey(other(right))).toBe(toHexKey(reference(right)));
    }
  });
}
