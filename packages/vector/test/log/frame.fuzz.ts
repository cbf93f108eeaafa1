import { concatBytes, equalBytes, joinBytes } from '@lucerna/base';
import { createMemoryFile } from '@lucerna/storage';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { vectorLimits } from '../../src/limits.ts';
import { EntryReader } from '../../src/log/entry-reader.ts';
import { encodeFrames } from '../../src/log/frame.ts';

const START = { offset: 128, checksum: 7 };

/** Entries behind each other in a file. */
async function fileOf(entries: readonly (readonly Uint8Array[])[], seed: number) {
  const file = createMemoryFile(new Uint8Array(START.offset));
  let { offset, checksum } = START;
  for (const parts of entries) {
    const place = { seed, offset, previous: checksum };
    const frames = encodeFrames(parts, place, { syncedBytes: 0 });
    for (const piece of frames.pieces) await file.append(piece);
    offset += frames.bytes;
    checksum = frames.checksum;
    expect(file.size()).toBe(offset);
  }
  return file;
}

describe('frames', () => {
  it('give back the entries that they were made of, aligned', async () => {
    const part = fc.oneof(
      fc.uint8Array({ maxLength: 50 }),
      // Longer than what is copied.
      fc
        .integer({ min: 65_000, max: 140_000 })
        .map((length) => new Uint8Array(length).fill(length)),
    );
    const entries = fc.array(fc.array(part, { maxLength: 5 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(entries, fc.nat({ max: 0xffff_ffff }), async (some, seed) => {
        const reader = new EntryReader(await fileOf(some, seed), seed);
        let position = START;
        for (const parts of some) {
          const read = await reader.readEntry(position);
          if (read?.kind !== 'entry') throw new Error(`no entry: ${JSON.stringify(read)}`);
          expect(read.bytes.byteOffset % 16).toBe(0);
          expect(equalBytes(read.bytes, joinBytes(parts))).toBe(true);
          position = read.end;
        }
        expect(await reader.readEntry(position)).toBeUndefined();
      }),
    );
  });

  it('hold entries that are longer than one of them', async () => {
    const { frameBytes } = vectorLimits.values;
    const long = new Uint8Array(2 * frameBytes + 5);
    for (let index = 0; index < long.length; index += 1) long[index] = index % 251;
    const parts = [
      long.subarray(0, 100),
      long.subarray(100, frameBytes + 3),
      long.subarray(frameBytes + 3),
    ];
    const file = await fileOf([[Uint8Array.of(1)], parts, [Uint8Array.of(2)]], 5);
    const reader = new EntryReader(file, 5);
    const first = await reader.readEntry(START);
    if (first?.kind !== 'entry') throw new Error('no entry');
    const second = await reader.readEntry(first.end);
    if (second?.kind !== 'entry') throw new Error('no entry');
    expect(second.bytes.length).toBe(long.length);
    expect(equalBytes(second.bytes, long)).toBe(true);
    expect(second.end.offset - first.end.offset).toBe(32 + frameBytes + 32 + frameBytes + 32 + 16);
    // Cut behind a whole frame of it, it is no entry.
    await file.truncate(first.end.offset + 2 * (32 + frameBytes));
    expect(await new EntryReader(file, 5).readEntry(first.end)).toEqual({
      kind: 'gap',
      offset: first.end.offset + 2 * (32 + frameBytes),
      reason: 'unfinished',
    });
  });

  it('do not pass with another seed, at another offset or behind another frame', async () => {
    const entries = [[Uint8Array.of(1, 2, 3)], [Uint8Array.of(4)]];
    const file = await fileOf(entries, 9);
    const bytes = await file.read(0, file.size());
    const read = async (seed: number, position: typeof START, contents: Uint8Array) =>
      new EntryReader(createMemoryFile(contents), seed).readEntry(position);
    expect(await read(9, START, bytes)).toMatchObject({ kind: 'entry' });
    expect(await read(8, START, bytes)).toMatchObject({ kind: 'gap', reason: 'header' });
    const other = { ...START, checksum: 8 };
    expect(await read(9, other, bytes)).toMatchObject({ kind: 'gap', reason: 'history' });
    const moved = concatBytes(new Uint8Array(16), bytes);
    const later = { ...START, offset: START.offset + 16 };
    expect(await read(9, later, moved)).toMatchObject({ kind: 'gap', reason: 'header' });
  });
});
