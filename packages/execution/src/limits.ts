import { defineLimits, type LimitRegistry } from '@lucerna/base';

/** The bounds of execution that are not consensus: those are in the rules and in the genesis. */
export const executionLimits: LimitRegistry<
  'callGas' | 'programCacheBytes' | 'revertReasonCharacters' | 'skippedTransactions'
> = defineLimits('execution', {
  callGas: {
    value: 50_000_000,
    unit: 'gas',
    why: 'a simulated call is free for its caller, so the node bounds what it costs the node',
  },
  programCacheBytes: {
    value: 67_108_864,
    unit: 'bytes',
    why: 'contracts that are called again and again: some thousand usual ones, about a hundred of the largest',
  },
  revertReasonCharacters: {
    value: 1_024,
    unit: 'characters of a reason in the message of an error',
    why: 'a contract may revert with a long text; all of it is in the data',
  },
  skippedTransactions: {
    value: 8_192,
    unit: 'transactions passed over by one block',
    why: 'a nearly full block is not worth a search of the whole pool for one that still fits',
  },
});
