import { defineLimits, type LimitRegistry } from '@lucerna/base';

/** The bounds of execution that are not consensus: those are in the rules and in the genesis. */
export const executionLimits: LimitRegistry<
  | 'accessListRounds'
  | 'callGas'
  | 'simulatedBlocks'
  | 'simulatedResultBytes'
  | 'programCacheBytes'
  | 'revertReasonCharacters'
  | 'skippedTransactions'
  | 'tracedCallBytes'
  | 'tracedCalls'
  | 'tracedProgramCacheBytes'
  | 'tracedStackCharacters'
  | 'tracedSteps'
> = defineLimits('execution', {
  accessListRounds: {
    value: 8,
    unit: 'runs of a call for one access list',
    why: 'a list changes what the call has left, so its own list may differ; nearly always two runs agree',
  },
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
  simulatedBlocks: {
    value: 256,
    unit: 'blocks above the base of one simulation',
    why: 'what execution-apis names for eth_simulateV1: each has a header and a state root to compute',
  },
  simulatedResultBytes: {
    value: 12_582_912,
    unit: 'bytes that the calls of one simulation return and log',
    why: 'a call may return a megabyte for little gas; as much as an answer with logs may hold',
  },
  skippedTransactions: {
    value: 8_192,
    unit: 'transactions passed over by one block',
    why: 'a nearly full block is not worth a search of the whole pool for one that still fits',
  },
  tracedCallBytes: {
    value: 16_777_216,
    unit: 'bytes of what frames within others take, return and log, in one answer',
    why: 'a frame takes its data as they are, for little gas: a trace would show them a hundred times',
  },
  tracedCalls: {
    value: 1_024,
    unit: 'frames and transfers in the trace of one transaction',
    why: 'as many frames as one transaction may have; what a contract sends beside them is cut off',
  },
  tracedProgramCacheBytes: {
    value: 16_777_216,
    unit: 'bytes',
    why: 'contracts that are traced, which take about four times the memory; a block has a few',
  },
  tracedStackCharacters: {
    value: 16_777_216,
    unit: 'characters of operands in one answer',
    why: 'bounds the memory of a trace whose every step shows a deep stack',
  },
  tracedSteps: {
    value: 100_000,
    unit: 'instructions in one answer',
    why: 'some ten megabytes of JSON; who looks at single instructions looks at fewer',
  },
});
