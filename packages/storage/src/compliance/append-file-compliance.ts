import { concatBytes, seededRandom } from '@lucerna/base';
// biome-ignore lint/correctness/noUndeclaredDependencies: test code, which only tests import
import { describe, expect, it } from 'vitest';
import type { AppendFile } from '../append-file.ts';

/** What the suite needs to know about an implementation. */
export type AppendFileComplianceOptions = {
  /** Closes `file` and opens what it has written. Without it, the file is not persistent. */
  readonly reopen?: (file: AppendFile) => Promise<AppendFile>;
};

type Make = () => Promise<AppendFile> | AppendFile;

/**
 * Registers the tests that every `AppendFile` passes.
 *
 * @param make a new, empty file each time
 */
export function appendFileCompliance(
  name: string,
  make: Make,
  options: AppendFileComplianceOptions = {},
): void {
  describe(`${name} is an AppendFile`, () => {
    appendsAndReads(make);
    cuts(make);
    lifeCycle(make);
    if (options.reopen !== undefined) persistence(make, options.reopen);
  });
}

function appendsAndReads(make: Make): void {
  it('is empty at first', async () => {
    await using(make, async (file) => {
      expect(file.size()).toBe(0);
      expect(await file.read(0, 0)).toEqual(bytes());
    });
  });

  it('reads any part of what was appended', async () => {
    await using(make, async (file) => {
      await file.append(bytes(1, 2, 3));
      await file.append(bytes());
      await file.append(bytes(9, 4, 5, 9).subarray(1, 3));
      expect(file.size()).toBe(5);
      for (let from = 0; from <= 5; from += 1) {
        for (let to = from; to <= 5; to += 1) {
          expect(await file.read(from, to - from)).toEqual(bytes(1, 2, 3, 4, 5).slice(from, to));
        }
      }
    });
  });

  it('takes large appends', async () => {
    await using(make, async (file) => {
      const large = Uint8Array.from({ length: 3_000_001 }, (_, index) => index % 251);
      await file.append(bytes(7));
      await file.append(large);
      await file.append(bytes(8));
      expect(file.size()).toBe(large.length + 2);
      const all = await file.read(0, file.size());
      expect(all[0]).toBe(7);
      expect(all[all.length - 1]).toBe(8);
      expect(all.subarray(1, -1).every((byte, index) => byte === index % 251)).toBe(true);
    });
  });

  it('does not share memory with the caller', async () => {
    await using(make, async (file) => {
      const given = bytes(1, 2, 3);
      await file.append(given);
      given.fill(9);
      const taken = await file.read(0, 3);
      expect(taken).toEqual(bytes(1, 2, 3));
      taken.fill(9);
      expect(await file.read(0, 3)).toEqual(bytes(1, 2, 3));
    });
  });

  it('refuses to read beyond the end', async () => {
    await using(make, async (file) => {
      await file.append(bytes(1, 2, 3));
      for (const [offset, length] of [
        [0, 4],
        [2, 2],
        [3, 1],
        [4, 0],
      ] as const) {
        await expect(file.read(offset, length)).rejects.toMatchObject({
          code: 'FILE_READ_OUT_OF_RANGE',
        });
      }
    });
  });
}

function cuts(make: Make): void {
  it('goes on after the bytes that a truncation has left', async () => {
    await using(make, async (file) => {
      await file.append(bytes(1, 2, 3, 4));
      await file.truncate(4);
      await file.truncate(2);
      expect(file.size()).toBe(2);
      await expect(file.read(2, 1)).rejects.toMatchObject({ code: 'FILE_READ_OUT_OF_RANGE' });
      await file.append(bytes(5));
      expect(await file.read(0, 3)).toEqual(bytes(1, 2, 5));
      await file.truncate(0);
      expect(file.size()).toBe(0);
      await file.append(bytes(6));
      expect(await file.read(0, 1)).toEqual(bytes(6));
    });
  });

  it('agrees with an array over random appends, cuts and reads', async () => {
    await using(make, async (file) => {
      const random = seededRandom(2);
      let model: Uint8Array = bytes();
      for (let round = 0; round < 300; round += 1) {
        const choice = random.below(10);
        if (choice < 6) {
          const part = Uint8Array.from({ length: random.below(50) }, () => random.below(256));
          await file.append(part);
          model = concatBytes(model, part);
        } else if (choice < 7) {
          const size = random.below(model.length + 1);
          await file.truncate(size);
          model = model.slice(0, size);
        } else if (choice < 8) {
          await file.sync();
        } else {
          const from = random.below(model.length + 1);
          const to = from + random.below(model.length - from + 1);
          expect(await file.read(from, to - from)).toEqual(model.slice(from, to));
        }
        expect(file.size()).toBe(model.length);
      }
      expect(await file.read(0, model.length)).toEqual(model);
    });
  });
}

function lifeCycle(make: Make): void {
  it('refuses everything once it is closed', async () => {
    const file = await make();
    await file.append(bytes(1));
    await file.close();
    await file.close();
    const closed = { code: 'FILE_CLOSED' };
    await expect(file.append(bytes(1))).rejects.toMatchObject(closed);
    await expect(file.read(0, 1)).rejects.toMatchObject(closed);
    await expect(file.sync()).rejects.toMatchObject(closed);
    await expect(file.truncate(0)).rejects.toMatchObject(closed);
  });
}

function persistence(make: Make, reopen: (file: AppendFile) => Promise<AppendFile>): void {
  it('keeps what was appended and cut', async () => {
    let file = await make();
    await file.append(bytes(1, 2, 3, 4));
    file = await reopen(file);
    expect(file.size()).toBe(4);
    await file.append(bytes(5));
    await file.sync();
    file = await reopen(file);
    expect(await file.read(0, 5)).toEqual(bytes(1, 2, 3, 4, 5));
    await file.truncate(3);
    file = await reopen(file);
    expect(file.size()).toBe(3);
    await file.append(bytes(6));
    expect(await file.read(0, 4)).toEqual(bytes(1, 2, 3, 6));
    await file.close();
  });
}

async function using(make: Make, test: (file: AppendFile) => Promise<void>): Promise<void> {
  const file = await make();
  try {
    await test(file);
  } finally {
    await file.close();
  }
}

function bytes(...values: readonly number[]): Uint8Array {
  return Uint8Array.from(values);
}
