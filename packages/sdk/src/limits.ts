import { defineLimits, type LimitRegistry } from '@lucerna/base';

export const sdkLimits: LimitRegistry<'knownContracts' | 'namedKeys' | 'namedSlots'> = defineLimits(
  'sdk',
  {
    knownContracts: {
      value: 256,
      unit: 'contracts',
      why: 'Codes that a machine for contracts in memory has read and keeps; others are read again.',
    },
    namedKeys: {
      value: 64,
      unit: 'keys',
      why: 'Of a map, and elements of a list, that are looked at to name a slot that a contract in memory has changed.',
    },
    namedSlots: {
      value: 20_000,
      unit: 'slots',
      why: 'Names that are made for the slots that one call of a contract in memory may have changed.',
    },
  },
);
