import { defineLimits, type LimitRegistry } from '@lucerna/base';

/** The bounds of execution that are not consensus: those are in the rules and in the genesis. */
export const executionLimits: LimitRegistry<
  'cachedPrograms' | 'callGas' | 'revertReasonCharacters' | 'skippedTransactions'
> = defineLimits('execution', {
  cachedPrograms: {
    value: 256,
    unit: 'programs',
    why: 'contracts that are called again and again; a lowered one takes up to about 1 MB',
  },
  callGas: {
    value: 50_000_000,
    unit: 'gas',
    why: 'a simulated call is free for its caller, so the node bounds what it costs the node',
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
