import { LucernaError } from '@lucerna/base';
import { type AppendFile, storageErrors } from '@lucerna/storage';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MemoryVectorDisk } from '../../src/memory-folder.ts';
import type { VectorFolder } from '../../src/ports.ts';
import { ModelStore } from './model-store.ts';

// Readers follow a writer while both are in the middle of anything: fast-check decides whose call of the
// folder comes next.

type Step = 'add' | 'addFails' | 'addFailsAtTheEnd' | 'compact' | 'compactFails' | 'reopen';

const steps = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.constant<Step>('add') },
    fc.constantFrom<Step>('addFails', 'addFailsAtTheEnd', 'compact', 'compactFails', 'reopen'),
  ),
  { minLength: 1, maxLength: 25 },
);

/** What goes wrong with the next change of the writer. */
type Trouble = { next: 'append' | 'appendAtTheEnd' | 'snapshot' | undefined };

/** The folder, each call of which waits for its turn. */
function scheduled(
  folder: VectorFolder,
  turn: () => Promise<void>,
  trouble: Trouble,
): VectorFolder {
  const fails = (what: Trouble['next']): boolean => {
    if (trouble.next !== what) return false;
    trouble.next = undefined;
    return true;
  };
  const failure = (): Error => storageErrors.create('FILE_WRITE_FAILED', 'injected');
  const wrap = (file: AppendFile): AppendFile => ({
    size: () => file.size(),
    append: async (bytes) => {
      await turn();
      const half = Math.floor(bytes.length / 2);
      await file.append(bytes.subarray(0, half));
      await turn();
      if (fails('append')) throw failure();
      await file.append(bytes.subarray(half));
      if (!fails('appendAtTheEnd')) return;
      await turn();
      throw failure();
    },
    read: async (offset, length) => {
      await turn();
      return file.read(offset, length);
    },
    sync: () => file.sync(),
    truncate: async (size) => {
      await turn();
      return file.truncate(size);
    },
    close: () => file.close(),
  });
  return {
    access: folder.access,
    openLog: async (name) => {
      await turn();
      return wrap(await folder.openLog(name));
    },
    logNames: async () => {
      await turn();
      return folder.logNames();
    },
    removeLog: async (name) => {
      await turn();
      return folder.removeLog(name);
    },
    blobs: {
      names: async () => {
        await turn();
        return folder.blobs.names();
      },
      size: (name) => folder.blobs.size(name),
      read: async (name, offset, length) => {
        await turn();
        return folder.blobs.read(name, offset, length);
      },
      write: async (name, parts, level) => {
        await turn();
        if (fails('snapshot')) throw failure();
        return folder.blobs.write(name, parts, level);
      },
      remove: async (name, level) => {
        await turn();
        return folder.blobs.remove(name, level);
      },
      close: () => folder.blobs.close(),
    },
    close: () => folder.close(),
  };
}

it('readers see the first entries of a writer, at any moment', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), steps, async (scheduler, some) => {
      const disk = new MemoryVectorDisk();
      const turn = (): Promise<void> => scheduler.schedule(Promise.resolve());
      const trouble: Trouble = { next: undefined };
      const added: number[] = [];
      const refused = new Set<number>();
      let isWriting = true;

      const write = async (): Promise<void> => {
        let folder = scheduled(disk.open('write'), turn, trouble);
        let store = await ModelStore.open(folder);
        for (const [index, step] of some.entries()) {
          try {
            if (step === 'addFails') trouble.next = 'append';
            if (step === 'addFailsAtTheEnd') trouble.next = 'appendAtTheEnd';
            if (step === 'compactFails') trouble.next = 'snapshot';
            if (step === 'reopen') {
              await store.log.close();
              await folder.close();
              folder = scheduled(disk.open('write'), turn, trouble);
              store = await ModelStore.open(folder);
              expect(store.numbers).toEqual(added);
            } else if (step.startsWith('compact')) {
              await store.compact();
            } else {
              refused.add(index);
              await store.add(index, 'process');
              refused.delete(index);
              added.push(index);
            }
          } catch (error) {
            expect(error).toMatchObject({ code: 'FILE_WRITE_FAILED' });
          }
        }
        isWriting = false;
        await store.log.close();
        await folder.close();
      };

      const read = async (): Promise<void> => {
        const folder = scheduled(disk.open('read'), turn, { next: undefined });
        const store = await ModelStore.open(folder);
        let seen = 0;
        const check = (): void => {
          const { numbers } = store;
          const last = numbers.at(-1);
          // What is being written may be seen before its writer knows that it is there, or is not.
          const isInDoubt = last !== undefined && refused.has(last);
          const sure = isInDoubt ? numbers.slice(0, -1) : numbers;
          expect(sure).toEqual(added.slice(0, sure.length));
          expect(sure.length).toBeGreaterThanOrEqual(seen);
          seen = sure.length;
        };
        check();
        while (isWriting) {
          await store.log.refresh().then(check, (error: unknown) => {
            expect(error).toBeInstanceOf(LucernaError);
            throw error;
          });
          await turn();
        }
        await store.log.refresh();
        expect(store.numbers).toEqual(added);
        await store.log.close();
        await folder.close();
      };

      await scheduler.waitFor(Promise.all([write(), read(), read()]));
    }),
    { numRuns: 300 },
  );
});
