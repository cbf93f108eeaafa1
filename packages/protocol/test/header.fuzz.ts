import { createBlockHeader } from '@ethereumjs/block';
import { Common, Hardfork, Mainnet } from '@ethereumjs/common';
import { isLucernaError, toHex } from '@lucerna/base';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import {
  decodeHeader,
  EMPTY_OMMERS_HASH,
  encodeHeader,
  type Header,
  headerHash,
  headerToJson,
  ZERO_BLOCK_NONCE,
} from '../src/index.ts';
import { bytesOf, mutationOf, uintOf } from './support.ts';

const header: fc.Arbitrary<Header> = fc.record({
  parentHash: bytesOf(32),
  ommersHash: fc.constant(EMPTY_OMMERS_HASH),
  coinbase: bytesOf(20),
  stateRoot: bytesOf(32),
  transactionsRoot: bytesOf(32),
  receiptsRoot: bytesOf(32),
  logsBloom: bytesOf(256),
  difficulty: fc.constant(0n),
  height: fc.maxSafeNat(),
  gasLimit: fc.bigInt({ min: 5_000n, max: 2n ** 63n - 1n }),
  gasUsed: fc.bigInt({ min: 0n, max: 5_000n }),
  timestamp: fc.maxSafeNat(),
  extraData: fc.uint8Array({ maxLength: 32 }),
  mixHash: bytesOf(32),
  nonce: fc.constant(ZERO_BLOCK_NONCE),
  baseFeePerGas: uintOf(256),
});

it('agrees with @ethereumjs/block about the bytes, the hash and the JSON names', () => {
  const common = new Common({ chain: Mainnet, hardfork: Hardfork.Paris });
  fc.assert(
    fc.property(header, (value) => {
      const { ommersHash, logsBloom, height, receiptsRoot, ...same } = value;
      const expected = createBlockHeader(
        {
          ...same,
          uncleHash: ommersHash,
          logsBloom,
          number: height,
          receiptTrie: receiptsRoot,
          transactionsTrie: value.transactionsRoot,
        },
        { common },
      );
      expect(toHex(encodeHeader(value))).toBe(toHex(expected.serialize()));
      expect(toHex(headerHash(value))).toBe(toHex(expected.hash()));
      const { number, sha3Uncles, miner, logsBloom: bloom } = headerToJson(value, expected.hash());
      const theirs = expected.toJSON();
      expect([number, sha3Uncles, bloom]).toEqual([
        theirs.number,
        theirs.uncleHash,
        theirs.logsBloom,
      ]);
      expect(miner).toBe(toHex(value.coinbase));
    }),
    runs(200),
  );
});

it('decodes what it encoded, and a mutation only to what encodes to it again', () => {
  const pair = header.chain((value) =>
    fc.tuple(fc.constant(value), mutationOf(encodeHeader(value))),
  );
  fc.assert(
    fc.property(pair, ([value, mutated]) => {
      expect(decodeHeader(encodeHeader(value))).toEqual(value);
      try {
        expect(toHex(encodeHeader(decodeHeader(mutated)))).toBe(toHex(mutated));
      } catch (error) {
        if (!isLucernaError(error) || !error.code.startsWith('RLP_')) throw error;
      }
    }),
    runs(500),
  );
});
