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
  | 'logRangeBlocks'
  | 'logResults'
  | 'logAnswerBytes'
  | 'logAddresses'
  | 'logTopicChoices'
  | 'proofSlots'
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
  logRangeBlocks: {
    value: 1_000_000,
    unit: 'blocks of one eth_getLogs',
    why: 'the headers of so many are looked through in some seconds; scripts ask from block 0 on',
  },
  logResults: {
    value: 10_000,
    unit: 'logs of one eth_getLogs',
    why: 'the number that indexers know from public nodes, whose message they parse',
  },
  logAnswerBytes: {
    value: 12_582_912,
    unit: 'bytes of the data of all logs of one eth_getLogs',
    why: 'two characters a byte: about as much as the answers to a batch; logs may be long',
  },
  logAddresses: {
    value: 1_000,
    unit: 'addresses of one filter',
    why: "geth's bound; every header is asked for each of them",
  },
  logTopicChoices: {
    value: 1_000,
    unit: 'topics of one position of a filter',
    why: "geth's bound; every header is asked for each of them",
  },
  proofSlots: {
    value: 1_024,
    unit: 'slots of one eth_getProof',
    why: "geth's bound; each is a walk through the storage trie",
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
