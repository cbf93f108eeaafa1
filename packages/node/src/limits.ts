import { defineLimits, type LimitRegistry } from '@lucerna/base';

export const nodeLimits: LimitRegistry<
  | 'blockIntervalMs'
  | 'blockReportMs'
  | 'devAccounts'
  | 'dumpBytes'
  | 'dumpItems'
  | 'impersonated'
  | 'minedBlocksPerCall'
  | 'poolListeners'
  | 'poolTickMs'
  | 'queryTurnMs'
  | 'sealQueueTasks'
  | 'snapshots'
  | 'timestampSeconds'
> = defineLimits('node', {
  blockIntervalMs: {
    value: 2_147_483_647,
    unit: 'ms',
    why: 'the longest time that a timer of JavaScript waits: 24 days',
  },
  blockReportMs: {
    value: 250,
    unit: 'ms',
    why: 'blocks that follow each other sooner share a line of the log, so that it can be read',
  },
  poolListeners: {
    value: 16,
    unit: 'listeners',
    why: 'parts of the node that follow the pool; one more than these is one that does not stop listening',
  },
  devAccounts: {
    value: 10_000,
    unit: 'accounts of a dev chain',
    why: 'each takes about a millisecond of the start, and a line of what is printed then',
  },
  dumpBytes: {
    value: 2 ** 28,
    unit: 'bytes',
    why: 'a dump is in memory as one piece, and once more while it is loaded',
  },
  dumpItems: {
    value: 4_194_304,
    unit: 'blocks, or values of the patches of one block or of the pool',
    why: 'an item of a dump costs a hundred bytes of memory while it is decoded',
  },
  impersonated: {
    value: 4_096,
    unit: 'addresses',
    why: 'they are written anew with every change of a setting',
  },
  poolTickMs: {
    value: 60_000,
    unit: 'ms',
    why: 'what waits for hours in the pool may go some seconds late',
  },
  queryTurnMs: {
    value: 20,
    unit: 'ms',
    why: 'after this long a query that reads many blocks lets the rest of the process go first',
  },
  sealQueueTasks: {
    value: 1_024,
    unit: 'tasks',
    why: 'blocks asked for by hand that wait for the one being made; automine needs at most two places',
  },
  snapshots: {
    value: 32_768,
    unit: 'snapshots',
    why: 'a test suite that takes one for each test and never goes back; a start reads all of them',
  },
  timestampSeconds: {
    value: 2 ** 52,
    unit: 'seconds since the Unix epoch',
    why: 'sums of times must stay numbers that JavaScript counts exactly',
  },
  minedBlocksPerCall: {
    value: 1_000_000,
    unit: 'blocks',
    why: 'tests skip a million blocks at once; that takes minutes, and others are answered in between',
  },
});
