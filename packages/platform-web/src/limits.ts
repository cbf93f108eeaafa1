import { defineLimits, type LimitRegistry } from '@lucerna/base';

const registry = defineLimits('platform-web', {
  folderCalls: {
    value: 1024,
    unit: 'calls',
    why: 'of one page that wait for the thread with its files; a log and a snapshot make some at a time',
  },
  randomBytes: {
    value: 65_536,
    unit: 'bytes',
    why: 'what a browser gives in one call',
  },
  takeoverMs: {
    value: 1000,
    unit: 'ms',
    why: 'how long the files of a page that was closed or loaded again are waited for; it takes some ms',
  },
  threads: {
    value: 16,
    unit: 'threads',
    why: 'tasks are told that so many are worth having; more would wait for the memory of one machine',
  },
  timerDelayMs: {
    value: 2 ** 31 - 1,
    unit: 'ms',
    why: 'timers of browsers take no more; longer delays are waited for in pieces',
  },
});

/** Limits of the adapters for browsers. */
export const platformWebLimits: LimitRegistry = registry;

/** The most calls of a folder on another thread that wait for their answer. */
export const FOLDER_CALLS: number = registry.values.folderCalls;
/** The most random bytes that one call of the browser gives. */
export const RANDOM_BYTES: number = registry.values.randomBytes;
/** How long a folder, or a file, of a page that is going is waited for. */
export const TAKEOVER_MS: number = registry.values.takeoverMs;
/** The most threads that a task is told are worth having. */
export const THREADS: number = registry.values.threads;
/** The longest delay of one timer. */
export const TIMER_DELAY_MS: number = registry.values.timerDelayMs;
