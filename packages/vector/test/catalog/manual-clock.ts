import type { Clock } from '@lucerna/base';

type Task = { readonly dueMs: number; readonly run: () => void };

/** A clock that goes when it is told to. */
export class ManualClock implements Clock {
  #nowMs = 1_000;
  #tasks: Task[] = [];

  nowMs = (): number => this.#nowMs;

  schedule = (delayMs: number, run: () => void): (() => void) => {
    const task = { dueMs: this.#nowMs + delayMs, run };
    this.#tasks.push(task);
    return () => {
      this.#tasks = this.#tasks.filter((each) => each !== task);
    };
  };

  /** How many tasks wait. */
  get waiting(): number {
    return this.#tasks.length;
  }

  /** Goes on by so much; runs what is due meanwhile, and what follows from it. */
  async advance(byMs: number): Promise<void> {
    const endMs = this.#nowMs + byMs;
    for (;;) {
      await settle();
      const [next] = this.#tasks.filter(({ dueMs }) => dueMs <= endMs).sort(byTime);
      if (next === undefined) break;
      this.#tasks = this.#tasks.filter((each) => each !== next);
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      next.run();
    }
    this.#nowMs = endMs;
  }
}

function byTime(left: Task, right: Task): number {
  return left.dueMs - right.dueMs;
}

/** Everything that waits for nothing but its turn has had it. */
async function settle(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
}
