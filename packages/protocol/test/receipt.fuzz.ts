import { encodeReceipt as encodeTheirs } from '@ethereumjs/vm';
import { isLucernaError, toHex } from '@lucerna/base';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import { decodeReceipt, encodeReceipt, logsBloom, type Receipt } from '../src/index.ts';
import { bytesOf, mutationOf, uintOf } from './support.ts';

const log = fc.record({
  address: bytesOf(20),
  topics: fc.array(bytesOf(32), { maxLength: 4 }),
  data: fc.uint8Array({ maxLength: 70 }),
});
const receipt: fc.Arbitrary<Receipt> = fc
  .record({
    type: fc.constantFrom(0 as const, 1 as const, 2 as const),
    status: fc.constantFrom(0 as const, 1 as const),
    // Not 0: the oracle writes that as a zero byte, and no transaction uses no gas.
    cumulativeGasUsed: uintOf(64).filter((gas) => gas > 0n),
    logs: fc.array(log, { maxLength: 4 }),
  })
  .map((value) => ({ ...value, logsBloom: logsBloom(value.logs) }));

it('writes the bytes that @ethereumjs/vm writes, and decodes them', () => {
  fc.assert(
    fc.property(receipt, (value) => {
      const encoded = encodeReceipt(value);
      const theirs = encodeTheirs(
        {
          status: value.status,
          cumulativeBlockGasUsed: value.cumulativeGasUsed,
          bitvector: value.logsBloom,
          logs: value.logs.map(({ address, topics, data }) => [address, [...topics], data]),
        },
        value.type,
      );
      expect(toHex(encoded)).toBe(toHex(theirs));
      expect(decodeReceipt(encoded)).toEqual(value);
    }),
    runs(200),
  );
});

it('decodes a mutation only to what encodes to it again', () => {
  fc.assert(
    fc.property(receipt.map(encodeReceipt).chain(mutationOf), (mutated) => {
      try {
        expect(toHex(encodeReceipt(decodeReceipt(mutated)))).toBe(toHex(mutated));
      } catch (error) {
        if (!isLucernaError(error) || !/^(RLP|RECEIPT)_/.test(error.code)) throw error;
      }
    }),
    runs(500),
  );
});
