import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import {
  effectiveGasPrice,
  effectiveTip,
  INITIAL_FORKS,
  maxFeePerGas,
  maxPriorityFeePerGas,
  nextBaseFee,
  rulesAt,
} from '../src/index.ts';
import { uintOf, unsignedTransaction } from './support.ts';

const rules = rulesAt(INITIAL_FORKS, 0);

it('never exceeds the cap, and the tip never exceeds what was offered', () => {
  fc.assert(
    fc.property(unsignedTransaction, uintOf(256), (tx, baseFee) => {
      expect(effectiveGasPrice(tx, baseFee)).toBeLessThanOrEqual(maxFeePerGas(tx));
      expect(effectiveTip(tx, baseFee)).toBeLessThanOrEqual(maxPriorityFeePerGas(tx));
    }),
    runs(200),
  );
});

it('moves the base fee by at most an eighth, up only by at least 1, and in the direction of the load', () => {
  const parent = fc
    .tuple(uintOf(128), fc.bigInt({ min: 5_000n, max: 2n ** 63n - 1n }), fc.nat(1_000))
    .map(([baseFeePerGas, gasLimit, share]) => {
      return { baseFeePerGas, gasLimit, gasUsed: (gasLimit * BigInt(share)) / 1_000n };
    });
  fc.assert(
    fc.property(parent, (value) => {
      const target = value.gasLimit / 2n;
      const before = value.baseFeePerGas;
      const after = nextBaseFee(value, rules);
      if (value.gasUsed === target) expect(after).toBe(before);
      else if (value.gasUsed < target) {
        expect(after).toBeLessThanOrEqual(before);
        expect(after).toBeGreaterThanOrEqual(before - before / 8n);
      } else {
        expect(after).toBeGreaterThan(before);
        // An odd limit allows one unit more than twice the target.
        expect(after).toBeLessThanOrEqual(before + before / 8n + before / target + 2n);
      }
    }),
    runs(500),
  );
});
