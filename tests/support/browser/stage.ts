import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { startChromium } from './chromium.ts';
import type { CaseResult } from './harness.ts';
import { serveModules, type TestServer } from './serve.ts';

/** A browser, and a server whose pages have the global object `testPage` to be called. */
export class BrowserStage {
  readonly server: TestServer;
  readonly #chromium: string;
  readonly #folder: string;
  readonly #results: Map<string, CaseResult[]>;
  readonly #running: { name: string };
  #context: BrowserContext;

  private constructor(parts: {
    readonly server: TestServer;
    readonly chromium: string;
    readonly folder: string;
    readonly results: Map<string, CaseResult[]>;
    readonly running: { name: string };
    readonly context: BrowserContext;
  }) {
    this.server = parts.server;
    this.#chromium = parts.chromium;
    this.#folder = parts.folder;
    this.#results = parts.results;
    this.#running = parts.running;
    this.#context = parts.context;
  }

  /**
   * @param modules by path; `/page.js` sets `testPage`
   * @param posted what pages post, besides what cases come to
   */
  static async start(
    chromium: string,
    modules: ReadonlyMap<string, string>,
    posted: (path: string, body: string) => void = () => undefined,
  ): Promise<BrowserStage> {
    const folder = await mkdtemp(join(tmpdir(), 'lucerna-browser-'));
    const results = new Map<string, CaseResult[]>();
    const running = { name: 'none' };
    const server = await serveModules(modules, (path, body) => {
      const [, kind = '', place = ''] = path.split('/');
      if (kind === 'begin') running.name = JSON.parse(body);
      else if (kind === 'result')
        results.set(place, [...(results.get(place) ?? []), JSON.parse(body)]);
      else posted(path, body);
    });
    const context = await startChromium(chromium, folder);
    return new BrowserStage({ server, chromium, folder, results, running, context });
  }

  /** The browser as it is now. */
  get context(): BrowserContext {
    return this.#context;
  }

  /** A page of its own that can be called. */
  async openPage(): Promise<Page> {
    const page = await this.#context.newPage();
    await page.goto(this.server.origin);
    await page.addScriptTag({ type: 'module', url: '/page.js' });
    await page.waitForFunction(() => 'testPage' in globalThis);
    return page;
  }

  /** Starts the browser again, with the files that it has kept, once it was closed or has ended. */
  async restart(): Promise<void> {
    this.#context = await startChromium(this.#chromium, this.#folder);
  }

  /**
   * Has a new page call `method`, which runs cases and reports them for `place`.
   *
   * @returns all cases; those that fail are printed
   */
  async runCases(place: string, method: string, timeoutMs: number): Promise<readonly CaseResult[]> {
    const page = await this.openPage();
    let timer: NodeJS.Timeout | undefined;
    try {
      const late = new Promise<never>((_, reject) => {
        const tell = (): void => reject(new Error(`still running: ${this.#running.name}`));
        timer = setTimeout(tell, timeoutMs);
      });
      await Promise.race([callPage(page, method), late]);
    } finally {
      clearTimeout(timer);
      await page.close();
    }
    const cases = this.#results.get(place) ?? [];
    for (const { name, error } of cases) {
      if (error !== undefined) console.log(`failed in a ${place}: ${name}\n${error}`);
    }
    console.log(`${cases.length} cases in a ${place} of Chromium`);
    return cases;
  }

  async close(): Promise<void> {
    await this.#context.close();
    await this.server.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Calls a method of the page's `testPage`. */
export function callPage(
  page: Page,
  method: string,
  ...args: readonly (string | number)[]
): Promise<unknown> {
  return page.evaluate(
    ([name, values]) => {
      const { testPage } = globalThis as unknown as {
        testPage: Record<string, (...args: readonly unknown[]) => unknown>;
      };
      return testPage[name]?.(...values);
    },
    [method, args] as const,
  );
}
