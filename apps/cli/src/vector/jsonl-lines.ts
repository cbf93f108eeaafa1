import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { joinBytes, type Progress } from '@lucerna/base';
import { cliErrors } from '../errors.ts';
import { cliLimits } from '../limits.ts';

const NEWLINE = 0x0a;
const GZIP_MAGIC = [0x1f, 0x8b] as const;

/** A line and its number, counted from 1. */
export type NumberedLine = { readonly line: number; readonly text: string };

/** A text file that is read line by line; `-` is standard input. */
export type LineInput = {
  readonly path: string;
  /** Lines that have something in them. Progress is in bytes of the file. */
  readonly lines: (onProgress: Progress) => AsyncIterable<NumberedLine>;
};

/**
 * Opens a text file in UTF-8, also one that gzip has packed.
 *
 * @throws `INPUT_UNREADABLE`; while it is read also `FILE_MALFORMED` when it is no UTF-8 or a line is
 *   longer than the limit
 */
export async function openLines(path: string): Promise<LineInput> {
  if (path === '-') {
    return { path, lines: (onProgress) => readLines(process.stdin, path, undefined, onProgress) };
  }
  const found = await stat(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  if (found.isDirectory()) throw unreadable(path, new Error(`${path} is a folder`));
  // A pipe says nothing of its size.
  const size = found.isFile() ? found.size : undefined;
  return {
    path,
    lines: (onProgress) => readLines(createReadStream(path), path, size, onProgress),
  };
}

async function* readLines(
  file: Readable,
  path: string,
  size: number | undefined,
  onProgress: Progress,
): AsyncGenerator<NumberedLine, void, undefined> {
  const counted = countBytes(file, (bytes) => onProgress(bytes, size));
  let line = 0;
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const bytes of splitLines(unpacked(counted), path)) {
      line += 1;
      const text = decode(decoder, bytes, path, line).trim();
      if (text !== '') yield { line, text };
    }
  } catch (error) {
    throw asReadError(path, error);
  } finally {
    file.destroy();
  }
}

async function* countBytes(
  chunks: AsyncIterable<Uint8Array>,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  let bytes = 0;
  for await (const chunk of chunks) {
    yield chunk;
    bytes += chunk.length;
    onBytes(bytes);
  }
}

/** What gzip has packed, unpacked; everything else as it is. */
async function* unpacked(
  chunks: AsyncGenerator<Uint8Array, void, undefined>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const first = await chunks.next();
  if (first.done === true) return;
  const isPacked = GZIP_MAGIC.every((byte, index) => first.value[index] === byte);
  const whole = withFirst(first.value, chunks);
  if (!isPacked) {
    yield* whole;
    return;
  }
  yield* gunzip(whole);
}

async function* gunzip(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { Readable } = await import('node:stream');
  const { pipeline } = await import('node:stream/promises');
  const gunzipped = createGunzip();
  const done = pipeline(Readable.from(chunks), gunzipped);
  // The loop over the unpacked bytes has the error, too, and says it.
  done.catch(() => undefined);
  yield* gunzipped;
  await done;
}

async function* withFirst(
  first: Uint8Array,
  rest: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield first;
  yield* rest;
}

async function* splitLines(
  chunks: AsyncIterable<Uint8Array>,
  path: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  let parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      parts.push(chunk.subarray(from, end));
      yield parts.length === 1 ? chunk.subarray(from, end) : joinBytes(parts);
      parts = [];
      length = 0;
      from = end + 1;
    }
    if (from === chunk.length) continue;
    parts.push(chunk.subarray(from));
    length += chunk.length - from;
    if (length > cliLimits.values.rowLineBytes) {
      throw malformed(path, `a line is longer than ${cliLimits.values.rowLineBytes} bytes`);
    }
  }
  if (parts.length > 0) yield joinBytes(parts);
}

/** A mark of the byte order at the beginning is no part of the text. */
function decode(decoder: TextDecoder, bytes: Uint8Array, path: string, line: number): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw malformed(path, `line ${line} is no UTF-8`);
  }
}

/** What the system or the library that unpacks says; what is coded stays as it is. */
function asReadError(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error) || !('errno' in error)) return error;
  const isPacking = String(error.code).startsWith('Z_');
  return isPacking ? malformed(path, `gzip: ${error.message}`) : unreadable(path, error);
}

function malformed(path: string, detail: string): Error {
  return cliErrors.create('FILE_MALFORMED', `${path}: ${detail}`, { path });
}

function unreadable(path: string, error: unknown): Error {
  const why = error instanceof Error ? error.message : String(error);
  return cliErrors.create('INPUT_UNREADABLE', why, { path }, error);
}
