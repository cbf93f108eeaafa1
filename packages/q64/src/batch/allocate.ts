import { q64Errors } from '../errors.ts';
import { q64Limits } from '../limits.ts';

/** New bytes, all zero. @throws `Q64_INPUT_TOO_LARGE` for more than the limit `bufferBytes`, or than there is */
export function allocate(length: number): Uint8Array<ArrayBuffer> {
  const { bufferBytes } = q64Limits.values;
  if (length > bufferBytes) {
    const detail = `${length} bytes in one piece, and a piece has at most ${bufferBytes}`;
    throw q64Errors.create('Q64_INPUT_TOO_LARGE', detail, { bytes: length });
  }
  try {
    return new Uint8Array(length);
  } catch (error) {
    const detail = `there is no memory for ${length} bytes`;
    throw q64Errors.create('Q64_INPUT_TOO_LARGE', detail, { bytes: length }, error);
  }
}
