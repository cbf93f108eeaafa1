import { readFileSync } from 'node:fs';
import { fromHex, toHex, toHexKey } from '@lucerna/base';
import {
  Address,
  canonicalKey,
  continuationSlots,
  Dictionary,
  decodeValue,
  delegatedSlot,
  elementSlot,
  encodeTypedCell,
  encodeUntypedCell,
  encodeValue,
  entrySlot,
  keyText,
  LEDGER_SLOT,
  List,
  layoutSlot,
  listHeadWord,
  mapHeadWord,
  parseListHead,
  parseMapHead,
  presenceSlot,
  readUntypedCell,
  STATE_SLOT,
  sequenceSlot,
  shapeFingerprint,
  UNMETERED,
  type Value,
  variableSlot,
} from '@lucerna/zexus';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { describe, expect, it } from 'vitest';

describe('docs/spec/storage.md', () => {
  const page = readFileSync(new URL('../../docs/spec/storage.md', import.meta.url), 'utf8');
  const cells = (row: string): string[] =>
    row.split('|').map((cell) => cell.trim().replace(/`/g, ''));
  const lines = page.split('\n');
  const rows = lines
    .filter((line) => /^\| S\d+( \|[^|]+){3} \|$/.test(line))
    .map(
      (line) => cells(line).slice(1, 5) as [id: string, what: string, hashed: string, slot: string],
    );
  const slots = new Map(rows.map(([id, , , slot]) => [id, slot]));
  const words = lines
    .filter((line) => /^\| S\d+ \|[^|]+\|$/.test(line))
    .map((line) => cells(line).slice(1, 3) as [id: string, word: string]);

  it('shows slots that any keccak tool gives', () => {
    expect(rows.length).toBe(19);
    for (const [, , hashed, slot] of rows) {
      const [digits, added] = hashed.split('+').map((part) => part.trim()) as [string, string?];
      // A name of another row stands for its slot.
      const input = digits
        .replace(/S\d+/g, (id) => slots.get(id) ?? 'unknown')
        .replace(/[^0-9a-f]/g, '');
      const first = BigInt(toHex(keccak_256(fromHex(`0x${input}`))));
      const expected = (first + BigInt(added ?? 0)) % 2n ** 256n;
      expect(slot).toBe(expected.toString(16).padStart(64, '0'));
    }
  });

  it('shows the slots of this code', () => {
    const alice = new Address(fromHex('0x70997970c51812dc3a010c7d01b50e0d17dc79c8'));
    const bob = new Address(fromHex('0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc'));
    const at = (name: string, ...keys: Parameters<typeof canonicalKey>[0][]): Uint8Array =>
      keys.reduce<Uint8Array>(
        (slot, key) => entrySlot(slot, canonicalKey(key)),
        variableSlot(name),
      );
    const [notes, votes, queue] = [at('notes', 7), at('votes'), at('queue')];
    expect([...slots.values()]).toEqual(
      [
        at('total_supply'),
        at('balances'),
        at('balances', alice),
        at('allowances'),
        at('allowances', alice),
        at('allowances', alice, bob),
        at('notes'),
        notes,
        continuationSlots(notes, 1)[0] as Uint8Array,
        votes,
        entrySlot(votes, canonicalKey('yes'), 1n),
        presenceSlot(votes, canonicalKey('yes'), 1n),
        sequenceSlot(votes, 0, 1n),
        presenceSlot(votes, canonicalKey('no'), 1n),
        sequenceSlot(votes, 2, 1n),
        queue,
        elementSlot(queue, 0, 0n),
        elementSlot(queue, 1, 0n),
        at('profile'),
      ].map(toHexKey),
    );
  });

  it('shows the words of this code', () => {
    const note = 'The quick brown fox jumps over the lazy dog, twice.';
    expect(page).toContain(note);
    const profile = new Dictionary();
    const entries: [string, Value][] = [
      ['name', 'Ada'],
      ['tags', new List(['x', 1])],
    ];
    for (const [key, value] of entries) profile.entries.set(keyText(key), { key, value });
    const number = (value: bigint): Uint8Array => encodeTypedCell('integer', value) as Uint8Array;
    const [noteHead, noteRest] = encodeUntypedCell(note);
    const expected: [string, Uint8Array | undefined][] = [
      ['S1', number(1_000_000n * 10n ** 18n)],
      ['S6', number(2n ** 256n - 1n)],
      ['S8', noteHead],
      ['S9', noteRest],
      ['S10', mapHeadWord({ generation: 1n, sequence: 3, count: 2 })],
      ['S11', number(3n)],
      ['S12', number(1n)],
      ['S13', encodeUntypedCell('yes')[0]],
      ['S14', number(3n)],
      ['S15', encodeUntypedCell('no')[0]],
      ['S16', listHeadWord({ generation: 0n, length: 2 })],
      ['S17', number(7n)],
      ['S18', number(9n)],
      ['S19', encodeUntypedCell(profile)[0]],
    ];
    expect(encodeUntypedCell(profile)).toHaveLength(1);
    expect(words).toEqual(expected.map(([id, word]) => [id, toHexKey(word as Uint8Array)]));
  });

  it('shows words that a tool can read back', () => {
    const word = (id: string): Uint8Array => fromHex(`0x${new Map(words).get(id)}`);
    const bySlot = new Map(words.map(([id, digits]) => [slots.get(id), fromHex(`0x${digits}`)]));
    const store = {
      load: (slot: Uint8Array): Uint8Array => bySlot.get(toHexKey(slot)) ?? new Uint8Array(32),
      store: (): void => undefined,
    };
    const read = (id: string): unknown => readUntypedCell(store, fromHex(`0x${slots.get(id)}`));
    expect(parseMapHead(word('S10'))).toEqual({ generation: 1n, sequence: 3, count: 2 });
    expect(parseListHead(word('S16'))).toEqual({ generation: 0n, length: 2 });
    expect(['S8', 'S13', 'S15'].map(read)).toEqual([
      'The quick brown fox jumps over the lazy dog, twice.',
      'yes',
      'no',
    ]);
    const profile = read('S19') as Value;
    const encoded = encodeValue(UNMETERED, profile);
    // In the cell, the encoding is without its tag, which the head has.
    const [tag, ...rest] = encoded;
    expect([tag, ...rest]).toEqual([
      ...word('S19').slice(0, 1),
      ...word('S19').slice(2, 2 + rest.length),
    ]);
    expect(decodeValue(UNMETERED, encoded)).toEqual(profile);
  });

  it('says where the state is that no contract declares', () => {
    const hashed = (name: string, bytes = ''): string =>
      toHexKey(keccak_256(fromHex(`0x${Buffer.from(name, 'ascii').toString('hex')}${bytes}`)));
    for (const name of ['zx.state', 'zx.ledger', 'zx.layout.', 'zx.delegated.']) {
      expect(page).toContain(`keccak(\`"${name}"\``);
    }
    expect(toHexKey(STATE_SLOT)).toBe(hashed('zx.state'));
    expect(toHexKey(LEDGER_SLOT)).toBe(hashed('zx.ledger'));
    expect(toHexKey(layoutSlot('votes'))).toBe(hashed('zx.layout.votes'));
    const code = 'c0'.repeat(32);
    expect(toHexKey(delegatedSlot(fromHex(`0x${code}`)))).toBe(hashed('zx.delegated.', code));
    // An enumerable map of a cell of 256 bits.
    const shape = { kind: 'enumerable', value: { kind: 'cell', type: 'integer' } } as const;
    expect(toHexKey(shapeFingerprint(shape))).toBe(toHexKey(keccak_256(fromHex('0x020060'))));
  });
});
