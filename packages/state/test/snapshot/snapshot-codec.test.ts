import { isLucernaError } from '@lucerna/base';
import { EMPTY_KECCAK, keccak256 } from '@lucerna/crypto';
import { encodeRlp, type RlpItem } from '@lucerna/protocol';
import { describe, expect, it } from 'vitest';
import { stateLimits } from '../../src/limits.ts';
import {
  decodeSnapshotItem,
  encodeSnapshotAccount,
  encodeSnapshotChunk,
  encodeSnapshotSlot,
  splitSnapshotChunk,
} from '../../src/snapshot/snapshot-codec.ts';
import { addressOf, wordOf } from '../support/arbitrary.ts';

const code = Uint8Array.of(0xfe, 1);
const codeHash = keccak256(code);
const plain = { address: addressOf(1), nonce: 7n, balance: 10n ** 30n };

/** The fields of the refusal, undefined when there is none. */
function refusal(attempt: () => unknown): unknown {
  try {
    attempt();
    return undefined;
  } catch (error) {
    if (!isLucernaError(error, 'SNAPSHOT_INVALID')) throw error;
    return error.fields;
  }
}

function itemRefusal(item: RlpItem | Uint8Array): unknown {
  return refusal(() => decodeSnapshotItem(encodeRlp(item), { chunk: 3, item: 5 }));
}

describe('items', () => {
  it('come back as they were', () => {
    for (const account of [
      { ...plain, codeHash: EMPTY_KECCAK, code: undefined },
      { ...plain, codeHash, code: undefined },
      { ...plain, codeHash, code },
      { address: addressOf(2), nonce: 0n, balance: 0n, codeHash: EMPTY_KECCAK, code: undefined },
    ]) {
      const encoded = encodeSnapshotAccount(account);
      expect(decodeSnapshotItem(encoded, { chunk: 0, item: 0 })).toEqual({
        kind: 'account',
        ...account,
      });
    }
    for (const word of [wordOf(1), wordOf(2n ** 256n - 1n)]) {
      const encoded = encodeSnapshotSlot(wordOf(9), word);
      const slot = { kind: 'slot', slot: wordOf(9), word };
      expect(decodeSnapshotItem(encoded, { chunk: 0, item: 0 })).toEqual(slot);
    }
  });

  it('are refused in any other form, with the position', () => {
    const address = addressOf(1);
    const none = new Uint8Array(0);
    const one = Uint8Array.of(1);
    const zero = Uint8Array.of(0);
    const wrong: readonly RlpItem[] = [
      one,
      [],
      [address],
      [address, one, one, codeHash, code, one],
      // Accounts.
      [address.subarray(1), one, one],
      [address, zero, one],
      [address, one, new Uint8Array(33).fill(1)],
      [address, [], one],
      [address, one, one, none],
      [address, one, one, EMPTY_KECCAK],
      [address, one, one, EMPTY_KECCAK, none],
      [address, one, one, codeHash, Uint8Array.of(0xfe, 2)],
      [address, one, one, codeHash, [code]],
      // Slots.
      [wordOf(1), none],
      [wordOf(1), zero],
      [wordOf(1), wordOf(1)],
      [wordOf(1).subarray(1), one],
      [one, wordOf(1)],
      [wordOf(1), new Uint8Array(33).fill(1)],
    ];
    for (const [index, item] of wrong.entries()) {
      expect(itemRefusal(item), `item ${index}`).toMatchObject({ chunk: 3, item: 5 });
    }
    expect(itemRefusal([address, one, one])).toBeUndefined();
    expect(itemRefusal([address, one, one, codeHash, code])).toBeUndefined();
    expect(itemRefusal([wordOf(1), one])).toBeUndefined();
  });
});

describe('chunks', () => {
  const item = encodeSnapshotAccount({ ...plain, codeHash: EMPTY_KECCAK, code: undefined });

  it('are lists of items', () => {
    const chunk = encodeSnapshotChunk([item, item, item]);
    expect(splitSnapshotChunk(chunk, 0)).toEqual([item, item, item]);
  });

  it('are refused empty, in another form, or too long, with the number', () => {
    const { snapshotChunkBytes } = stateLimits.values;
    for (const bytes of [
      new Uint8Array(0),
      encodeRlp([]),
      encodeRlp(Uint8Array.of(1, 2, 3)),
      encodeSnapshotChunk([item]).subarray(0, -1),
      new Uint8Array([...encodeSnapshotChunk([item]), 0]),
      encodeSnapshotChunk([new Uint8Array(snapshotChunkBytes - 3)]),
    ]) {
      expect(refusal(() => splitSnapshotChunk(bytes, 7))).toMatchObject({ chunk: 7 });
    }
    const longest = encodeSnapshotChunk([new Uint8Array(snapshotChunkBytes - 4)]);
    expect(longest.length).toBe(snapshotChunkBytes);
    expect(refusal(() => splitSnapshotChunk(longest, 7))).toMatchObject({ chunk: 7 });
  });

  it('have room for as many items as fit', () => {
    const { snapshotChunkBytes, snapshotChunkItems } = stateLimits.values;
    const least = encodeRlp([addressOf(1), new Uint8Array(0), new Uint8Array(0)]);
    const fit = Math.floor((snapshotChunkBytes - 4) / least.length);
    expect(snapshotChunkItems).toBeGreaterThanOrEqual(fit);
    const items = new Array<Uint8Array>(fit).fill(least);
    expect(splitSnapshotChunk(encodeSnapshotChunk(items), 0).length).toBe(fit);
    const crumbs = encodeSnapshotChunk(new Array(snapshotChunkItems + 1).fill(Uint8Array.of(1)));
    expect(refusal(() => splitSnapshotChunk(crumbs, 7))).toMatchObject({ chunk: 7 });
  });
});
