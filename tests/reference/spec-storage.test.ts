import { readFileSync } from 'node:fs';
import { fromHex, toHex, toHexKey } from '@lucerna/base';
import {
  Address,
  canonicalKey,
  continuationSlots,
  encodeTypedCell,
  encodeUntypedCell,
  entrySlot,
  variableSlot,
} from '@lucerna/zexus';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { describe, expect, it } from 'vitest';

describe('docs/spec/storage.md', () => {
  const page = readFileSync(new URL('../../docs/spec/storage.md', import.meta.url), 'utf8');
  const cells = (row: string): string[] =>
    row.split('|').map((cell) => cell.trim().replace(/`/g, ''));
  const rows = page
    .split('\n')
    .filter((line) => /^\| S\d( \|[^|]+){3} \|$/.test(line))
    .map(
      (line) => cells(line).slice(1, 5) as [id: string, what: string, hashed: string, slot: string],
    );
  const slots = new Map(rows.map(([id, , , slot]) => [id, slot]));

  it('shows slots that any keccak tool gives', () => {
    expect(rows.length).toBe(9);
    for (const [, , hashed, slot] of rows) {
      const [digits, added] = hashed.split('+').map((part) => part.trim()) as [string, string?];
      // A name of another row stands for its slot.
      const input = digits
        .replace(/S\d/g, (id) => slots.get(id) ?? 'unknown')
        .replace(/[^0-9a-f]/g, '');
      const first = BigInt(toHex(keccak_256(fromHex(`0x${input}`))));
      const expected = (first + BigInt(added ?? 0)) % 2n ** 256n;
      expect(slot).toBe(expected.toString(16).padStart(64, '0'));
    }
  });

  it('shows the slots and words of this code', () => {
    const alice = new Address(fromHex('0x70997970c51812dc3a010c7d01b50e0d17dc79c8'));
    const bob = new Address(fromHex('0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc'));
    const note = 'The quick brown fox jumps over the lazy dog, twice.';
    const at = (name: string, ...keys: Parameters<typeof canonicalKey>[0][]): Uint8Array =>
      keys.reduce<Uint8Array>(
        (slot, key) => entrySlot(slot, canonicalKey(key)),
        variableSlot(name),
      );
    const notes = at('notes', 7);
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
      ].map(toHexKey),
    );
    const words = [
      encodeTypedCell('integer', 1_000_000n * 10n ** 18n) as Uint8Array,
      encodeTypedCell('integer', 2n ** 256n - 1n) as Uint8Array,
      ...encodeUntypedCell(note),
    ];
    for (const word of words) expect(page).toContain(`\`${toHexKey(word)}\``);
    expect(page).toContain(note);
    expect(words).toHaveLength(4);
  });
});
