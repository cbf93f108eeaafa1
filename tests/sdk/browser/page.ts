// What the tests call in a page.
import { webThreads } from '@lucerna/platform-web/threads';
import { type BrowserLedger, openLedger } from '../../../packages/sdk/src/browser.ts';
import { reportCases } from '../../support/browser/report.ts';
import { runWorker, startWorker } from '../../support/browser/workers.ts';
import { registerSuites } from './suites.ts';

const threads = webThreads((name) => startWorker('/thread.js', name));

let held: BrowserLedger | undefined;

/** What a test asks of a page. */
export type TestPage = {
  runInPage(): Promise<void>;
  runInWorker(): Promise<void>;
  /** Opens a ledger and keeps it open; its height, or the code of the error. */
  hold(path: string): Promise<string>;
  /** Sends from alice to zoe until it ends, and tells the server of each that is answered. */
  sendForever(path: string): void;
  /** How many coins zoe has, as many as there are blocks. */
  countSent(path: string): Promise<number>;
  /** Makes so many blocks, then opens the ledger again; milliseconds that this takes. */
  reopened(path: string, blocks: number): Promise<number>;
};

const testPage: TestPage = {
  runInPage: () => {
    registerSuites('page');
    return reportCases('page');
  },
  runInWorker: () => runWorker('/worker.js'),
  hold: async (path) => {
    try {
      held = await openLedger(path, { threads });
      return String(held.head().height);
    } catch (error) {
      return (error as { code?: string }).code ?? String(error);
    }
  },
  sendForever: (path) => void sendForever(path),
  countSent: async (path) => {
    const ledger = await openLedger(path, { threads });
    const sent = Number(ledger.balance('zoe'));
    if (ledger.head().height !== sent) throw new Error(`${sent} sent, ${ledger.head().height}`);
    await ledger.close();
    return sent;
  },
  reopened: async (path, blocks) => {
    const ledger = await openLedger(path, { threads });
    for (let block = 0; block < blocks; block += 1) {
      await ledger.send({ from: 'alice', to: 'zoe', value: 1n });
    }
    const head = ledger.head();
    await ledger.close();
    const startedMs = performance.now();
    const again = await openLedger(path, { threads });
    const elapsedMs = performance.now() - startedMs;
    if (again.head().hash !== head.hash) throw new Error('it has another head');
    await again.close();
    return elapsedMs;
  },
};

async function sendForever(path: string): Promise<void> {
  const ledger = await openLedger(path, { threads });
  for (;;) {
    const { height } = await ledger.send({ from: 'alice', to: 'zoe', value: 1n });
    await fetch('/answered/page', { method: 'POST', body: JSON.stringify(height) });
  }
}

(globalThis as unknown as { testPage: TestPage }).testPage = testPage;
