import { EXIT_CODES } from './exit-codes.ts';

/**
 * Resolves at the first SIGINT, SIGTERM or SIGHUP, after calling `onAsked`. A second SIGINT ends the
 * process at once: what was acknowledged is safe on disk, and the next start repairs the rest.
 */
export function untilAskedToStop(onAsked: () => void): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    const stop = (signal: NodeJS.Signals): void => {
      if (asked) {
        if (signal === 'SIGINT') process.exit(EXIT_CODES.interrupted);
        return;
      }
      asked = true;
      onAsked();
      resolve();
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  });
}
