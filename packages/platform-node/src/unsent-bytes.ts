import type { Socket } from 'node:net';

/** What one socket has not taken yet. */
type Share = { bytes: number };

/**
 * How much of the answers is still in memory because clients do not read, of all connections together.
 * When it is too much, the client that holds most of it goes: nobody is waited for.
 */
export class UnsentBytes {
  readonly #limit: number;
  readonly #dropped: (socket: Socket) => void;
  readonly #shares = new Map<Socket, Share>();
  #total = 0;

  /** `dropped` hears of every socket that was destroyed for reading too slowly. */
  constructor(limit: number, dropped: (socket: Socket) => void) {
    this.#limit = limit;
    this.#dropped = dropped;
  }

  /** `bytes` are about to be written to `socket`. @returns to be called when they are gone */
  add(socket: Socket, bytes: number): () => void {
    const share = this.#shares.get(socket) ?? { bytes: 0 };
    this.#shares.set(socket, share);
    share.bytes += bytes;
    this.#total += bytes;
    if (this.#total > this.#limit) this.#dropLargest();
    return () => {
      // It may have been dropped meanwhile, and what it held with it.
      if (this.#shares.get(socket) !== share) return;
      share.bytes -= bytes;
      this.#total -= bytes;
      if (share.bytes === 0) this.#shares.delete(socket);
    };
  }

  #dropLargest(): void {
    let largest: [Socket, Share] | undefined;
    for (const entry of this.#shares) {
      if (largest === undefined || entry[1].bytes > largest[1].bytes) largest = entry;
    }
    if (largest === undefined) return;
    const [socket, { bytes }] = largest;
    this.#shares.delete(socket);
    this.#total -= bytes;
    socket.destroy();
    this.#dropped(socket);
  }
}
