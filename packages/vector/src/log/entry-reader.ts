import { joinBytes } from '@lucerna/base';
import { vectorLimits } from '../limits.ts';
import { type ByteSource, type FramePosition, FrameReader, type Gap } from './frame-reader.ts';

/** An entry of a log. */
export type ReadEntry = {
  readonly kind: 'entry';
  /** Begins at a multiple of 16 bytes of its buffer. */
  readonly bytes: Uint8Array;
  readonly end: FramePosition;
  /** Where its last frame begins. */
  readonly lastFrame: number;
};

/** Reads the entries of a log: frames up to one that is marked as the last. */
export class EntryReader {
  readonly #frames: FrameReader;

  /** @param seed that of the file */
  constructor(source: ByteSource, seed: number) {
    this.#frames = new FrameReader(source, seed);
  }

  /** The entry at this position; undefined where the file ends. */
  async readEntry(position: FramePosition): Promise<ReadEntry | Gap | undefined> {
    const payloads: Uint8Array[] = [];
    let bytes = 0;
    let at = position;
    for (;;) {
      const frame = await this.#frames.readFrame(at);
      if (frame === undefined) {
        if (payloads.length === 0) return undefined;
        return { kind: 'gap', offset: at.offset, reason: 'unfinished' };
      }
      if (frame.kind === 'gap') return frame;
      bytes += frame.payload.length;
      if (bytes > vectorLimits.values.batchBytes) {
        return { kind: 'gap', offset: at.offset, reason: 'size' };
      }
      payloads.push(frame.payload);
      const lastFrame = at.offset;
      at = frame.end;
      if (!frame.header.isLast) continue;
      const [only] = payloads;
      const whole = payloads.length === 1 && only !== undefined ? only : joinBytes(payloads);
      return { kind: 'entry', bytes: whole, end: at, lastFrame };
    }
  }
}
