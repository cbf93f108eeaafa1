import { joinBytes } from '@lucerna/base';
import { cliErrors } from '../errors.ts';

/** All of an input that may have `limit` bytes. @throws `INPUT_TOO_LARGE`, which names the encoding */
export async function readWhole(
  parts: AsyncIterable<Uint8Array>,
  limit: number,
  encoding: string,
): Promise<Uint8Array> {
  const kept: Uint8Array[] = [];
  let length = 0;
  for await (const part of parts) {
    length += part.length;
    if (length > limit) {
      const detail = `${encoding} takes at most ${limit} bytes; q64 and eq64 take any length`;
      throw cliErrors.create('INPUT_TOO_LARGE', detail, { encoding, limit });
    }
    // Its memory is used again for the next one.
    kept.push(part.slice());
  }
  return joinBytes(kept);
}
