import { getSystemErrorMap } from 'node:util';
import { LMDB_FAILURE_WAIT_MS } from './limits.ts';

/** The part of the library's environment that writes a batch on a thread. Its types leave it out. */
type Environment = {
  readonly startWriting?: (address: number, done: (status: number) => unknown) => unknown;
};

/** A step on the way of a batch: done, committed, or to be continued by callbacks. */
const STEPS: readonly number[] = [0, 1, 2];
/** The batch is as far as it will get; says nothing about how it ended. */
const COMMITTED = 1;

/**
 * Why commits have failed. The library would print it on standard error, where a reader of JSON lines
 * expects none of that, and has no option to leave it out. So its failures are noted here, and the
 * library is told that the batch has ended: it rejects the commit by what it finds in shared memory.
 */
export class LmdbFailures {
  #next: PromiseWithResolvers<unknown> = Promise.withResolvers();

  /** @param root the library's root database */
  constructor(root: object) {
    const { env } = root as { readonly env?: Environment };
    const start = env?.startWriting;
    // Another version of the library may have another way, and prints then.
    if (env === undefined || start === undefined) return;
    const value: typeof start = (address, done) =>
      start.call(env, address, (status) => {
        if (STEPS.includes(status)) return done(status);
        this.#next.resolve(failureOf(status));
        return done(COMMITTED);
      });
    // Native methods are not assigned to.
    Object.defineProperty(env, 'startWriting', { value });
  }

  /** A commit begins; there is one at a time. */
  begin(): void {
    this.#next = Promise.withResolvers();
  }

  /** What was behind the commit's `error`, which may become known a moment later. */
  async reasonOf(error: unknown): Promise<unknown> {
    const said = (error as { commitError?: Promise<unknown> }).commitError;
    if (said === undefined) return error;
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(error), LMDB_FAILURE_WAIT_MS);
      const settle = (reason: unknown): void => {
        clearTimeout(timer);
        resolve(reason);
      };
      said.then(settle, settle);
      void this.#next.promise.then(settle);
    });
  }
}

/** A number of the system (positive) or of LMDB (negative) as an error. */
function failureOf(status: number): Error {
  const [name, words] = getSystemErrorMap().get(-status) ?? [];
  return new Error(name === undefined ? `LMDB error ${status}` : `${name}: ${words}`);
}
