import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

const restMs = 5;
const mostRests = 40;

/**
 * Collects everything that nobody refers to any more, and waits until the threads that sweep it up
 * are done: what is measured next should not pay for it. A measurement that makes its input calls this
 * once that is there.
 */
export async function collectGarbage(): Promise<void> {
  collect();
  for (let rest = 0; rest < mostRests; rest += 1) {
    const started = cpuTimeMs();
    await sleep(restMs);
    if (cpuTimeMs() - started < restMs / 10) return;
  }
}

/**
 * Milliseconds of CPU time that this process has used: waiting and other programs do not count, the
 * threads that collect the garbage and compile do.
 */
function cpuTimeMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Milliseconds of CPU time for `work`, which waits for nothing but itself. */
export async function timeCpu(work: () => void | Promise<void>): Promise<number> {
  const started = cpuTimeMs();
  await work();
  return cpuTimeMs() - started;
}

/** Milliseconds for `work` by the clock. */
export async function timeWall(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/** Milliseconds of CPU time for one of `call(0)`, `call(1)`, …, which go on for `leastMs` or more. */
export function timeEachCall(leastMs: number, call: (index: number) => void): number {
  const started = cpuTimeMs();
  let calls = 0;
  for (let batch = 16; ; batch = Math.min(2 * batch, 4096)) {
    for (const end = calls + batch; calls < end; calls += 1) call(calls);
    const elapsed = cpuTimeMs() - started;
    if (elapsed >= leastMs) return elapsed / calls;
  }
}

/**
 * As {@link timeEachCall}, once the machine has settled: collecting all garbage before a round also throws
 * away optimised code, which is made again while calls run for as long that are not counted.
 */
export function timeSettledCall(leastMs: number, call: (index: number) => void): number {
  timeEachCall(leastMs, call);
  return timeEachCall(leastMs, call);
}

/** Bytes that are in use, in the heap of JavaScript and outside, once the garbage is collected. */
export async function usedMemoryBytes(): Promise<number> {
  // Memory outside the heap is only given back once the objects that held it have been swept up.
  for (let time = 0; time < 3; time += 1) await collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
