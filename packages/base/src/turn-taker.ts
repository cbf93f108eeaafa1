import type { Clock } from './ports.ts';

/**
 * What long work awaits between its steps, which themselves wait for nothing: every `turnMs` it lets
 * everything else that waits in the process go first. Without a clock it never does.
 */
export function turnTaker(clock: Clock | undefined, turnMs: number): () => Promise<void> {
  if (clock === undefined) return async () => undefined;
  let sinceMs = clock.nowMs();
  return async () => {
    // A difference in either direction: the clock may have been set back.
    if (Math.abs(clock.nowMs() - sinceMs) < turnMs) return;
    await new Promise<void>((resolve) => clock.schedule(0, resolve));
    sinceMs = clock.nowMs();
  };
}
