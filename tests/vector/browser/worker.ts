// Runs all suites in a dedicated worker, where files are written without another thread.
import { runSuites } from './report.ts';

await runSuites('worker');
(globalThis as unknown as { postMessage(message: unknown): void }).postMessage('done');
