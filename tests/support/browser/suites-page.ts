// A page that runs the tests of a package.
import { reportCases } from './report.ts';
import { runWorker } from './workers.ts';

/** Made when this file is bundled. */
const SUITES = '/suites.js';

(globalThis as unknown as { testPage: object }).testPage = {
  runInPage: async (): Promise<void> => {
    await import(SUITES);
    await reportCases('page');
  },
  runInWorker: () => runWorker('/worker.js'),
};
