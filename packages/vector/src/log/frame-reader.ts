import { vectorLimits } from '../limits.ts';
import {
  FRAME_ALIGNMENT,
  FRAME_HEADER_BYTES,
  type FrameHeader,
  frameBytes,
  isPayloadOf,
  readFrameHeader,
} from './frame.ts';

/** What frames are read from: a log, or a blob. */
export type ByteSource = {
  readonly size: () => number;
  readonly read: (offset: number, length: number) => Promise<Uint8Array>;
};

/** Where a frame begins, and the checksum of the one before. */
export type FramePosition = { readonly offset: number; readonly checksum: number };

/** A frame that fits its place. */
export type ReadFrame = {
  readonly kind: 'frame';
  readonly header: FrameHeader;
  /** Begins at a multiple of 16 bytes of its buffer. */
  readonly payload: Uint8Array;
  readonly end: FramePosition;
};

/** Why no frame could be read at a place. */
export type GapReason =
  /** The bytes are no header of a frame of this place. */
  | 'header'
  /** The file ends in the frame. */
  | 'short'
  /** The payload does not fit its checksum. */
  | 'payload'
  /** The frame follows another one than the one before it. */
  | 'history'
  /** The file ends in the middle of an entry, behind a whole frame of it. */
  | 'unfinished'
  /** The frames of an entry are more than an entry may have. */
  | 'size';

/** Something that is no frame. */
export type Gap = { readonly kind: 'gap'; readonly offset: number; readonly reason: GapReason };

/** Reads frames one after the other, and the short ones many at once. */
export class FrameReader {
  readonly #source: ByteSource;
  readonly #seed: number;
  #window: Uint8Array = new Uint8Array(0);
  #windowStart = 0;
  #lastFrameBytes = 0;

  /** @param seed that of the file */
  constructor(source: ByteSource, seed: number) {
    this.#source = source;
    this.#seed = seed;
  }

  /** The frame at this position; undefined where the file ends. */
  async readFrame(position: FramePosition): Promise<ReadFrame | Gap | undefined> {
    const { offset, checksum } = position;
    if (offset >= this.#source.size()) return undefined;
    const gap = (reason: GapReason): Gap => ({ kind: 'gap', offset, reason });
    const headerBytes = await this.#bytesAt(offset, FRAME_HEADER_BYTES);
    if (headerBytes === undefined) return gap('short');
    const header = readFrameHeader(headerBytes, this.#seed, offset);
    if (header === undefined) return gap('header');
    if (header.previous !== checksum) return gap('history');
    const bytes = await this.#bytesAt(offset, frameBytes(header.payloadBytes));
    if (bytes === undefined) return gap('short');
    this.#lastFrameBytes = bytes.length;
    const end = FRAME_HEADER_BYTES + header.payloadBytes;
    const payload = bytes.subarray(FRAME_HEADER_BYTES, end);
    if (!isPayloadOf(header, payload, this.#seed, offset)) return gap('payload');
    // No checksum is over the padding, and damage there is damage too.
    if (bytes.subarray(end).some((byte) => byte !== 0)) return gap('payload');
    return {
      kind: 'frame',
      header,
      payload,
      end: { offset: offset + bytes.length, checksum: header.checksum },
    };
  }

  /** Bytes of the file, aligned in their buffer; undefined when it ends before. */
  async #bytesAt(offset: number, length: number): Promise<Uint8Array | undefined> {
    const left = this.#source.size() - offset;
    if (length > left) return undefined;
    const start = offset - this.#windowStart;
    if (start >= 0 && start + length <= this.#window.length) {
      return this.#window.subarray(start, start + length);
    }
    // Behind a long frame comes another one, most likely: read at once, most of it would be read twice.
    const { logWindowBytes } = vectorLimits.values;
    const expected = this.#lastFrameBytes > logWindowBytes / 2 ? length : logWindowBytes;
    const read = await this.#source.read(offset, Math.min(left, Math.max(length, expected)));
    this.#window = read.byteOffset % FRAME_ALIGNMENT === 0 ? read : read.slice();
    this.#windowStart = offset;
    return this.#window.subarray(0, length);
  }
}
