import { assert } from '@lucerna/base';

type Next<T> = { readonly value: T } | 'end' | { readonly error: unknown };

/** Values that one side gives, one at a time, and the other side walks over. */
export class Handover<T> implements AsyncIterable<T> {
  #next: PromiseWithResolvers<Next<T>> = Promise.withResolvers();
  #taken: PromiseWithResolvers<void> = Promise.withResolvers();

  /** Resolves when the other side asks for the next value: it is done with this one. */
  async give(value: T): Promise<void> {
    const { promise } = this.#taken;
    this.#next.resolve({ value });
    await promise;
  }

  /** There is no further value. */
  end(): void {
    this.#next.resolve('end');
  }

  /** The other side's walk throws the error. */
  fail(error: unknown): void {
    this.#next.resolve({ error });
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (;;) {
      const next = await this.#next.promise;
      if (next === 'end') return;
      if ('error' in next) throw next.error;
      assert('value' in next, 'a value, an end or an error');
      this.#next = Promise.withResolvers();
      const taken = this.#taken;
      this.#taken = Promise.withResolvers();
      yield next.value;
      taken.resolve();
    }
  }
}
