// Runs the tests of a package in a dedicated worker.
import { reportCases } from './report.ts';

/** Made when this file is bundled. */
const SUITES = '/suites.js';

await import(SUITES);
await reportCases('worker');
(globalThis as unknown as { postMessage(message: unknown): void }).postMessage('done');
