import { nodeErrors } from '../errors.ts';
import { nodeLimits } from '../limits.ts';
import { type DevSettings, valueFor } from './settings.ts';

/** What the time of the next block follows from. Seconds since the Unix epoch. */
export type BlockTimes = {
  /** Of the real clock. */
  readonly nowSeconds: number;
  /** Of the head. */
  readonly head: { readonly height: number; readonly timestamp: number };
};

/** What the clock of the chain shows. */
export function chainTime({ offsetSeconds }: DevSettings, nowSeconds: number): number {
  return nowSeconds + offsetSeconds;
}

/** The timestamp of the next block. It is never before the head's, which it may share. */
export function nextTimestamp(settings: DevSettings, { head, nowSeconds }: BlockTimes): number {
  const exact = valueFor(settings.nextTimestamp, head.height + 1);
  const { timestampIntervalSeconds: interval } = settings;
  const following =
    interval === undefined ? chainTime(settings, nowSeconds) : head.timestamp + interval;
  return Math.max(head.timestamp, exact ?? following);
}

/** @throws `TIMESTAMP_BEFORE_HEAD`, `TIMESTAMP_OUT_OF_RANGE` */
export function checkTimestamp(timestamp: number, head: { readonly timestamp: number }): void {
  if (timestamp < head.timestamp) {
    throw nodeErrors.create('TIMESTAMP_BEFORE_HEAD', `${timestamp} is before ${head.timestamp}`, {
      requested: timestamp,
      head: head.timestamp,
    });
  }
  const limit = nodeLimits.values.timestampSeconds;
  if (Number.isSafeInteger(timestamp) && timestamp <= limit) return;
  throw nodeErrors.create('TIMESTAMP_OUT_OF_RANGE', `${timestamp} is not 0 to ${limit}`, {
    requested: timestamp,
    limit,
  });
}
