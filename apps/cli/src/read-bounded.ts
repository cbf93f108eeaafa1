import { open } from 'node:fs/promises';
import { cliErrors } from './errors.ts';

/**
 * The bytes of the file at `path`, of which there may be `limit`; a pipe will do.
 *
 * @throws `INPUT_UNREADABLE`, `INPUT_TOO_LARGE`
 */
export async function readBounded(path: string, limit: number): Promise<Uint8Array> {
  let bytes: Uint8Array;
  try {
    await using file = await open(path);
    // One byte more than allowed shows that there is more, also where a pipe has no size.
    const chunks: Uint8Array[] = [];
    for await (const chunk of file.createReadStream({ end: limit, autoClose: false })) {
      chunks.push(chunk);
    }
    bytes = Buffer.concat(chunks);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw cliErrors.create('INPUT_UNREADABLE', why, { path }, error);
  }
  if (bytes.length <= limit) return bytes;
  throw cliErrors.create('INPUT_TOO_LARGE', `${path}, more than ${limit} bytes`, { path });
}
