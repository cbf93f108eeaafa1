import { compareBytes, fromHexKey, toHexKey } from '@lucerna/base';
import {
  KEYSPACES,
  type KvEntry,
  type KvRange,
  type KvReader,
  type KvSnapshot,
  OverlayStore,
  WriteBatch,
} from '@lucerna/storage';
import { createFaultyStore } from '@lucerna/storage/faulty';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';

type Model = ReadonlyMap<string, Uint8Array>;
type Write = readonly [
  space: 'accounts' | 'storage',
  key: Uint8Array,
  value: Uint8Array | undefined,
];

// Few keys, so that deletions, bounds and rows of the base meet.
const key = fc.uint8Array({ maxLength: 2, max: 2 });
const value = fc.option(fc.uint8Array({ maxLength: 4 }), { nil: undefined, freq: 2 });
const spaceName = fc.constantFrom('accounts' as const, 'storage' as const);
const writes = fc.array(fc.tuple(spaceName, key, value), { maxLength: 12, size: 'max' });

const bound = fc.option(key, { nil: undefined });
const range = fc
  .record({
    from: bound,
    to: bound,
    reverse: fc.boolean(),
    limit: fc.option(fc.nat(5), { nil: undefined }),
  })
  .map(
    ({ from, to, reverse, limit }): KvRange => ({
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...(limit === undefined ? {} : { limit }),
      reverse,
    }),
  );

const action = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('publish' as const), writes }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('flush' as const), fails: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('turn' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('settle' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('snapshot' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('read' as const), space: spaceName, range, key }),
  },
);

function modelRange(model: Model, space: string, { from, to, reverse, limit }: KvRange): KvEntry[] {
  const rows: KvEntry[] = [];
  for (const [name, stored] of model) {
    const [owner, digits] = name.split(':') as [string, string];
    if (owner === space) rows.push([fromHexKey(digits), stored]);
  }
  rows.sort(([left], [right]) => (reverse ? compareBytes(right, left) : compareBytes(left, right)));
  const inside = rows.filter(
    ([at]) =>
      (from === undefined || compareBytes(at, from) >= 0) &&
      (to === undefined || compareBytes(at, to) < 0),
  );
  return inside.slice(0, limit ?? inside.length);
}

function checkAll(reader: KvReader, model: Model): void {
  for (const space of ['accounts', 'storage'] as const) {
    for (const reverse of [false, true]) {
      for (const bounds of [{ reverse }, { reverse, limit: 2 }]) {
        const rows = [...reader.range(KEYSPACES[space], bounds)];
        expect(rows).toEqual(modelRange(model, space, bounds));
      }
    }
  }
}

function toBatch(list: readonly Write[]): WriteBatch {
  const batch = new WriteBatch();
  for (const [space, at, stored] of list) {
    if (stored === undefined) batch.delete(KEYSPACES[space], at);
    else batch.put(KEYSPACES[space], at, stored);
  }
  return batch;
}

it('agrees with a map, whatever is published, flushed, failing, read and held', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 40, size: 'max' }), async (actions) => {
      const base = createFaultyStore();
      const overlay = OverlayStore.open(base);
      let model: Model = new Map();
      const snapshots: [KvSnapshot, Model][] = [];
      const running: Promise<void>[] = [];
      for (const each of actions) {
        if (each.kind === 'publish') {
          overlay.publish(toBatch(each.writes));
          const changed = new Map(model);
          for (const [space, at, stored] of each.writes) {
            if (stored === undefined) changed.delete(`${space}:${toHexKey(at)}`);
            else changed.set(`${space}:${toHexKey(at)}`, stored);
          }
          model = changed;
        } else if (each.kind === 'flush') {
          if (each.fails) base.disk.failAt(base.disk.operations + 1);
          running.push(overlay.flush('process').catch(() => undefined));
        } else if (each.kind === 'turn') await Promise.resolve();
        else if (each.kind === 'settle') await Promise.all(running);
        else if (each.kind === 'snapshot') snapshots.push([overlay.snapshot(), model]);
        else {
          const rows = [...overlay.range(KEYSPACES[each.space], each.range)];
          expect(rows).toEqual(modelRange(model, each.space, each.range));
          const stored = model.get(`${each.space}:${toHexKey(each.key)}`);
          expect(overlay.get(KEYSPACES[each.space], each.key)).toEqual(stored);
        }
      }
      checkAll(overlay, model);
      for (const [snapshot, then] of snapshots) checkAll(snapshot, then);
      await Promise.all(running);
      // A failure that was planned behind the last flush may still be ahead of this one.
      await overlay.flush('process').catch(() => overlay.flush('process'));
      checkAll(overlay, model);
      checkAll(base, model);
      for (const [snapshot, then] of snapshots) {
        checkAll(snapshot, then);
        snapshot.release();
      }
      expect(overlay.pendingWrites).toBe(0);
      expect(overlay.pendingBytes).toBe(0);
    }),
    runs(300),
  );
});
