import { defineLimits, type LimitRegistry } from '@lucerna/base';

export const nodeLimits: LimitRegistry<
  'blockReportMs' | 'minedBlocksPerCall' | 'queryTurnMs' | 'sealQueueTasks'
> = defineLimits('node', {
  blockReportMs: {
    value: 250,
    unit: 'ms',
    why: 'blocks that follow each other sooner share a line of the log, so that it can be read',
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
  minedBlocksPerCall: {
    value: 10_000,
    unit: 'blocks',
    why: 'one call that mines must end within minutes and leave the node answering in between',
  },
});
