import { defineLimits, type LimitRegistry } from '@lucerna/base';

export const nodeLimits: LimitRegistry<'minedBlocksPerCall' | 'sealQueueTasks'> = defineLimits(
  'node',
  {
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
  },
);
