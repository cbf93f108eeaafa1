import { defineLimits, type LimitRegistry } from '@lucerna/base';

/** Limits of the crypto package. */
export const cryptoLimits: LimitRegistry<
  | 'derivedKeys'
  | 'keccakKernelBytes'
  | 'keystoreMemoryBytes'
  | 'keystoreRounds'
  | 'keystoreSteps'
  | 'merkleLeaves'
> = defineLimits('crypto', {
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
  keystoreMemoryBytes: {
    value: 2 ** 30,
    unit: 'bytes for one password',
    why: 'a file says how much its reader needs; wallets write 256 MiB and less',
  },
  keystoreRounds: {
    value: 10_000_000,
    unit: 'rounds of PBKDF2',
    why: 'a file says how long its reader works; wallets write 262,144',
  },
  keystoreSteps: {
    value: 2 ** 24,
    unit: 'steps of scrypt (n × r × p)',
    why: 'a file says how long its reader works; wallets write 2,097,152, about a second',
  },
  merkleLeaves: {
    value: 2 ** 18,
    unit: 'leaves',
    why: 'a tree keeps all its hashes in memory, about 500 bytes for a leaf',
  },
});
