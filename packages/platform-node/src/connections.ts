import type { Socket } from 'node:net';

type Connection = {
  /** How many requests it waits for the answers of. */
  running: number;
  /** Ends it once it waits for nothing; undefined for plain HTTP. */
  end: (() => void) | undefined;
};

/** The open connections of a server, and what each of them is waiting for. */
export class Connections {
  readonly #open = new Map<Socket, Connection>();
  #running = 0;
  #isClosing = false;
  readonly #idle = Promise.withResolvers<void>();

  get isClosing(): boolean {
    return this.#isClosing;
  }

  add(socket: Socket): void {
    const connection: Connection = { running: 0, end: undefined };
    this.#open.set(socket, connection);
    socket.once('close', () => {
      this.#open.delete(socket);
      this.#running -= connection.running;
      this.#checkIdle();
    });
  }

  /** `socket` speaks another protocol from now on, which `end` ends in its own way. */
  upgrade(socket: Socket, end: () => void): void {
    const connection = this.#open.get(socket);
    if (connection !== undefined) connection.end = end;
  }

  /** A request of `socket` has arrived whole; what is returned is to be called when it is answered. */
  begin(socket: Socket): () => void {
    const connection = this.#open.get(socket);
    if (connection === undefined) return () => undefined;
    connection.running += 1;
    this.#running += 1;
    return () => {
      if (this.#open.get(socket) !== connection) return;
      connection.running -= 1;
      this.#running -= 1;
      if (!this.#isClosing || connection.running > 0) return;
      if (connection.end === undefined) socket.destroySoon();
      else connection.end();
      this.#checkIdle();
    };
  }

  /** From now on connections go as soon as they wait for nothing. Resolves when none does. */
  finish(): Promise<void> {
    this.#isClosing = true;
    this.endIdle();
    this.#checkIdle();
    return this.#idle.promise;
  }

  /** Ends those that wait for nothing. */
  endIdle(): void {
    for (const [socket, { running, end }] of this.#open) {
      if (running > 0) continue;
      if (end === undefined) socket.destroy();
      else end();
    }
  }

  destroyAll(): void {
    for (const socket of this.#open.keys()) socket.destroy();
  }

  #checkIdle(): void {
    if (this.#isClosing && this.#running === 0) this.#idle.resolve();
  }
}
