import { compareBytes, fromHexKey, toHexKey } from '@lucerna/base';
import {
  createMemoryStore,
  DiffLayer,
  KEYSPACES,
  type KvEntry,
  type KvReader,
  type KvSnapshot,
  WriteBatch,
} from '@lucerna/storage';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';

const space = KEYSPACES.storage;
const LAYERS = 4;

// Few keys, so that layers hide, bring back and delete the rows of each other.
const key = fc.uint8Array({ maxLength: 2, max: 2 });
const value = fc.option(fc.uint8Array({ maxLength: 3 }), { nil: undefined, freq: 2 });
const action = fc.record({
  layer: fc.nat(LAYERS),
  writes: fc.array(fc.tuple(key, value), { maxLength: 6 }),
  from: fc.option(key, { nil: undefined }),
  to: fc.option(key, { nil: undefined }),
  reverse: fc.boolean(),
  limit: fc.nat(8),
  holds: fc.boolean(),
});

type Rows = ReadonlyMap<string, Uint8Array | undefined>;

/** What is visible at the top of the maps, the lowest first. */
function visible(maps: readonly Rows[]): KvEntry[] {
  const merged = new Map<string, Uint8Array | undefined>();
  for (const map of maps) for (const [at, stored] of map) merged.set(at, stored);
  const rows: KvEntry[] = [];
  for (const [at, stored] of merged) if (stored !== undefined) rows.push([fromHexKey(at), stored]);
  return rows.sort(([left], [right]) => compareBytes(left, right));
}

function check(reader: KvReader, rows: readonly KvEntry[]): void {
  expect([...reader.range(space)]).toEqual(rows);
  expect([...reader.range(space, { reverse: true })]).toEqual(rows.toReversed());
  for (const [at, stored] of rows) expect(reader.get(space, at)).toEqual(stored);
}

it('agrees with maps laid over each other, whichever layer is changed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 15 }), async (actions) => {
      const base = createMemoryStore();
      const layers: DiffLayer[] = [];
      for (let count = 0; count < LAYERS; count += 1) {
        layers.push(new DiffLayer(layers.at(-1) ?? base));
      }
      const maps = Array.from({ length: LAYERS + 1 }, () => new Map());
      const held: [KvSnapshot, KvEntry[]][] = [];
      for (const { layer, writes, from, to, reverse, limit, holds } of actions) {
        const batch = new WriteBatch();
        for (const [at, stored] of writes) {
          if (stored === undefined) batch.delete(space, at);
          else batch.put(space, at, stored);
          maps[layer]?.set(toHexKey(at), stored);
        }
        if (layer === 0) await base.commit(batch, 'process');
        else layers[layer - 1]?.publish(batch);

        for (const [index, each] of layers.entries()) {
          const rows = visible(maps.slice(0, index + 2));
          const inside = rows.filter(
            ([at]) =>
              (from === undefined || compareBytes(at, from) >= 0) &&
              (to === undefined || compareBytes(at, to) < 0),
          );
          if (reverse) inside.reverse();
          const bounds = { ...(from && { from }), ...(to && { to }), reverse, limit };
          expect([...each.range(space, bounds)]).toEqual(inside.slice(0, limit));
          if (holds) held.push([each.snapshot(), rows]);
        }
      }
      for (const [index, each] of layers.entries()) check(each, visible(maps.slice(0, index + 2)));
      for (const [snapshot, rows] of held) {
        check(snapshot, rows);
        snapshot.release();
      }
    }),
    runs(150),
  );
});
