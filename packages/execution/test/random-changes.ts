import { type SeededRandom, toHex } from '@lucerna/base';
import { calldata, initData, PROBE } from './contracts.ts';
import { strangerAddress } from './support.ts';

type Change = {
  readonly to: Uint8Array | null;
  readonly data: Uint8Array;
  readonly value: bigint;
  readonly gasLimit: bigint;
};

function pick<T>(random: SeededRandom, items: readonly T[]): T {
  return items[random.below(items.length)]!;
}

/** Parts of a transaction to one of the contracts so far, or one that makes another. Some of them fail. */
export function randomChange(
  random: SeededRandom,
  contracts: readonly Uint8Array[],
  known: Uint8Array,
): Change {
  const n = BigInt(random.below(4));
  const word = 'a note '.repeat(random.below(20));
  const someone = toHex(pick(random, [strangerAddress(random.below(3)), known]));
  const gasLimit = pick(random, [40_000n, 120_000n, 400_000n, 1_000_000n]);
  if (contracts.length === 0 || random.below(6) === 0) {
    const start = pick(random, [7n, 0n, 13n]);
    return { to: null, data: initData(PROBE.bytecode, start), value: n, gasLimit };
  }
  const to = pick(random, contracts);
  const data = pick(random, [
    () => calldata('set', n),
    () => calldata('setThrice', n, 0n, n),
    () => calldata('write', word),
    () => calldata('send', someone, n),
    () => calldata('noteIt', n, word),
    () => calldata('clearAndLoop', n),
    () => calldata('failLate', someone, word),
    () => calldata('spin'),
    () => calldata('pay'),
    () => new Uint8Array(random.below(6)),
  ])();
  const isPaid = random.below(3) === 0 || toHex(data) === toHex(calldata('pay'));
  return { to, data, value: isPaid ? n : 0n, gasLimit };
}
