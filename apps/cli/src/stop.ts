/**
 * Resolves at the first SIGINT, SIGTERM or SIGHUP, after calling `onAsked`. A second SIGINT ends the
 * process at once: what was acknowledged is safe on disk, and the next start repairs the rest.
 */
export function untilAskedToStop(onAsked: () => void): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    const stop = (signal: NodeJS.Signals): void => {
      if (asked) {
        if (signal !== 'SIGINT') return;
        // By the signal: `process.exit` waits for a thread that reads a pipe in which nothing comes.
        process.removeAllListeners('SIGINT');
        process.kill(process.pid, 'SIGINT');
        return;
      }
      asked = true;
      onAsked();
      resolve();
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  });
}
