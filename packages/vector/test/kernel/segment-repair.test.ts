import { describe, expect, it } from 'vitest';
import { SegmentPair } from './differential-support.ts';
import { normalValues } from './segment-support.ts';

describe('a repair', () => {
  it('leaves no link to what was dead before, also of rows that die meanwhile', () => {
    const pair = new SegmentPair({
      dimension: 4,
      metric: 'l2',
      maxNeighbors: 4,
      efConstruction: 20,
      hasGraph: true,
      hasBits: false,
      lanes: 1,
      isShared: false,
      maxBytes: 32_000_000,
    });
    const rows = 300;
    pair.both((segment) => segment.append(normalValues(rows * 4, 8), 0, rows));
    pair.both((segment) => {
      for (let slot = 0; slot < rows; slot += 1) segment.insert(slot, slot % 7 === 0 ? 2 : 0);
    });
    const before = Array.from({ length: 50 }, (_, index) => index * 6);
    pair.both((segment) => {
      for (const slot of before) segment.markDead(slot);
      segment.repair(0, 100);
    });
    // They have links to dead rows that nobody has looked at yet.
    const later = pair.indexed.filter((slot) => slot >= 100).slice(0, 80);
    pair.both((segment) => {
      for (const slot of later) segment.markDead(slot);
      segment.repair(100, rows);
      for (const slot of before) segment.release(slot);
    });
    const words = new Uint32Array(pair.kernel.graphWords);
    for (const slot of [...pair.indexed, ...pair.dead]) {
      const length = pair.kernel.exportGraph(slot, words);
      for (let at = 1; at < length; at += 1 + words[at]!) {
        const links = [...words.subarray(at + 1, at + 1 + words[at]!)];
        expect(links.filter((other) => before.includes(other))).toEqual([]);
      }
    }
    // A place that is used again is not in the graph before its row is inserted.
    pair.both((segment) => {
      for (const slot of before) segment.write(slot, Float32Array.of(0, 0, 0, 0), 0);
      segment.setQuery(0, Float32Array.of(0, 0, 0, 0), 0);
    });
    const found = pair.search(0, (segment) => segment.walk(0, 100, 300, 'int8'));
    expect([...found].filter((slot) => before.includes(slot))).toEqual([]);
  });
});
