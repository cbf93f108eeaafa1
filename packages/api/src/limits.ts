import { defineLimits, type LimitRegistry } from '@lucerna/base';

/** The bounds of what one request may ask of a node. */
export const apiLimits: LimitRegistry<
  | 'bodyBytes'
  | 'batchEntries'
  | 'batchAnswerChars'
  | 'batchTurnMs'
  | 'jsonDepth'
  | 'methodNameChars'
  | 'requestIdChars'
  | 'paramDataBytes'
  | 'feeHistoryBlocks'
  | 'feeHistoryPercentiles'
  | 'revertReasonChars'
  | 'timestampSeconds'
> = defineLimits('api', {
  bodyBytes: {
    value: 5_242_880,
    unit: 'bytes',
    why: 'a batch of 16 transactions of the largest size (262,146 hex digits each), and what geth takes',
  },
  batchEntries: {
    value: 1_000,
    unit: 'requests of one batch',
    why: "geth's bound; the largest batches that viem makes by default",
  },
  batchAnswerChars: {
    value: 26_214_400,
    unit: 'characters of the answers to one batch',
    why: 'a small batch can ask for many whole blocks; later entries get an error instead',
  },
  batchTurnMs: {
    value: 20,
    unit: 'ms',
    why: 'after this long a batch lets everything else that waits in the process go first',
  },
  jsonDepth: {
    value: 32,
    unit: 'levels of nesting',
    why: 'the deepest parameter, an access list in a batch, has 7; walks over a request must be bounded',
  },
  methodNameChars: {
    value: 128,
    unit: 'characters',
    why: 'longer names belong to no method and would only be echoed in errors',
  },
  requestIdChars: {
    value: 1_024,
    unit: 'characters of an id as JSON',
    why: 'ids are echoed in answers; clients use counters and UUIDs',
  },
  paramDataBytes: {
    value: 1_048_576,
    unit: 'bytes of one data parameter',
    why: 'eight times the largest transaction, so that the pool can name what is too large about it',
  },
  feeHistoryBlocks: {
    value: 1_024,
    unit: 'blocks of one eth_feeHistory',
    why: "geth's bound; a longer range is answered with its newest blocks",
  },
  feeHistoryPercentiles: {
    value: 100,
    unit: 'percentiles of one eth_feeHistory',
    why: "geth's bound",
  },
  revertReasonChars: {
    value: 1_024,
    unit: 'characters',
    why: 'the message of an error repeats the reason of a revert; all of it is in the error data',
  },
  timestampSeconds: {
    value: 8_640_000_000_000,
    unit: 'seconds since the Unix epoch',
    why: 'the last second of a JavaScript Date; a chain that reached the largest number could not go on',
  },
});
