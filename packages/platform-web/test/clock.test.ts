import { clockCompliance } from '@lucerna/base/compliance';
import { systemClock } from '@lucerna/platform-web/clock';
import { expect, it } from 'vitest';

clockCompliance('the clock of a browser', systemClock);

it('schedules on real time', async () => {
  const before = performance.now();
  await new Promise<void>((resolve) => {
    systemClock.schedule(20, resolve);
  });
  expect(performance.now() - before).toBeGreaterThanOrEqual(20);
});
