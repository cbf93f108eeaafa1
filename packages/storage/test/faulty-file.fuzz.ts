import { concatBytes } from '@lucerna/base';
import { createFaultyFile } from '@lucerna/storage/faulty';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';

const SECTOR_BYTES = 512;

const action = fc.oneof(
  { weight: 4, arbitrary: fc.record({ append: fc.nat(900) }) },
  { weight: 2, arbitrary: fc.record({ cutShare: fc.double({ min: 0, max: 1, noNaN: true }) }) },
  { weight: 1, arbitrary: fc.record({ sync: fc.constant(true) }) },
);

/** A file that changes without faults, and every state since the last sync. */
async function work(
  actions: readonly ({ append: number } | { cutShare: number } | { sync: boolean })[],
  plan: { seed: number; powerLoss: 'prefix' | 'sectors' },
): Promise<{ found: Uint8Array; states: readonly Uint8Array[]; kept: number }> {
  const file = createFaultyFile(plan);
  let states: Uint8Array[] = [new Uint8Array(0)];
  /** So many first bytes were synced and not cut since. */
  let kept = 0;
  for (const [index, next] of actions.entries()) {
    const last = states.at(-1) as Uint8Array;
    if ('append' in next) {
      const bytes = new Uint8Array(next.append).fill(1 + (index % 255));
      await file.append(bytes);
      states.push(concatBytes(last, bytes));
    } else if ('cutShare' in next) {
      const size = Math.floor(last.length * next.cutShare);
      await file.truncate(size);
      states.push(last.slice(0, size));
      kept = Math.min(kept, size);
    } else {
      await file.sync();
      states = [last];
      kept = last.length;
    }
  }
  const after = await file.crash('power');
  return { found: await after.read(0, after.size()), states, kept };
}

it('keeps what was synced; each sector is one of those that were there, or zeros', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 10 }), fc.nat(), async (actions, seed) => {
      const { found, states, kept } = await work(actions, { seed, powerLoss: 'sectors' });
      const synced = states[0] as Uint8Array;
      expect(found.subarray(0, kept)).toEqual(synced.subarray(0, kept));
      const sizes = states.map(({ length }) => length);
      expect(found.length).toBeGreaterThanOrEqual(Math.min(...sizes));
      expect(found.length).toBeLessThanOrEqual(Math.max(...sizes));
      for (let start = 0; start < found.length; start += SECTOR_BYTES) {
        const sector = found.subarray(start, start + SECTOR_BYTES);
        // Zeros at the end are what was not written, or was cut off.
        let length = sector.length;
        while (length > 0 && sector[length - 1] === 0) length -= 1;
        const written = sector.subarray(0, length);
        const isOneOfThem = states.some((state) =>
          written.every((byte, index) => state[start + index] === byte),
        );
        expect(isOneOfThem).toBe(true);
      }
    }),
    runs(300),
  );
});

it('keeps what was synced; in order, the file is a state or on the way from one to the next', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 10 }), fc.nat(), async (actions, seed) => {
      const { found, states, kept } = await work(actions, { seed, powerLoss: 'prefix' });
      expect(found.subarray(0, kept)).toEqual((states[0] as Uint8Array).subarray(0, kept));
      const isOneOfThem = states.some((state, index) => {
        const shortest = Math.min(state.length, (states[index - 1] ?? state).length);
        if (found.length > state.length || found.length < shortest) return false;
        return found.every((byte, at) => state[at] === byte);
      });
      expect(isOneOfThem).toBe(true);
    }),
    runs(150),
  );
});
