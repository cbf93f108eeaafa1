import { fileURLToPath } from 'node:url';
import { THREAD_FILE } from '@lucerna/platform-web/threads';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleForBrowser } from '../support/browser/bundle.ts';
import { findChromium } from '../support/browser/chromium.ts';
import { BrowserStage, callPage } from '../support/browser/stage.ts';
import type { TestPage } from './browser/page.ts';

const chromium = findChromium();
if (chromium === undefined) {
  console.log('no Chrome or Chromium is installed: the ledger is tested in Node.js only');
}

const SUITES_MS = 150_000;

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

let modules: ReadonlyMap<string, string>;
let stage: BrowserStage;

/** The last block that a page says was answered, and who waits for which. */
const answers = {
  height: 0,
  enough: Number.POSITIVE_INFINITY,
  reached: (): void => undefined,
  tell(height: number): void {
    this.height = height;
    if (height >= this.enough) this.reached();
  },
  async until(enough: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.enough = enough;
      this.reached = resolve;
    });
  },
};

beforeAll(async () => {
  if (chromium === undefined) return;
  modules = await bundleForBrowser({
    page: here('./browser/page.ts'),
    worker: here('./browser/worker.ts'),
    thread: fileURLToPath(THREAD_FILE),
  });
  stage = await BrowserStage.start(chromium, modules, (_path, body) => {
    answers.tell(JSON.parse(body));
  });
});

afterAll(() => stage?.close());

function call(
  page: Page,
  name: keyof TestPage,
  ...args: readonly (string | number)[]
): Promise<unknown> {
  return callPage(page, name, ...args);
}

describe.skipIf(chromium === undefined)('a ledger in Chromium', () => {
  it('loads no module of Node.js', () => {
    const code = [...modules.values()].join('\n');
    expect(code).not.toMatch(/from\s*["']node:|import\(\s*["']node:/);
  });

  it.each([
    ['page', 'runInPage'],
    ['worker', 'runInWorker'],
  ] as const)(
    'passes every suite in a %s',
    async (place, method) => {
      const cases = await stage.runCases(place, method, SUITES_MS);
      expect(cases.filter(({ error }) => error !== undefined).map(({ name }) => name)).toEqual([]);
      expect(cases.length).toBeGreaterThan(38);
    },
    SUITES_MS + 60_000,
  );

  it('belongs to one page, until that is closed or loaded again', async () => {
    const [first, second] = [await stage.openPage(), await stage.openPage()];
    expect(await call(first, 'hold', 'pages')).toBe('0');
    expect(await call(second, 'hold', 'pages')).toBe('LEDGER_FOLDER_IN_USE');
    await first.close();
    expect(await call(second, 'hold', 'pages')).toBe('0');
    await second.reload();
    await second.addScriptTag({ type: 'module', url: '/page.js' });
    await second.waitForFunction(() => 'testPage' in globalThis);
    expect(await call(second, 'hold', 'pages')).toBe('0');
    await second.close();
  });

  it('loses nothing that was answered when a page is closed or the browser dies', async () => {
    let before = 0;
    for (const end of ['page', 'browser', 'page', 'browser']) {
      const page = await stage.openPage();
      const enough = answers.until(before + 40 + (before % 7));
      await call(page, 'sendForever', 'crash');
      await enough;
      if (end === 'page') {
        await page.close();
      } else {
        const session = await stage.context.newCDPSession(page);
        const ended = new Promise((resolve) => stage.context.once('close', resolve));
        await session.send('Browser.crash').catch(() => undefined);
        await ended;
        await stage.restart();
      }
      const answered = answers.height;
      const after = await stage.openPage();
      before = (await call(after, 'countSent', 'crash')) as number;
      await after.close();
      // What was not answered may be there as well: one transaction.
      expect([answered, answered + 1]).toContain(before);
    }
  });

  it('is made anew from its log in little time', async () => {
    const page = await stage.openPage();
    const blocks = 300;
    const elapsedMs = (await call(page, 'reopened', 'reopen', blocks)) as number;
    console.log(`a ledger of ${blocks} blocks was opened again in ${Math.round(elapsedMs)} ms`);
    expect(elapsedMs).toBeLessThan(20_000);
    await page.close();
  });
});
