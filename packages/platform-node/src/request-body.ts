import type { IncomingMessage } from 'node:http';

/** How many bytes all bodies together may hold at a time. */
export class BodyBudget {
  #bytesLeft: number;

  constructor(bytes: number) {
    this.#bytesLeft = bytes;
  }

  /** Takes `bytes` when there are as many left, or else none. */
  take(bytes: number): boolean {
    if (bytes > this.#bytesLeft) return false;
    this.#bytesLeft -= bytes;
    return true;
  }

  give(bytes: number): void {
    this.#bytesLeft += bytes;
  }
}

/** What became of a body. */
export type ReceivedBody =
  /** It is here whole; `release` gives its share of the budget back and is called once. */
  | { readonly kind: 'whole'; readonly bytes: Uint8Array; readonly release: () => void }
  /** It is longer than a body may be. */
  | { readonly kind: 'too-large' }
  /** The bodies of other requests have used the budget up. */
  | { readonly kind: 'no-room' }
  /** The client went away. */
  | { readonly kind: 'broken-off' };

/**
 * Receives the body of `request`, of at most `maxBytes`. What is refused is refused at once; what
 * follows is read and dropped, so that the client gets to read the answer.
 */
export function receiveBody(
  request: IncomingMessage,
  maxBytes: number,
  budget: BodyBudget,
): Promise<ReceivedBody> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    let isOpen = true;
    const finish = (result: ReceivedBody): void => {
      isOpen = false;
      chunks.length = 0;
      if (result.kind !== 'whole') budget.give(bytes);
      resolve(result);
    };
    request.on('data', (chunk: Buffer) => {
      if (!isOpen) return;
      if (bytes + chunk.length > maxBytes) finish({ kind: 'too-large' });
      else if (!budget.take(chunk.length)) finish({ kind: 'no-room' });
      else {
        bytes += chunk.length;
        chunks.push(chunk);
      }
    });
    request.on('end', () => {
      if (!isOpen) return;
      finish({ kind: 'whole', bytes: joined(chunks), release: () => budget.give(bytes) });
    });
    request.on('error', () => undefined);
    request.on('close', () => {
      if (isOpen) finish({ kind: 'broken-off' });
    });
  });
}

function joined(chunks: readonly Buffer[]): Uint8Array {
  const [only] = chunks;
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
}
