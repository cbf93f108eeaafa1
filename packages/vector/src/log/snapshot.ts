import { vectorErrors } from '../errors.ts';
import { vectorLimits } from '../limits.ts';
import type { VectorFolder } from '../ports.ts';
import { findFrame } from './damage.ts';
import {
  encodeFileHeader,
  FILE_HEADER_BYTES,
  type FileIdentity,
  fileSeed,
  type HeaderReading,
  type LogEnd,
  readFileHeader,
} from './file-header.ts';
import {
  encodeFrames,
  FRAME_ALIGNMENT,
  FRAME_HEADER_BYTES,
  type FrameHeader,
  frameBytes,
  isPayloadOf,
  readFrameHeader,
} from './frame.ts';
import { type ByteSource, type FramePosition, FrameReader } from './frame-reader.ts';
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
  const { blob, seed, source, header } = await readHead(folder, name, generation);
  if (header.kind !== 'whole') throw corrupt(blob, 0, `header is ${header.kind}`);
  const { previous } = header;
  const size = source.size();
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    const frames = new FrameReader(source, seed);
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

/** What can be read of a damaged snapshot, and what cannot, in their order. */
export type SnapshotPiece =
  | { readonly kind: 'chunk'; readonly bytes: Uint8Array }
  | {
      readonly kind: 'lost';
      /** Where in the file. */
      readonly offset: number;
      /** How many bytes of chunks stood there; undefined: not known. */
      readonly bytes: number | undefined;
      /** File, place and reason. */
      readonly reason: string;
    };

/**
 * Reads a snapshot beyond damage. A frame says by itself that it belongs to its place in this file, so
 * those behind damage are as good as those before; a frame whose header is whole says how much is lost
 * with it. A chunk that was longer than a frame comes in several.
 *
 * @throws `VECTOR_FORMAT_UNKNOWN`
 */
export async function* snapshotPieces(
  folder: VectorFolder,
  name: string,
  generation: number,
): AsyncGenerator<SnapshotPiece, void, undefined> {
  const { blob, seed, source, header } = await readHead(folder, name, generation);
  const size = source.size();
  const lost = (offset: number, bytes: number | undefined, what: string): SnapshotPiece => {
    return { kind: 'lost', offset, bytes, reason: `${blob} at byte ${offset}: ${what}` };
  };
  if (header.kind !== 'whole') yield lost(0, 0, `header is ${header.kind}`);
  let offset = FILE_HEADER_BYTES;
  for (;;) {
    const frame = await readFrameAt(source, seed, offset);
    if (frame === undefined) {
      const next = await findFrame(source, seed, offset + FRAME_ALIGNMENT);
      yield lost(offset, undefined, offset < size ? 'header' : 'its end is missing');
      if (next === undefined) return;
      offset = next;
      continue;
    }
    if (frame.payload === undefined) yield lost(offset, frame.header.payloadBytes, 'payload');
    else if (!frame.header.isLast) yield { kind: 'chunk', bytes: frame.payload };
    offset += frameBytes(frame.header.payloadBytes);
    if (!frame.header.isLast) continue;
    if (offset !== size) yield lost(offset, 0, 'something is behind it');
    return;
  }
}

/** The frame at this place, without its payload where that is damaged; undefined where there is none. */
async function readFrameAt(
  source: ByteSource,
  seed: number,
  offset: number,
): Promise<{ readonly header: FrameHeader; readonly payload: Uint8Array | undefined } | undefined> {
  const left = source.size() - offset;
  if (left < FRAME_HEADER_BYTES) return undefined;
  const header = readFrameHeader(await source.read(offset, FRAME_HEADER_BYTES), seed, offset);
  if (header === undefined || frameBytes(header.payloadBytes) > left) return undefined;
  const payload = await source.read(offset + FRAME_HEADER_BYTES, header.payloadBytes);
  return { header, payload: isPayloadOf(header, payload, seed, offset) ? payload : undefined };
}

/** @throws `VECTOR_FORMAT_UNKNOWN`, `BLOB_MISSING` */
async function readHead(
  { blobs }: VectorFolder,
  name: string,
  generation: number,
): Promise<{
  readonly blob: string;
  readonly seed: number;
  readonly source: ByteSource;
  readonly header: Exclude<HeaderReading, { readonly kind: 'unknown' }>;
}> {
  const blob = snapshotName(name, generation);
  const file: FileIdentity = { kind: 'snapshot', name, generation };
  const size = (await blobs.size(blob)) ?? 0;
  const bytes = await blobs.read(blob, 0, Math.min(size, FILE_HEADER_BYTES));
  const header = readFileHeader(bytes, file);
  if (header.kind === 'unknown') {
    const { version } = header;
    throw vectorErrors.create('VECTOR_FORMAT_UNKNOWN', blob, { file: blob, version });
  }
  const source: ByteSource = {
    size: () => size,
    read: (offset, length) => blobs.read(blob, offset, length),
  };
  return { blob, seed: fileSeed(file), source, header };
}

function corrupt(file: string, offset: number, reason: string): Error {
  const detail = `${file} at byte ${offset}: ${reason}`;
  return vectorErrors.create('VECTOR_SNAPSHOT_CORRUPT', detail, { file, offset, reason });
}
