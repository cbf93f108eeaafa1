import { toHexKey } from '@lucerna/base';

/** Tells senders that wait for their block why it could not have their transaction. */
export class WaitingSenders {
  /** By the hash of what they have sent. There are no more of them than requests being answered. */
  readonly #reasons = new Map<string, Error | undefined>();

  /** Waits for `made`. @throws as it does, and why the transaction was refused meanwhile */
  async wait(hash: Uint8Array, made: () => Promise<void>): Promise<void> {
    const key = toHexKey(hash);
    this.#reasons.set(key, undefined);
    try {
      await made();
      const reason = this.#reasons.get(key);
      if (reason !== undefined) throw reason;
    } finally {
      this.#reasons.delete(key);
    }
  }

  /** No block can have this transaction. */
  refuse(hash: Uint8Array, reason: Error): void {
    const key = toHexKey(hash);
    if (this.#reasons.has(key)) this.#reasons.set(key, reason);
  }
}
