import { EMPTY_BYTES, toHex } from '@lucerna/base';
import { createAddress, type SimulatedBlockRequest, unsignedTransaction } from '@lucerna/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import { buildBlock } from '../src/builder.ts';
import { simulateBlocks } from '../src/simulate-blocks.ts';
import { calldata, initData, PROBE } from './contracts.ts';
import { asSent, baseOf, type SimulatedCall } from './simulations.ts';
import { ETHER, GWEI, ListSource, signer, strangerAddress, TestChain } from './support.ts';

const SENDERS = [signer(1).address, signer(2).address];
const STRANGER = strangerAddress(1);
const COINBASE = strangerAddress(2);
const PROBE_ADDRESS = createAddress(SENDERS[0]!, 0n);

const small = fc.bigInt({ min: 0n, max: 3n });
const target = fc.record({
  to: fc.constantFrom(STRANGER, PROBE_ADDRESS, ...SENDERS),
  data: fc.constant(EMPTY_BYTES),
});
const probeCall = fc.oneof(
  small.map((n) => calldata('set', n)),
  fc.tuple(small, small, small).map((words) => calldata('setThrice', ...words)),
  small.map((n) => calldata('noteIt', n, 'text')),
  small.map((n) => calldata('send', toHex(STRANGER), n)),
  fc.constant(calldata('pay')),
  fc.constant(calldata('failLate', toHex(STRANGER), 'no')),
  fc.constant(calldata('spin')),
);
const message = fc.oneof(
  target,
  probeCall.map((data) => ({ to: PROBE_ADDRESS, data })),
  small.map((start) => ({ to: null, data: initData(PROBE.bytecode, start) })),
);
const fees = fc.oneof(
  fc.constantFrom(2n, 5n).map((price) => ({ gasPrice: price * GWEI })),
  fc.constantFrom(0n, 1n).map((tip) => ({
    maxFeePerGas: 9n * GWEI,
    maxPriorityFeePerGas: tip * GWEI,
  })),
);
const call: fc.Arbitrary<SimulatedCall> = fc
  .tuple(
    fc.constantFrom(...SENDERS),
    message,
    fees,
    small,
    fc.constantFrom(100_000n, 3_000_000n),
    fc.constantFrom([], [{ address: STRANGER, storageKeys: [] }]),
  )
  .map(([from, { to, data }, price, value, gas, accessList]) => ({
    from,
    to,
    data,
    value,
    // Enough for what is charged before anything runs.
    gas: to === null ? 5_000_000n : gas,
    accessList,
    ...price,
  }));
const blocks = fc.array(fc.array(call, { maxLength: 5 }), { minLength: 1, maxLength: 3 });

const requestOf = (calls: readonly SimulatedCall[]): SimulatedBlockRequest => ({
  block: { coinbase: COINBASE, mixHash: new Uint8Array(32) },
  state: [],
  calls,
});

describe('simulateBlocks', () => {
  it('gives the blocks that the builder makes of the same transactions', async () => {
    await fc.assert(
      fc.asyncProperty(blocks, fc.boolean(), async (scripts, traceTransfers) => {
        const alloc = SENDERS.map((address) => ({ address, balance: 100n * ETHER, nonce: 0n }));
        const chain = await TestChain.open({ alloc });
        const simulated = simulateBlocks(baseOf(chain), scripts.map(requestOf), {
          validation: true,
          traceTransfers,
        });
        const nonces = new Map<string, bigint>();
        for (const [index, calls] of scripts.entries()) {
          const transactions = calls.map((one) => {
            const sender = one.from as Uint8Array;
            const nonce = nonces.get(toHex(sender)) ?? 0n;
            nonces.set(toHex(sender), nonce + 1n);
            return unsignedTransaction(asSent(one, nonce), sender);
          });
          const source = new ListSource(transactions);
          const attributes = chain.attributes({ coinbase: COINBASE });
          const { executed } = buildBlock(chain.environment(), attributes, source);
          await chain.publish(executed);
          expect(simulated[index]?.view.block).toEqual(executed.block);
          expect(simulated[index]?.view.receipts).toEqual(executed.receipts);
        }
      }),
      runs(25),
    );
  });
});
