import { defineLimits, type LimitRegistry } from '@lucerna/base';

/** The bounds of execution that are not consensus: those are in the rules and in the genesis. */
export const executionLimits: LimitRegistry<'callGas' | 'skippedTransactions'> = defineLimits(
  'execution',
  {
    callGas: {
      value: 50_000_000,
      unit: 'gas',
      why: 'a simulated call is free for its caller, so the node bounds what it costs the node',
    },
    skippedTransactions: {
      value: 8_192,
      unit: 'transactions passed over by one block',
      why: 'a nearly full block is not worth a search of the whole pool for one that still fits',
    },
  },
);
