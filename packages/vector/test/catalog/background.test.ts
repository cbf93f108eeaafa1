import { SILENT_LOG } from '@lucerna/base';
import { describe, expect, it } from 'vitest';
import { BackgroundWork } from '../../src/catalog/background.ts';
import type { OwnedCollection } from '../../src/collection/parts.ts';
import { vectorLimits } from '../../src/limits.ts';
import { ManualClock } from './manual-clock.ts';

const LIMITS = vectorLimits.values;
const MIB = 2 ** 20;

/** What background work sees of a collection. */
class FakeCollection {
  readonly id: string;
  slices = 0;
  worked: string[];
  logBytes = 0;
  snapshotBytes = 0;
  compactions = 0;
  compacting: PromiseWithResolvers<void> | undefined;

  constructor(id: string, worked: string[] = []) {
    this.id = id;
    this.worked = worked;
  }

  hasWork = (): boolean => this.slices > 0;
  work = (): void => {
    this.slices -= 1;
    this.worked.push(this.id);
  };
  statistics = () => ({ logBytes: this.logBytes, snapshotBytes: this.snapshotBytes });
  compact = (): Promise<void> => {
    this.compactions += 1;
    this.compacting = Promise.withResolvers();
    return this.compacting.promise;
  };

  endCompaction(): void {
    this.snapshotBytes = this.logBytes;
    this.logBytes = 0;
    this.compacting?.resolve();
  }

  get owned(): OwnedCollection {
    return this as unknown as OwnedCollection;
  }
}

function begin(options: { readonly compacts?: boolean } = {}) {
  const clock = new ManualClock();
  const messages: string[] = [];
  const note = (message: string): void => {
    messages.push(message);
  };
  const log = { ...SILENT_LOG, warn: note, error: note };
  const background = new BackgroundWork({ clock, log, compacts: true, ...options });
  return { clock, background, messages };
}

describe('slices of work', () => {
  it('are done one at a time, in turn, until nothing is left', async () => {
    const { clock, background } = begin();
    const worked: string[] = [];
    const [first, second] = [new FakeCollection('a', worked), new FakeCollection('b', worked)];
    first.slices = 3;
    second.slices = 2;
    background.notice(first.owned);
    background.notice(second.owned);
    expect(worked).toEqual([]);
    await clock.advance(LIMITS.workPauseMs);
    expect(worked).toEqual(['a']);
    await clock.advance(100);
    expect(worked).toEqual(['a', 'b', 'a', 'b', 'a']);
    expect(clock.waiting).toBe(0);
  });

  it('of a collection that is forgotten are not done', async () => {
    const { clock, background } = begin();
    const collection = new FakeCollection('a');
    collection.slices = 10;
    background.notice(collection.owned);
    await clock.advance(2 * LIMITS.workPauseMs);
    background.forget(collection.owned);
    await clock.advance(100);
    expect(collection.slices).toBe(8);
  });

  it('that fail are given up with an error in the log, until the next change', async () => {
    const { clock, background, messages } = begin();
    const [broken, other] = [new FakeCollection('a'), new FakeCollection('b')];
    broken.slices = 1;
    broken.work = () => {
      throw new Error('broken');
    };
    other.slices = 2;
    background.notice(broken.owned);
    background.notice(other.owned);
    await clock.advance(100);
    expect(messages).toHaveLength(1);
    expect(other.slices).toBe(0);
    background.notice(broken.owned);
    await clock.advance(100);
    expect(messages).toHaveLength(2);
  });

  it('end when it is closed', async () => {
    const { clock, background } = begin();
    const collection = new FakeCollection('a');
    collection.slices = 10;
    background.notice(collection.owned);
    background.close();
    background.notice(collection.owned);
    expect(clock.waiting).toBe(0);
    await clock.advance(100);
    expect(collection.slices).toBe(10);
  });
});

