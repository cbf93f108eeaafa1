import { concatBytes, EMPTY_BYTES } from '@lucerna/base';
import type { SnapshotPiece } from '../log/snapshot.ts';

/** What a {@link PieceReader} has at a place: bytes; `lost`, as many as were asked for; or the end. */
export type PieceReading = Uint8Array | 'lost' | 'end';

/** Reads on over what is lost, as far as it is known how much that is. */
export class PieceReader {
  readonly #pieces: AsyncIterator<SnapshotPiece>;
  readonly #onLost: (reason: string) => void;
  /** Frames that were given back. */
  #returned: Uint8Array[] = [];
  #chunk: Uint8Array = EMPTY_BYTES;
  /** Bytes that are lost, before the chunk. */
  #lost = 0;
  #hasEnded = false;

  /** @param onLost called with the reason of each loss */
  constructor(pieces: AsyncIterable<SnapshotPiece>, onLost: (reason: string) => void) {
    this.#pieces = pieces[Symbol.asyncIterator]();
    this.#onLost = onLost;
  }

  /**
   * The next frame, which is whole; `lost` for one that is not, or for several where it is not known how
   * many.
   */
  async chunk(): Promise<PieceReading> {
    const returned = this.#returned.shift();
    if (returned !== undefined) return returned;
    const { done, value } = await this.#pieces.next();
    if (done === true) return 'end';
    if (value.kind === 'chunk') return value.bytes;
    this.#onLost(value.reason);
    return value.bytes === 0 ? this.chunk() : 'lost';
  }

  /** Lets {@link chunk} give these once more. */
  giveBack(chunks: readonly Uint8Array[]): void {
    this.#returned = [...chunks, ...this.#returned];
  }

  /** What {@link read} is to begin with. */
  startWith(chunk: Uint8Array): void {
    this.#chunk = chunk;
  }

  /** The next `length` bytes, however they are cut. Behind a loss of unknown length it ends. */
  async read(length: number): Promise<PieceReading> {
    const parts: Uint8Array[] = [];
    let missing = length;
    let isLost = false;
    while (missing > 0) {
      if (this.#lost === 0 && this.#chunk.length === 0 && !(await this.#advance())) return 'end';
      const lost = Math.min(this.#lost, missing);
      if (lost > 0) isLost = true;
      this.#lost -= lost;
      missing -= lost;
      if (this.#lost > 0) continue;
      const part = this.#chunk.subarray(0, missing);
      parts.push(part);
      this.#chunk = this.#chunk.subarray(part.length);
      missing -= part.length;
    }
    if (isLost) return 'lost';
    return parts.length === 1 ? (parts[0] as Uint8Array) : concatBytes(...parts);
  }

  async #advance(): Promise<boolean> {
    const returned = this.#returned.shift();
    if (returned !== undefined) {
      this.#chunk = returned;
      return true;
    }
    if (this.#hasEnded) return false;
    const { done, value } = await this.#pieces.next();
    if (done === true) {
      this.#hasEnded = true;
      return false;
    }
    if (value.kind === 'chunk') {
      this.#chunk = value.bytes;
      return true;
    }
    this.#onLost(value.reason);
    this.#lost = value.bytes ?? 0;
    this.#hasEnded = value.bytes === undefined;
    return !this.#hasEnded;
  }
}
