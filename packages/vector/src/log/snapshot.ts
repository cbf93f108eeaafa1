import { vectorErrors } from '../errors.ts';
import { vectorLimits } from '../limits.ts';
import type { VectorFolder } from '../ports.ts';
import {
  encodeFileHeader,
  FILE_HEADER_BYTES,
  type FileIdentity,
  fileSeed,
  type LogEnd,
  readFileHeader,
} from './file-header.ts';
import { encodeFrames } from './frame.ts';
import { type FramePosition, FrameReader } from './frame-reader.ts';
import { snapshotName } from './log-names.ts';

/** Which snapshot, and behind which end of a log it was taken. */
export type SnapshotPlace = {
  readonly name: string;
  readonly generation: number;
  readonly previous: LogEnd;
};

/**
 * The bytes of a snapshot: the header of a file, a frame for each chunk (several where it is longer than
 * one may be), and an empty one that is marked as the last. Each frame names the checksum of the one
 * before, so that none can be missing.
 */
export async function* snapshotParts(
  { name, generation, previous }: SnapshotPlace,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const file: FileIdentity = { kind: 'snapshot', name, generation };
  const seed = fileSeed(file);
  yield encodeFileHeader(file, previous);
  let position: FramePosition = { offset: FILE_HEADER_BYTES, checksum: previous.checksum };
  const frameOf = (chunk: Uint8Array, isLast: boolean): readonly Uint8Array[] => {
    const place = { seed, offset: position.offset, previous: position.checksum };
    const frames = encodeFrames([chunk], place, { syncedBytes: 0, isLast });
    position = { offset: position.offset + frames.bytes, checksum: frames.checksum };
    return frames.pieces;
  };
  const { frameBytes } = vectorLimits.values;
  for await (const chunk of chunks) {
    for (let start = 0; start < chunk.length; start += frameBytes) {
      yield* frameOf(chunk.subarray(start, start + frameBytes), false);
    }
  }
  yield* frameOf(new Uint8Array(0), true);
}

/** A snapshot that is there and whose header is whole. */
export type OpenedSnapshot = {
  readonly previous: LogEnd;
  readonly bytes: number;
  /**
   * The chunks, each checked before it is given; that nothing is missing behind the last one is checked
   * when another one is asked for. Each begins at a multiple of 16 bytes of its buffer.
   *
   * @throws `VECTOR_SNAPSHOT_CORRUPT` with file, offset and reason
   */
  readonly chunks: () => AsyncGenerator<Uint8Array>;
};

/** @throws `VECTOR_SNAPSHOT_CORRUPT`, `VECTOR_FORMAT_UNKNOWN`, `BLOB_MISSING` */
export async function openSnapshot(
  folder: VectorFolder,
  name: string,
  generation: number,
): Promise<OpenedSnapshot> {
  const { blobs } = folder;
  const blob = snapshotName(name, generation);
  const file: FileIdentity = { kind: 'snapshot', name, generation };
  const size = (await blobs.size(blob)) ?? 0;
  const header = await blobs.read(blob, 0, Math.min(size, FILE_HEADER_BYTES));
  const reading = readFileHeader(header, file);
  if (reading.kind === 'unknown') {
    const { version } = reading;
    throw vectorErrors.create('VECTOR_FORMAT_UNKNOWN', blob, { file: blob, version });
  }
  if (reading.kind !== 'whole') throw corrupt(blob, 0, `header is ${reading.kind}`);
  const { previous } = reading;
  const source = {
    size: () => size,
    read: (offset: number, length: number) => blobs.read(blob, offset, length),
  };
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    const frames = new FrameReader(source, fileSeed(file));
    let position: FramePosition = { offset: FILE_HEADER_BYTES, checksum: previous.checksum };
    for (;;) {
      const frame = await frames.readFrame(position);
      if (frame === undefined) throw corrupt(blob, position.offset, 'its end is missing');
      if (frame.kind === 'gap') throw corrupt(blob, frame.offset, frame.reason);
      position = frame.end;
      if (frame.header.isLast) break;
      yield frame.payload;
    }
    if (position.offset !== size) throw corrupt(blob, position.offset, 'something is behind it');
  };
  return { previous, bytes: size, chunks };
}

function corrupt(file: string, offset: number, reason: string): Error {
  const detail = `${file} at byte ${offset}: ${reason}`;
  return vectorErrors.create('VECTOR_SNAPSHOT_CORRUPT', detail, { file, offset, reason });
}
