import { createMemoryStore, OverlayStore } from '@lucerna/storage';
import { createFaultyStore } from '@lucerna/storage/faulty';
import { describe, expect, it } from 'vitest';
import { batchOf, rowsOf, space } from './support/byte-rows.ts';

describe('an overlay', () => {
  it('shows what is published at once, and the base sees it after a flush', async () => {
    const base = createMemoryStore();
    await base.commit(batchOf({ 1: 10, 2: 20 }), 'process');
    const overlay = OverlayStore.open(base);
    overlay.publish(batchOf({ 2: undefined, 3: 30 }));
    expect(rowsOf(overlay)).toEqual({ 1: 10, 3: 30 });
    expect(overlay.get(space, Uint8Array.of(2))).toBeUndefined();
    expect(rowsOf(base)).toEqual({ 1: 10, 2: 20 });
    await overlay.flush('process');
    expect(rowsOf(base)).toEqual({ 1: 10, 3: 30 });
    expect(rowsOf(overlay)).toEqual({ 1: 10, 3: 30 });
  });

  it('fills a limit with what lies behind deleted rows', async () => {
    const base = createMemoryStore();
    await base.commit(batchOf({ 1: 10, 2: 20, 3: 30, 4: 40, 5: 50 }), 'process');
    const overlay = OverlayStore.open(base);
    overlay.publish(batchOf({ 1: undefined, 2: undefined, 5: undefined }));
    const keys = (reverse: boolean): number[] =>
      [...overlay.range(space, { limit: 2, reverse })].map(([key]) => key[0] as number);
    expect(keys(false)).toEqual([3, 4]);
    expect(keys(true)).toEqual([4, 3]);
  });

  it('counts what is pending, each key once', async () => {
    const overlay = OverlayStore.open(createMemoryStore());
    overlay.publish(batchOf({ 1: 10, 2: 20 }));
    overlay.publish(batchOf({ 1: undefined, 3: 30 }));
    expect(overlay.pendingWrites).toBe(3);
    expect(overlay.pendingBytes).toBe(5);
    const flushing = overlay.flush('process');
    expect(overlay.pendingWrites).toBe(3);
    await flushing;
    expect(overlay.pendingWrites).toBe(0);
    expect(overlay.pendingBytes).toBe(0);
  });

  it('writes one commit, and keeps what is published while it runs', async () => {
    const base = createFaultyStore();
    const overlay = OverlayStore.open(base);
    overlay.publish(batchOf({ 1: 10 }));
    overlay.publish(batchOf({ 2: 20 }));
    const before = base.disk.operations;
    const flushing = overlay.flush('process');
    await Promise.resolve();
    overlay.publish(batchOf({ 1: 11, 2: undefined, 3: 30 }));
    const snapshot = overlay.snapshot();
    expect(rowsOf(overlay)).toEqual({ 1: 11, 3: 30 });
    await flushing;
    expect(base.disk.operations).toBe(before + 1);
    expect(rowsOf(base)).toEqual({ 1: 10, 2: 20 });
    expect(rowsOf(overlay)).toEqual({ 1: 11, 3: 30 });
    expect(rowsOf(snapshot)).toEqual({ 1: 11, 3: 30 });
    snapshot.release();
    await overlay.flush('process');
    expect(rowsOf(base)).toEqual({ 1: 11, 3: 30 });
  });

  it('does not commit when nothing is pending, unless that makes it outlive the power', async () => {
    const base = createFaultyStore();
    const overlay = OverlayStore.open(base);
    await overlay.flush('power');
    expect(base.disk.operations).toBe(0);
    overlay.publish(batchOf({ 1: 10 }));
    await overlay.flush('process');
    await overlay.flush('process');
    expect(base.disk.operations).toBe(1);
    await overlay.flush('power');
    await overlay.flush('power');
    expect(base.disk.operations).toBe(2);
    expect(rowsOf(await base.crash('power'))).toEqual({ 1: 10 });
  });

  it('stays whole and readable after a failed flush, and can be flushed again', async () => {
    const base = createFaultyStore({ failAt: 1 });
    const overlay = OverlayStore.open(base);
    overlay.publish(batchOf({ 1: 10, 2: 20 }));
    const flushing = overlay.flush('power');
    await Promise.resolve();
    overlay.publish(batchOf({ 2: 21, 3: 30 }));
    const during = overlay.snapshot();
    await expect(flushing).rejects.toMatchObject({ code: 'STORE_WRITE_FAILED' });
    expect(rowsOf(base)).toEqual({});
    expect(rowsOf(overlay)).toEqual({ 1: 10, 2: 21, 3: 30 });
    expect(overlay.pendingWrites).toBe(3);
    await overlay.flush('power');
    expect(rowsOf(base)).toEqual({ 1: 10, 2: 21, 3: 30 });
    expect(rowsOf(during)).toEqual({ 1: 10, 2: 21, 3: 30 });
    expect(overlay.pendingWrites).toBe(0);
  });

  it('runs flushes one after the other, also behind one that fails', async () => {
    const base = createFaultyStore({ failAt: 2 });
    const overlay = OverlayStore.open(base);
    const outcomes: Promise<string>[] = [];
    for (let key = 1; key <= 4; key += 1) {
      overlay.publish(batchOf({ [key]: key }));
      outcomes.push(
        overlay.flush('process').then(
          () => 'done',
          () => 'failed',
        ),
      );
    }
    // The first one takes all four; the failure is met by nobody, as nothing is left to write.
    expect(await Promise.all(outcomes)).toEqual(['done', 'done', 'done', 'done']);
    overlay.publish(batchOf({ 5: 5 }));
    const failing = overlay.flush('process');
    const next = overlay.flush('process');
    await expect(failing).rejects.toMatchObject({ code: 'STORE_WRITE_FAILED' });
    await next;
    expect(rowsOf(base)).toEqual({ 1: 1, 2: 2, 3: 3, 4: 4, 5: 5 });
  });
});
