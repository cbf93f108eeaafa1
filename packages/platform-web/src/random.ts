import type { Random } from '@lucerna/base';
import { RANDOM_BYTES } from './limits.ts';

/** The browser's random generator. */
export const systemRandom: Random = {
  bytes: (length): Uint8Array => {
    const bytes = new Uint8Array(length);
    for (let from = 0; from < length; from += RANDOM_BYTES) {
      crypto.getRandomValues(bytes.subarray(from, from + RANDOM_BYTES));
    }
    return bytes;
  },
};
