import type { Fields } from './fields.ts';

/** Stops something that was scheduled; calling it twice is harmless. */
export type Cancel = () => void;

/** Time as a port, so that tests and the simulator decide what time it is. */
export type Clock = {
  /** Milliseconds since the Unix epoch. May jump: use it for dates, not for measuring. */
  readonly nowMs: () => number;
  /** Runs `task` once, no sooner than `delayMs` from now. */
  readonly schedule: (delayMs: number, task: () => void) => Cancel;
};

/** Log sink. Fields instead of interpolation; never secrets, never bytes from the network as text. */
export type Log = {
  readonly debug: (message: string, fields?: Fields) => void;
  readonly info: (message: string, fields?: Fields) => void;
  readonly warn: (message: string, fields?: Fields) => void;
  readonly error: (message: string, fields?: Fields) => void;
};

/** A log sink that drops everything. */
export const SILENT_LOG: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** How long an acknowledged write lasts: `process` outlives `kill -9`, `power` outlives power loss. */
export type Durability = 'process' | 'power';
