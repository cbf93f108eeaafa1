import * as core from '@lucerna/q64';
import { q64 } from '@lucerna/sdk';
import { describe, expect, it } from 'vitest';

describe('q64', () => {
  it('has the whole package', () => {
    for (const name of Object.keys(core)) expect(q64).toHaveProperty(name);
    expect(q64.encodeQ64(Uint8Array.of(0, 16, 32, 48))).toBe('AQhwCQjw');
    const stats: q64.Q64Stats = new q64.Q64Stats();
    q64.encodeBuffer(Uint8Array.of(1), { stats });
    expect(stats.snapshot().operations).toBe(1);
  });

  it('has a batch processor with the clock of the system', async () => {
    const processor = new q64.BatchProcessor({ chunkSize: 1 });
    expect(processor).toBeInstanceOf(core.BatchProcessor);
    expect(processor.chunkSize).toBe(1);
    // A long run: the chunks take a turn every ten milliseconds, and others have theirs meanwhile.
    const controller = new AbortController();
    const endless = (function* (): Generator<Uint8Array> {
      for (;;) yield new Uint8Array(10_000);
    })();
    setImmediate(() => controller.abort('enough'));
    const run = async (): Promise<void> => {
      for await (const _ of processor.process(endless, { signal: controller.signal }));
    };
    await expect(run()).rejects.toBe('enough');
  });

  it('takes another clock', async () => {
    let turns = 0;
    let nowMs = 0;
    const clock = {
      nowMs: () => {
        nowMs += 100;
        return nowMs;
      },
      schedule: (_delayMs: number, task: () => void) => {
        turns += 1;
        task();
        return () => undefined;
      },
    };
    const items = [1, 2, 3].map((byte) => Uint8Array.of(byte));
    const processor = new q64.BatchProcessor({ chunkSize: 1, clock });
    for await (const _ of processor.process(items));
    expect(turns).toBe(3);
  });
});
