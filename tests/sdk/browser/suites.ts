import { systemClock } from '@lucerna/platform-web/clock';
import { webThreads } from '@lucerna/platform-web/threads';
import { expect, it } from 'vitest';
import { openLedger } from '../../../packages/sdk/src/browser.ts';
import { ledgerSuite } from '../../../packages/sdk/test/support/ledger-suite.ts';
import { startWorker } from '../../support/browser/workers.ts';

/** Registers what is to hold in a page and in a worker. */
export function registerSuites(place: string): void {
  const threads = webThreads((name) => startWorker('/thread.js', name));
  let made = 0;
  const newFolder = (): string => {
    made += 1;
    return `suites/${place}-${made}`;
  };
  ledgerSuite('in a browser', {
    open: (location, options) => openLedger(location, { threads, ...options }),
    newFolder,
  });

  it('is refused where there are other files', async () => {
    await (await openLedger(newFolder(), { threads })).close();
    // The folder of all folders of these suites.
    const foreign = openLedger('suites', { threads });
    await expect(foreign).rejects.toMatchObject({ code: 'LEDGER_FOLDER_FOREIGN' });
    const outside = openLedger('..', { threads });
    await expect(outside).rejects.toMatchObject({ code: 'FILE_OPEN_FAILED' });
  });

  it('is refused where the folder has another layout', async () => {
    const path = newFolder();
    await (await openLedger(path, { threads })).close();
    await writeMarker(path);
    const later = openLedger(path, { threads });
    await expect(later).rejects.toMatchObject({ code: 'LEDGER_FOLDER_FORMAT' });
  });

  it('ends the pool and the timers with the ledger', async () => {
    const scheduled: (() => void)[] = [];
    const clock = {
      nowMs: () => systemClock.nowMs(),
      schedule: (delayMs: number, task: () => void) => {
        const cancel = systemClock.schedule(delayMs, task);
        scheduled.push(cancel);
        return () => {
          scheduled.splice(scheduled.indexOf(cancel), 1);
          cancel();
        };
      },
    };
    const ledger = await openLedger({ memory: true }, { clock });
    expect(scheduled).toHaveLength(1);
    await ledger.close();
    expect(scheduled).toHaveLength(0);
  });
}

type Folder = {
  getDirectoryHandle(name: string): Promise<Folder>;
  getFileHandle(name: string): Promise<{
    createWritable(): Promise<WritableStream<Uint8Array>>;
  }>;
};

declare const navigator: { readonly storage: { getDirectory(): Promise<Folder> } };

async function writeMarker(path: string): Promise<void> {
  let folder = await navigator.storage.getDirectory();
  for (const name of path.split('/')) folder = await folder.getDirectoryHandle(name);
  const file = await (await folder.getFileHandle('lucerna-ledger')).createWritable();
  const writer = file.getWriter();
  await writer.write(new TextEncoder().encode('2\n'));
  await writer.close();
}