describe('compactions', () => {
  it('wait until a long log is quiet', async () => {
    const { clock, background } = begin();
    const collection = new FakeCollection('a');
    collection.logBytes = LIMITS.compactionLogBytes;
    for (let change = 0; change < 5; change += 1) {
      background.notice(collection.owned);
      await clock.advance(LIMITS.compactionQuietMs / 2);
    }
    expect(collection.compactions).toBe(0);
    await clock.advance(2 * LIMITS.compactionQuietMs);
    expect(collection.compactions).toBe(1);
    collection.endCompaction();
    await clock.advance(10_000);
    expect(collection.compactions).toBe(1);
    expect(clock.waiting).toBe(0);
  });

  it('do not happen while the log is short, or shorter than the snapshot', async () => {
    const { clock, background } = begin();
    const collection = new FakeCollection('a');
    collection.logBytes = LIMITS.compactionLogBytes - 1;
    background.notice(collection.owned);
    await clock.advance(10_000);
    collection.logBytes = 199 * MIB;
    collection.snapshotBytes = 200 * MIB;
    background.notice(collection.owned);
    await clock.advance(10_000);
    expect(collection.compactions).toBe(0);
    expect(clock.waiting).toBe(0);
  });

  it('do not wait when the log is very long', async () => {
    const { clock, background } = begin();
    const collection = new FakeCollection('a');
    collection.snapshotBytes = 100 * MIB;
    collection.logBytes = 100 * MIB * LIMITS.compactionUrgentRatio - 1;
    background.notice(collection.owned);
    await clock.advance(10);
    expect(collection.compactions).toBe(0);
    collection.logBytes += 1;
    background.notice(collection.owned);
    await clock.advance(10);
    expect(collection.compactions).toBe(1);
    // It goes on growing meanwhile: one at a time.
    background.notice(collection.owned);
    await clock.advance(10);
    expect(collection.compactions).toBe(1);
  });

  it('are made one at a time, and slices of work go on', async () => {
    const { clock, background } = begin();
    const [first, second] = [new FakeCollection('a'), new FakeCollection('b')];
    for (const collection of [first, second]) {
      collection.logBytes = LIMITS.compactionLogBytes;
      background.notice(collection.owned);
    }
    await clock.advance(10_000);
    expect([first.compactions, second.compactions]).toEqual([1, 0]);
    second.slices = 5;
    background.notice(second.owned);
    await clock.advance(10_000);
    expect(second.slices).toBe(0);
    first.endCompaction();
    await clock.advance(10_000);
    expect([first.compactions, second.compactions]).toEqual([1, 1]);
  });

  it('that fail are tried again after a while', async () => {
    const { clock, background, messages } = begin();
    const collection = new FakeCollection('a');
    collection.logBytes = LIMITS.compactionLogBytes;
    background.notice(collection.owned);
    await clock.advance(10_000);
    collection.compacting?.reject(new Error('full'));
    await clock.advance(10);
    background.notice(collection.owned);
    await clock.advance(LIMITS.compactionRetryMs / 2);
    expect(collection.compactions).toBe(1);
    expect(messages).toHaveLength(1);
    await clock.advance(LIMITS.compactionRetryMs);
    expect(collection.compactions).toBe(2);
  });

  it('that fail while it is closed say nothing', async () => {
    const { clock, background, messages } = begin();
    const collection = new FakeCollection('a');
    collection.logBytes = LIMITS.compactionLogBytes;
    background.notice(collection.owned);
    await clock.advance(10_000);
    background.close();
    collection.compacting?.reject(new Error('closed'));
    await clock.advance(LIMITS.compactionRetryMs * 2);
    expect(messages).toEqual([]);
    expect(clock.waiting).toBe(0);
  });

  it('end after their collection was forgotten, which nobody asks anything any more', async () => {
    for (const isFailing of [false, true]) {
      const { clock, background, messages } = begin();
      const collection = new FakeCollection('a');
      collection.logBytes = LIMITS.compactionLogBytes;
      background.notice(collection.owned);
      await clock.advance(10_000);
      background.forget(collection.owned);
      collection.statistics = () => {
        throw new Error('it is closed');
      };
      if (isFailing) collection.compacting?.reject(new Error('closed'));
      else collection.compacting?.resolve();
      background.notice(collection.owned);
      await clock.advance(LIMITS.compactionRetryMs * 2);
      expect(messages).toEqual([]);
      expect(clock.waiting).toBe(0);
    }
  });

  it('are not for readers', async () => {
    const { clock, background } = begin({ compacts: false });
    const collection = new FakeCollection('a');
    collection.logBytes = 10 * LIMITS.compactionLogBytes;
    background.notice(collection.owned);
    await clock.advance(10_000);
    expect(collection.compactions).toBe(0);
  });
});
