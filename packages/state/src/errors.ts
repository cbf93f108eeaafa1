import { defineErrors, type ErrorRegistry } from '@lucerna/base';

/** Codes of the state package. */
export const stateErrors: ErrorRegistry<
  'STATE_CORRUPT' | 'STATE_DIFF_INVALID' | 'STATE_DIFF_MISMATCH' | 'BALANCE_OVERFLOW'
> = defineErrors('state', {
  STATE_CORRUPT: {
    summary: 'The stored state is damaged',
    remedy:
      'Delete the state database and start again: it is rebuilt from the block log, which is separate.',
  },
  STATE_DIFF_INVALID: {
    summary: 'The bytes are not a state diff',
    remedy: 'Restore the block log from a copy; the record that holds this diff is damaged.',
  },
  STATE_DIFF_MISMATCH: {
    summary: 'The state diff was not made on this state',
    remedy: 'Apply the diffs of all earlier blocks first, each one once.',
  },
  BALANCE_OVERFLOW: {
    summary: 'The balance would not fit 256 bits',
    remedy: 'Lower the balances of the genesis allocation; their sum must stay below 2^256 wei.',
  },
});
