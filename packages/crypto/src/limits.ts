import { defineLimits, type LimitRegistry } from '@lucerna/base';

/** Limits of the crypto package. */
export const cryptoLimits: LimitRegistry<'derivedKeys' | 'keccakKernelBytes' | 'merkleLeaves'> =
  defineLimits('crypto', {
    keccakKernelBytes: {
      value: 4096,
      unit: 'bytes',
      why: 'it is part of every start; older Chromiums compile no more at once on a main thread',
    },
    derivedKeys: {
      value: 10_000,
      unit: 'keys of one mnemonic',
      why: 'each takes about a millisecond of the start that waits for it',
    },
    merkleLeaves: {
      value: 2 ** 18,
      unit: 'leaves',
      why: 'a tree keeps all its hashes in memory, about 500 bytes for a leaf',
    },
  });
