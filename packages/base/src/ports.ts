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

/** Unpredictable bytes as a port: for identifiers, never replaced by a seeded generator in production. */
export type Random = {
  /** `length` unpredictable bytes, of the caller's own. */
  readonly bytes: (length: number) => Uint8Array;
};

/**
 * One end of a conversation between two threads. Messages are structured-cloned, in order; shared
 * memory stays shared.
 */
export type Channel = {
  readonly post: (message: unknown) => void;
  /** Who is told of every message from the other end; a later one takes the earlier one's place. */
  readonly receive: (handler: (message: unknown) => void) => void;
  /** Who is told, once, that the other end is gone, and why (undefined: it was closed). */
  readonly closed: (handler: (reason: unknown) => void) => void;
  readonly close: () => void;
};

/** Threads as a port. Which tasks there are is known to the platform's entry file. */
export type Threads = {
  /** How many threads are worth having beside this one. */
  readonly parallelism: number;
  /** Starts the task of that name on a thread of its own; `init` is its first message. */
  readonly spawn: (task: string, init: unknown) => Channel;
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
