import { defineLimits, type LimitRegistry } from '@lucerna/base';

/** The bounds of what one request may ask of a node. */
export const apiLimits: LimitRegistry<
  | 'bodyBytes'
  | 'batchEntries'
  | 'batchAnswerChars'
  | 'batchesAnswerChars'
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
  | 'requestsInFlight'
  | 'filters'
  | 'filterCriteria'
  | 'filterIdleMs'
  | 'filterPending'
  | 'filterReverts'
  | 'subscriptions'
  | 'connectionSubscriptions'
  | 'subscriptionCriteria'
  | 'heldNotifications'
  | 'overriddenAccounts'
  | 'overriddenSlots'
  | 'simulatedBlocks'
  | 'simulatedCalls'
  | 'poolAnswerBytes'
  | 'sendSyncMs'
  | 'sendSyncMaxMs'
  | 'minedDetails'
  | 'stateDumpBytes'
  | 'reorgTransactions'
  | 'otsPageTransactions'
  | 'q64Levels'
  | 'q64PlaneNumbers'
  | 'q64TextChars'
  | 'chromaAnswerChars'
  | 'chromaBatchRecords'
  | 'chromaBodyBytes'
  | 'chromaHits'
  | 'chromaJsonMembers'
  | 'chromaJsonValues'
  | 'chromaNameChars'
  | 'chromaQueries'
  | 'chromaRankNodes'
  | 'chromaRequests'
  | 'chromaResults'
  | 'chromaSearches'
  | 'chromaSearchKeys'
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
  batchesAnswerChars: {
    value: 134_217_728,
    unit: 'characters of the answers to all batches that are being answered',
    why: 'five of the largest: many batches at a time would hold gigabytes before any of them is sent',
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
  requestsInFlight: {
    value: 4_096,
    unit: 'requests that wait for their answers',
    why: 'each keeps its arguments in memory; scripts send some thousand transactions at a time',
  },
  filters: {
    value: 1_024,
    unit: 'filters',
    why: 'each keeps what it looks for; a page needs a handful',
  },
  filterCriteria: {
    value: 65_536,
    unit: 'addresses and topics of all filters',
    why: 'each is kept with the bits of its bloom, 0.7 kB; one filter may have 5,000',
  },
  filterIdleMs: {
    value: 300_000,
    unit: 'ms without a request for a filter',
    why: "geth's timeout: clients that have gone do not remove their filters",
  },
  filterPending: {
    value: 8_192,
    unit: 'hashes of pending transactions kept for filters',
    why: 'a pool full of them; who asks less often misses the oldest',
  },
  filterReverts: {
    value: 1_024,
    unit: 'times that blocks were reverted, kept for filters',
    why: 'a test suite reverts a snapshot for every test; who asks less often must make a new filter',
  },
  subscriptions: {
    value: 8_192,
    unit: 'subscriptions of all connections',
    why: 'every head is compared with each of them',
  },
  connectionSubscriptions: {
    value: 1_024,
    unit: 'subscriptions of one connection',
    why: 'a page with many contracts has some hundred',
  },
  subscriptionCriteria: {
    value: 65_536,
    unit: 'addresses and topics of all subscriptions',
    why: 'each is kept, 0.7 kB, and every head is asked for it; one subscription may have 5,000',
  },
  heldNotifications: {
    value: 1_024,
    unit: 'notifications that wait for the answer to eth_subscribe',
    why: 'the longest batch, when each of its requests makes a block',
  },
  overriddenAccounts: {
    value: 1_024,
    unit: 'accounts of one state override',
    why: 'a request body has room for a few thousand; each is looked at before the call',
  },
  overriddenSlots: {
    value: 8_192,
    unit: 'storage slots of one account in a state override',
    why: 'a request body has room for some more; each is looked at before the call',
  },
  simulatedBlocks: {
    value: 256,
    unit: 'blocks of one eth_simulateV1',
    why: "geth's bound",
  },
  simulatedCalls: {
    value: 5_000,
    unit: 'calls of one eth_simulateV1',
    why: "geth's bound",
  },
  poolAnswerBytes: {
    value: 12_582_912,
    unit: 'bytes of all transactions of one txpool_content',
    why: 'two characters a byte: about as much as the answers to a batch',
  },
  sendSyncMs: {
    value: 20_000,
    unit: 'ms that eth_sendRawTransactionSync waits',
    why: 'longer than the blocks of any chain are apart; clients give up after 30 seconds or so',
  },
  sendSyncMaxMs: {
    value: 60_000,
    unit: 'ms that a caller of eth_sendRawTransactionSync may make it wait',
    why: 'each occupies a request',
  },
  minedDetails: {
    value: 256,
    unit: 'blocks of one anvil_mine_detailed',
    why: 'each is answered with all of its transactions; anvil_mine makes more without telling',
  },
  stateDumpBytes: {
    value: 2_621_000,
    unit: 'bytes of the argument of anvil_loadState',
    why: 'what a request body has room for as hex',
  },
  reorgTransactions: {
    value: 1_000,
    unit: 'transactions of one anvil_reorg',
    why: 'each is signed or decoded before anything happens',
  },
  otsPageTransactions: {
    value: 250,
    unit: 'transactions of one page of ots_*',
    why: 'ten times what Otterscan asks for by default; a page may end later, with its last block',
  },
  q64Levels: {
    value: 64,
    unit: 'levels that lucerna_q64Encode is given',
    why: 'the bound of the encoding itself',
  },
  q64PlaneNumbers: {
    value: 1_048_576,
    unit: 'bytes times planes of one hash by lucerna_q64Encode',
    why: 'drawing so many numbers takes some tenths of a second, in which nobody else is answered',
  },
  q64TextChars: {
    value: 4_194_304,
    unit: 'characters of a text of lucerna_q64Encode and lucerna_q64Decode',
    why: 'what the largest data parameter becomes in levels that double; a request body has room for it',
  },
  chromaAnswerChars: {
    value: 134_217_728,
    unit: 'characters of one answer over the Chroma protocol',
    why: 'some 8,000 embeddings of 1,536 values; it is made in memory as one text',
  },
  chromaBatchRecords: {
    value: 5_461,
    unit: 'records of one request that Chroma clients are told to send',
    why: "Chroma's own number; more are taken as far as the body allows",
  },
  chromaBodyBytes: {
    value: 41_943_040,
    unit: 'bytes of one request over the Chroma protocol',
    why: "Chroma's own bound: 5,000 embeddings of 1,536 values in base64",
  },
  chromaHits: {
    value: 1_000_000,
    unit: 'results of all queries, or of all parts of one ranking, of one request',
    why: 'some 150 bytes each until they are answered, and about a millisecond per thousand',
  },
  chromaJsonMembers: {
    value: 65_536,
    unit: 'members of one object of a request',
    why: 'an object of many names takes microseconds for each; metadata have far fewer',
  },
  chromaJsonValues: {
    value: 4_194_304,
    unit: 'values of a request, without the numbers of embeddings',
    why: 'two characters may take a hundred bytes; 100,000 records of 40 values fit',
  },
  chromaNameChars: {
    value: 512,
    unit: 'characters of the name of a tenant, database or collection',
    why: "Chroma's own bound",
  },
  chromaQueries: {
    value: 10_000,
    unit: 'queries of one request',
    why: 'each has an answer of its own, which is ranked and written out',
  },
  chromaRankNodes: {
    value: 256,
    unit: 'parts of one ranking expression',
    why: 'each is evaluated for every candidate; fused rankings have a dozen',
  },
  chromaRequests: {
    value: 1_024,
    unit: 'requests over the Chroma protocol that wait for their answers',
    why: 'each keeps its arguments in memory; clients send one or a few at a time',
  },
  chromaSearchKeys: {
    value: 1_024,
    unit: 'keys by which one search groups, or which it selects',
    why: 'each is looked up in every record that is found; a record has no more',
  },
  chromaResults: {
    value: 4_000_000,
    unit: 'results that all requests hold at a time, each of 150 bytes; embeddings and text count by their size',
    why: 'some 600 MB at worst: four of the largest answers, or thousands of common ones',
  },
  chromaSearches: {
    value: 64,
    unit: 'searches of one request',
    why: 'each may rank all records; clients send a few at a time',
  },
});
