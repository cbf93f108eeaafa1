import type { Method } from '../method.ts';
import { required } from '../params.ts';
import { seconds, timestamp, timestampOrMs } from './dev-forms.ts';
import { defineDevMethod, defineDevSetter } from './dev-method.ts';

/** The clock of the chain. */
export const devTimeMethods: readonly Method[] = [
  defineDevMethod({
    name: 'anvil_increaseTime',
    aliases: ['evm_increaseTime'],
    summary: 'Moves the clock of the chain forward.',
    params: [required('seconds', seconds, 'By how much.')],
    result: { name: 'offset', summary: 'Seconds that it is ahead in all, as a JSON number.' },
    handler: ({ dev }, by) => dev.increaseTime(by),
  }),
  defineDevMethod({
    name: 'anvil_setTime',
    aliases: ['evm_setTime'],
    summary: 'Sets the clock of the chain.',
    params: [required('timestamp', timestampOrMs, 'Seconds, or milliseconds if more than 10^12.')],
    result: { name: 'moved', summary: 'Seconds that it has moved forward, as a JSON number.' },
    handler: async ({ dev }, to) => Math.max(0, await dev.setTime(to)),
  }),
  defineDevSetter({
    name: 'anvil_setNextBlockTimestamp',
    aliases: ['evm_setNextBlockTimestamp'],
    summary: 'Sets the time of the next block; the clock goes on from there.',
    params: [required('timestamp', timestamp, 'Seconds since the Unix epoch.')],
    set: (dev, at) => dev.setNextBlockTimestamp(at),
  }),
  defineDevSetter({
    name: 'anvil_setBlockTimestampInterval',
    aliases: ['hardhat_setBlockTimestampInterval'],
    summary: 'Every block is this much later than the one before it, whatever the clock says.',
    params: [required('seconds', seconds, 'By how much.')],
    set: (dev, interval) => dev.setBlockTimestampInterval(interval),
  }),
  defineDevMethod({
    name: 'anvil_removeBlockTimestampInterval',
    aliases: ['hardhat_removeBlockTimestampInterval'],
    summary: 'Blocks have the time of the clock again.',
    params: [],
    result: { name: 'removed', summary: 'Whether an interval was set.' },
    handler: async ({ dev }) => {
      const wasSet = dev.info().blockTimestampIntervalSeconds !== undefined;
      await dev.setBlockTimestampInterval(undefined);
      return wasSet;
    },
  }),
];
