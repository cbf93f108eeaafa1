import { cliErrors } from '../errors.ts';
import { cliLimits } from '../limits.ts';
import type { FileInput } from './file-input.ts';
import { fieldOf, rootTable } from './flatbuffer.ts';

// Arrow's interprocess format: a schema, then batches, each a message of a length, a FlatBuffer and a
// body. A file is such a stream between the magic bytes and a footer that says where they are, which
// who reads from the beginning does not need.
// https://arrow.apache.org/docs/format/Columnar.html#serialization-and-interprocess-communication-ipc

/** The first bytes of a file, and with two bytes less the last ones. */
export const ARROW_MAGIC: Uint8Array = new TextEncoder().encode('ARROW1\0\0');
const CONTINUATION = -1;
/** Numbers of the fields of a message. */
const FIELD = { headerType: 1, bodyLength: 3 } as const;
const KINDS = ['none', 'schema', 'dictionary', 'records'] as const;

/** One message with all of its bytes. */
export type ArrowMessage = {
  readonly kind: 'schema' | 'dictionary' | 'records';
  readonly bytes: Uint8Array;
  /** Where the next one begins. */
  readonly end: number;
};

/**
 * The messages of a stream or a file, in their order.
 *
 * @throws `FILE_MALFORMED`
 */
export async function* arrowMessages(
  input: FileInput,
): AsyncGenerator<ArrowMessage, void, undefined> {
  const start = await input.read(0, Math.min(ARROW_MAGIC.length, input.size));
  const isFile = ARROW_MAGIC.subarray(0, 6).every((byte, index) => start[index] === byte);
  if (isFile) await checkEnd(input);
  let offset = isFile ? ARROW_MAGIC.length : 0;
  // A stream may end without the mark of its end.
  while (offset + 4 <= input.size) {
    const message = await readMessage(input, offset);
    if (message === undefined) return;
    yield message;
    offset = message.end;
  }
}

/** A file that was cut may end behind a batch, and would be taken for a shorter one. */
async function checkEnd(input: FileInput): Promise<void> {
  const magic = ARROW_MAGIC.subarray(0, 6);
  const end = await read(input, Math.max(0, input.size - magic.length), magic.length);
  if (magic.every((byte, index) => end[index] === byte)) return;
  throw malformed(input, 'it does not end as an Arrow file does');
}

async function readMessage(input: FileInput, offset: number): Promise<ArrowMessage | undefined> {
  const prefix = await read(input, offset, Math.min(8, input.size - offset));
  const view = viewOf(prefix);
  const hasContinuation = view.getInt32(0, true) === CONTINUATION;
  if (hasContinuation && prefix.length < 8) throw malformed(input, 'it ends in a message');
  const length = view.getInt32(hasContinuation ? 4 : 0, true);
  if (length === 0) return undefined;
  const headStart = offset + (hasContinuation ? 8 : 4);
  if (length < 8 || length > cliLimits.values.rowLineBytes) {
    throw malformed(input, `a message at ${offset} would have a head of ${length} bytes`);
  }
  const { kind, bodyLength } = readHead(input, await read(input, headStart, length), offset);
  const end = headStart + length + bodyLength;
  if (bodyLength < 0 || end - offset > cliLimits.values.rowGroupBytes) {
    const most = cliLimits.values.rowGroupBytes;
    throw malformed(input, `a batch at ${offset} has ${bodyLength} bytes, more than ${most}`);
  }
  return { kind, bytes: await read(input, offset, end - offset), end };
}

function readHead(
  input: FileInput,
  head: Uint8Array,
  offset: number,
): { kind: ArrowMessage['kind']; bodyLength: number } {
  try {
    const view = viewOf(head);
    const table = rootTable(view, 0);
    const typePlace = fieldOf(view, table, FIELD.headerType);
    const lengthPlace = fieldOf(view, table, FIELD.bodyLength);
    const kind = KINDS[typePlace === undefined ? 0 : view.getUint8(typePlace)];
    if (kind === undefined || kind === 'none') throw new RangeError('of no kind for tables');
    const length = lengthPlace === undefined ? 0n : view.getBigInt64(lengthPlace, true);
    return { kind, bodyLength: Number(length) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw malformed(input, `the message at ${offset} is ${error.message}`);
  }
}

function read(input: FileInput, offset: number, length: number): Promise<Uint8Array> {
  if (offset + length > input.size) throw malformed(input, 'it ends in a message');
  return input.read(offset, length);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function malformed({ path }: FileInput, detail: string): Error {
  return cliErrors.create('FILE_MALFORMED', `${path}: ${detail}`, { path });
}
