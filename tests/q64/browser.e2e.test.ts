import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from '../support/browser/chromium.ts';
import { bundlePackageSuites, type PackageSuites } from '../support/browser/package-suites.ts';
import { BrowserStage } from '../support/browser/stage.ts';

// The package's own tests once more: its vectors, its properties, its kernels against their twins.

const chromium = findChromium();
if (chromium === undefined) {
  console.log('no Chrome or Chromium is installed: the tests of q64 run in Node.js only');
}

const SUITES_MS = 200_000;

let suites: PackageSuites;
let stage: BrowserStage;

beforeAll(async () => {
  if (chromium === undefined) return;
  suites = await bundlePackageSuites('packages/q64/test', 'q64');
  stage = await BrowserStage.start(chromium, suites.modules);
});

afterAll(() => stage?.close());

describe.skipIf(chromium === undefined)('the q64 package in Chromium', () => {
  it('runs all tests that need no module of Node.js', () => {
    // SQLite is a module of Node.js.
    expect(suites.leftOut).toEqual(['search/sql.test.ts']);
    expect(suites.files.length).toBeGreaterThan(10);
  });

  it.each([
    ['page', 'runInPage'],
    ['worker', 'runInWorker'],
  ])(
    'passes them in a %s',
    async (place, method) => {
      const cases = await stage.runCases(place, method, SUITES_MS);
      expect(cases.filter(({ error }) => error !== undefined).map(({ name }) => name)).toEqual([]);
      const ran = cases.filter(({ name }) => name.includes(' > vectors q64/')).length;
      expect(ran).toBeGreaterThan(suites.hasVectors ? 200 : -1);
      expect(cases.length).toBeGreaterThan(100);
    },
    SUITES_MS + 60_000,
  );
});
