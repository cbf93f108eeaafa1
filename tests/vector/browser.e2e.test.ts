import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from '../support/browser/chromium.ts';
import type { CaseResult } from '../support/browser/harness.ts';
import { BrowserStage, callPage } from '../support/browser/stage.ts';
import { bundleSuites } from './browser/bundle.ts';
import type { TestPage } from './browser/page.ts';

const chromium = findChromium();
if (chromium === undefined) {
  console.log('no Chrome or Chromium is installed: the suites of the browser are left out');
}

const SUITES_MS = 100_000;

let stage: BrowserStage;

/** How many records a page says were answered, and who waits for how many. */
const answers = {
  count: 0,
  enough: Number.POSITIVE_INFINITY,
  reached: (): void => undefined,
  tell(count: number): void {
    this.count = count;
    if (count >= this.enough) this.reached();
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
  stage = await BrowserStage.start(chromium, await bundleSuites(), (_path, body) => {
    answers.tell(JSON.parse(body));
  });
});

afterAll(() => stage?.close());

type Call = Exclude<keyof TestPage, never>;

function call(page: Page, name: Call, ...args: readonly (string | number)[]): Promise<unknown> {
  return callPage(page, name, ...args);
}

/** Runs the suites and looks at every case of them. */
async function runSuites(place: 'page' | 'worker'): Promise<void> {
  const page = await stage.openPage();
  expect(await call(page, 'isIsolated')).toBe(true);
  await page.close();
  const method: Call = place === 'page' ? 'runInPage' : 'runInWorker';
  const cases = await stage.runCases(place, method, SUITES_MS);
  expect(cases.filter(({ error }) => error !== undefined).map(({ name }) => name)).toEqual([]);
  expect(cases.length).toBeGreaterThan(60);
}

describe.skipIf(chromium === undefined)('the vector database in Chromium', () => {
  it('is told of every case that fails', async () => {
    const page = await stage.openPage();
    const mixed = (await call(page, 'runMixed')) as readonly CaseResult[];
    await page.close();
    expect(mixed.map(({ name, error }) => [name, error?.split('\n')[0]])).toEqual([
      ['mixed > passes', undefined],
      ['mixed > is 1', undefined],
      ['mixed > is 2', 'AssertionError: expected 2 to be 1 // Object.is equality'],
      ['mixed > rejects', 'Error: promise resolved "1" instead of rejecting'],
      ['mixed > hangs', 'Error: not done after 20 ms'],
      ['mixed > ran the hooks', undefined],
    ]);
  });

  it('passes every suite in a page', () => runSuites('page'), SUITES_MS + 60_000);

  it('passes every suite in a worker', () => runSuites('worker'), SUITES_MS + 60_000);

  it('has one writer of all pages, until it is closed, dies or is loaded again', async () => {
    const [first, second] = [await stage.openPage(), await stage.openPage()];
    expect(await call(first, 'hold', 'pages')).toBe('open');
    expect(await call(first, 'append', 5)).toBe('done 5');
    expect(await call(second, 'hold', 'pages')).toBe('VECTOR_FOLDER_IN_USE');
    await first.close();
    expect(await call(second, 'hold', 'pages')).toBe('open');
    expect(await call(second, 'append', 5)).toBe('done 10');
    for (let round = 0; round < 5; round += 1) {
      await second.reload();
      await second.addScriptTag({ type: 'module', url: '/page.js' });
      await second.waitForFunction(() => 'testPage' in globalThis);
      expect(await call(second, 'hold', 'pages')).toBe('open');
      expect(await call(second, 'append', 5)).toBe(`done ${15 + 5 * round}`);
    }
    await second.close();
  });

  it('keeps its files when the browser is started again', async () => {
    const before = await stage.openPage();
    expect(await call(before, 'hold', 'kept')).toBe('open');
    expect(await call(before, 'append', 1_000_000)).toBe('done 1000000');
    await stage.context.close();
    await stage.restart();
    const after = await stage.openPage();
    expect(await call(after, 'hold', 'kept')).toBe('open');
    expect(await call(after, 'append', 1)).toBe('done 1000001');
    await after.close();
  });

  it('loses nothing that was answered when a page is closed or the browser dies', async () => {
    let before = 0;
    for (const end of ['page', 'page', 'browser', 'page', 'browser']) {
      const page = await stage.openPage();
      // Somewhere between two answers: when the next one is there, or the one behind it.
      const enough = answers.until(before + 150 + 10 * (before % 7));
      await call(page, 'writeForever', 'crash');
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
      const answered = answers.count;
      const after = await stage.openPage();
      before = (await call(after, 'countRecords', 'crash')) as number;
      await after.close();
      // What was not answered may be there as well: one call.
      expect([answered, answered + 10]).toContain(before);
    }
  });

  it('says when the origin has no room left, and goes on after a cut', async () => {
    const page = await stage.openPage();
    const session = await stage.context.newCDPSession(page);
    const quota = (quotaSize?: number): Promise<unknown> =>
      session.send('Storage.overrideQuotaForOrigin', {
        origin: stage.server.origin,
        ...(quotaSize === undefined ? {} : { quotaSize }),
      });
    expect(await call(page, 'hold', 'full')).toBe('open');
    expect(await call(page, 'append', 10)).toBe('done 10');
    await quota(20_000_000);
    expect(await call(page, 'append', 50_000_000)).toMatch(/^FILE_DISK_FULL \d+$/);
    await quota();
    expect(await call(page, 'truncate', 10)).toBe('done 10');
    expect(await call(page, 'append', 10)).toBe('done 20');
    await page.close();
  });
});
