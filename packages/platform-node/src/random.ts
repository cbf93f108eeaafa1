import { randomFillSync } from 'node:crypto';
import type { Random } from '@lucerna/base';

/** The system's random generator. */
export const systemRandom: Random = {
  bytes: (length) => randomFillSync(new Uint8Array(length)),
};
