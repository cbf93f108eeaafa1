import { encodeIterable } from '@lucerna/q64';
import type { EncodeOptions } from '../commands/q64-options.ts';
import { cliLimits } from '../limits.ts';
import { encodeGroups } from './grouped.ts';
import type { Parts } from './parts.ts';
import { readWhole } from './read-whole.ts';
import { encodeWhole } from './whole-encodings.ts';

const { archivePartBytes, q64WholeBytes } = cliLimits.values;

/**
 * The text of an input in ASCII, each part until the next one is asked for. Of an input in `q64` and
 * `eq64` only a part is in memory, in the other encodings all of it.
 *
 * @throws what the functions of `@lucerna/q64` throw, `INPUT_TOO_LARGE`
 */
export async function* encodeParts(
  bytes: AsyncIterable<Uint8Array>,
  options: EncodeOptions,
): Parts {
  const { encoding, group } = options;
  if (encoding !== 'q64' && encoding !== 'eq64') {
    const source = await readWhole(bytes, q64WholeBytes, encoding);
    yield Buffer.from(encodeWhole(encoding, source, options), 'latin1');
  } else if (group === undefined) {
    yield* encodeIterable(bytes, { chunkSize: archivePartBytes, reuseBuffers: true });
  } else {
    yield* encodeGroups(bytes, group);
  }
}
