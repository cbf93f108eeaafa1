import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runs } from '../../../../tools/src/fuzz-runs.ts';
import { divideExact, moduloExact } from '../../src/vm/arithmetic.ts';

const MAX = Number.MAX_SAFE_INTEGER;

/** All exact numbers, those most often where the ways of computing change. */
const exact = fc.oneof(
  fc.integer({ min: -MAX, max: MAX }),
  fc.integer({ min: -9, max: 9 }),
  ...[2 ** 31, 2 ** 32, 2 ** 52, MAX].flatMap((edge) =>
    [edge, -edge].map((near) =>
      fc.integer({ min: -9, max: 9 }).map((away) => Math.max(-MAX, Math.min(MAX, near + away))),
    ),
  ),
);

/** By the definition: the quotient is rounded to the lower integer. */
function floored(dividend: bigint, divisor: bigint): { quotient: bigint; remainder: bigint } {
  const remainder = ((dividend % divisor) + divisor) % divisor;
  return { quotient: (dividend - remainder) / divisor, remainder };
}

it('division of exact numbers is that of integers', () => {
  const nearMultiple = fc
    .tuple(fc.integer({ min: 1, max: 2 ** 27 }), fc.integer({ min: 1, max: 2 ** 26 }))
    .chain(([divisor, factor]) =>
      fc.integer({ min: -2, max: 2 }).map((away) => [divisor * factor + away, divisor] as const),
    );
  const pairs = fc.oneof(fc.tuple(exact, exact), nearMultiple);
  fc.assert(
    fc.property(pairs, ([dividend, divisor]) => {
      fc.pre(divisor !== 0);
      const expected = floored(BigInt(dividend), BigInt(divisor));
      const quotient = divideExact(dividend, divisor);
      const remainder = moduloExact(dividend, divisor);
      expect([BigInt(quotient), BigInt(remainder)]).toEqual([
        expected.quotient,
        expected.remainder,
      ]);
      // There is one zero.
      expect([Object.is(quotient, -0), Object.is(remainder, -0)]).toEqual([false, false]);
    }),
    runs(20_000),
  );
});
