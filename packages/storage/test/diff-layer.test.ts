import { createMemoryStore, DiffLayer, OverlayStore } from '@lucerna/storage';
import { createFaultyStore } from '@lucerna/storage/faulty';
import { describe, expect, it } from 'vitest';
import { batchOf, rowsOf, space } from './support/byte-rows.ts';

describe('a layer of changes', () => {
  it('shows the state with its changes, and the state stays as it is', async () => {
    const base = createFaultyStore();
    await base.commit(batchOf({ 1: 10, 2: 20, 3: 30 }), 'process');
    const layer = new DiffLayer(base);
    layer.publish(batchOf({ 2: undefined, 3: 31, 4: 40 }));
    layer.publish(batchOf({ 4: undefined, 5: 50 }));
    expect(rowsOf(layer)).toEqual({ 1: 10, 3: 31, 5: 50 });
    expect(layer.get(space, Uint8Array.of(2))).toBeUndefined();
    expect(layer.get(space, Uint8Array.of(5))).toEqual(Uint8Array.of(50));
    expect(rowsOf(base)).toEqual({ 1: 10, 2: 20, 3: 30 });
    expect(base.disk.operations).toBe(1);
  });

  it('lies over others, over an overlay and over a snapshot', () => {
    const overlay = OverlayStore.open(createMemoryStore());
    overlay.publish(batchOf({ 1: 10, 2: 20 }));
    const lower = new DiffLayer(overlay);
    lower.publish(batchOf({ 1: 11, 3: 31 }));
    const upper = new DiffLayer(lower);
    upper.publish(batchOf({ 1: undefined, 2: 22 }));
    expect(rowsOf(upper)).toEqual({ 2: 22, 3: 31 });
    expect(rowsOf(lower)).toEqual({ 1: 11, 2: 20, 3: 31 });
    const left = new DiffLayer(lower);
    left.publish(batchOf({ 3: undefined }));
    expect(rowsOf(left)).toEqual({ 1: 11, 2: 20 });
    expect(rowsOf(upper)).toEqual({ 2: 22, 3: 31 });
  });

  it('lets changes below through where it has none, but not into its snapshots', async () => {
    const base = createMemoryStore();
    await base.commit(batchOf({ 1: 10, 2: 20 }), 'process');
    const layer = new DiffLayer(base);
    layer.publish(batchOf({ 1: 11 }));
    const then = layer.snapshot();
    await base.commit(batchOf({ 1: 12, 2: 22, 3: 32 }), 'process');
    layer.publish(batchOf({ 3: 33 }));
    expect(rowsOf(then)).toEqual({ 1: 11, 2: 20 });
    expect(rowsOf(layer)).toEqual({ 1: 11, 2: 22, 3: 33 });
    then.release();
  });

  it('releases what its snapshots hold below', async () => {
    const base = createMemoryStore();
    const snapshot = new DiffLayer(new DiffLayer(base)).snapshot();
    snapshot.release();
    expect(() => snapshot.get(space, Uint8Array.of(1))).toThrow();
  });
});
