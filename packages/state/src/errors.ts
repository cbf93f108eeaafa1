import { defineErrors, type ErrorRegistry } from '@lucerna/base';

/** Codes of the state package. */
export const stateErrors: ErrorRegistry<
  | 'PROOF_INVALID'
  | 'SNAPSHOT_INVALID'
  | 'STATE_CORRUPT'
  | 'STATE_DIFF_INVALID'
  | 'STATE_DIFF_MISMATCH'
  | 'BALANCE_OVERFLOW'
> = defineErrors('state', {
  PROOF_INVALID: {
    summary: 'The proof does not prove it',
    remedy:
      'Ask another node, for the proof and the root of the same block, and trust this one less.',
  },
  SNAPSHOT_INVALID: {
    summary: 'The bytes are not a state snapshot',
    remedy: 'Take the snapshot from somewhere else, or make it again; nothing of it may be used.',
  },
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
