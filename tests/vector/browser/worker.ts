// Runs all suites in a dedicated worker, where files are written without another thread.
import { reportCases } from '../../support/browser/report.ts';
import { registerSuites } from './suites.ts';

registerSuites('worker');
await reportCases('worker');
(globalThis as unknown as { postMessage(message: unknown): void }).postMessage('done');
