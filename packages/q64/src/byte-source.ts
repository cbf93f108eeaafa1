import { q64Errors } from './errors.ts';

/** Bytes wherever they are: an array buffer, shared or not, or any view of one. */
export type ByteSource = ArrayBuffer | SharedArrayBuffer | ArrayBufferView;

/**
 * The bytes of `source` themselves, no copy of them: of a view exactly those that it covers. Numbers of
 * more than one byte are in the order of the machine.
 *
 * @throws `Q64_ARGUMENT_INVALID` for anything else, `Q64_BUFFER_DETACHED`
 */
export function bytesOf(source: ByteSource): Uint8Array {
  if (source instanceof Uint8Array) {
    // A view of what is gone has no length either: only an empty one is looked at twice.
    if (source.length === 0) checkView(source);
    return source;
  }
  if (ArrayBuffer.isView(source)) {
    checkView(source);
    return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
  }
  if (!isBuffer(source)) {
    const detail = `bytes were expected, not ${describe(source)}`;
    throw q64Errors.create('Q64_ARGUMENT_INVALID', detail);
  }
  if (source.byteLength === 0) checkBuffer(source);
  return new Uint8Array(source);
}

function isBuffer(value: unknown): value is ArrayBuffer | SharedArrayBuffer {
  if (value instanceof ArrayBuffer) return true;
  // Browsers have shared buffers only in pages that are isolated from others.
  return typeof SharedArrayBuffer !== 'undefined' && value instanceof SharedArrayBuffer;
}

/** Of a detached buffer, and of one that was made too short for the view, nothing can be read. */
function checkView(view: ArrayBufferView): void {
  try {
    if (view instanceof DataView) view.byteLength;
    else (view as Uint8Array).at(0);
  } catch (cause) {
    throw q64Errors.create('Q64_BUFFER_DETACHED', undefined, undefined, cause);
  }
}

function checkBuffer(buffer: ArrayBuffer | SharedArrayBuffer): void {
  try {
    // `detached` itself is younger than some browsers.
    new Uint8Array(buffer);
  } catch (cause) {
    throw q64Errors.create('Q64_BUFFER_DETACHED', undefined, undefined, cause);
  }
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return 'a list: quantise numbers first';
  return value === null ? 'null' : typeof value;
}
