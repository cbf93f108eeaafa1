import { bytesToBigInt, concatBytes, fromHex, toHex } from '@lucerna/base';
import {
  type BlockOverrides,
  createAddress,
  nativeCode,
  type SimulatedBlockRequest,
  unsignedTransaction,
} from '@lucerna/protocol';
import { latestState } from '@lucerna/state';
import { compile } from '@lucerna/zexus';
import { type Abi, encodeFunctionData } from 'viem';
import { describe, expect, it } from 'vitest';
import { buildBlock } from '../src/builder.ts';
import { executionLimits } from '../src/limits.ts';
import {
  type SimulationBase,
  type SimulationOptions,
  simulateBlocks,
} from '../src/simulate-blocks.ts';
import { calldata, initData, PROBE, resultOf } from './contracts.ts';
import { call3Value, MULTICALL, multicallData } from './natives.ts';
import { asSent, baseOf, type SimulatedCall } from './simulations.ts';
import { ETHER, GWEI, ListSource, signer, strangerAddress, TestChain } from './support.ts';

const ALICE = signer(1).address;
const BOB = strangerAddress(1);
const COIN = `0x${'ee'.repeat(20)}`;
const ZERO_HASH = new Uint8Array(32);
const CALL_GAS = BigInt(executionLimits.values.callGas);
const coded = (code: string): unknown => expect.objectContaining({ code });

async function openChain(): Promise<TestChain> {
  return TestChain.open({ alloc: [{ address: ALICE, balance: 100n * ETHER, nonce: 0n }] });
}

const chain = await openChain();
const { timestamp: START } = chain.head.header;

type Call = SimulatedCall;

const blockOf = (
  calls: readonly Call[],
  block: BlockOverrides = {},
  state: SimulatedBlockRequest['state'] = [],
): SimulatedBlockRequest => ({ block, state, calls });

function simulate(
  blocks: readonly SimulatedBlockRequest[],
  options: Partial<SimulationOptions> = {},
) {
  return simulateBlocks(baseOf(chain), blocks, {
    validation: false,
    traceTransfers: false,
    ...options,
  });
}

describe('simulateBlocks with validation', () => {
  it('gives the very blocks that the builder makes of the same transactions', async () => {
    const real = await openChain();
    const fees = { maxFeePerGas: 10n * GWEI, maxPriorityFeePerGas: GWEI };
    const probe = createAddress(ALICE, 0n);
    const scripts: readonly (readonly Call[])[] = [
      [{ from: ALICE, to: null, data: initData(PROBE.bytecode, 5n), gas: 5_000_000n, ...fees }],
      [
        { from: ALICE, to: probe, data: calldata('pay'), value: 7n, gas: 500_000n, ...fees },
        { from: ALICE, to: BOB, value: ETHER, gas: 21_000n, gasPrice: 3n * GWEI },
        {
          from: ALICE,
          to: probe,
          data: calldata('send', toHex(BOB), 3n),
          gas: 500_000n,
          gasPrice: 3n * GWEI,
          accessList: [{ address: BOB, storageKeys: [] }],
        },
        { from: ALICE, to: probe, data: calldata('send', toHex(BOB), 99n), gas: 90_000n, ...fees },
        { from: BOB, to: ALICE, value: 1n, gas: 21_000n, ...fees },
      ],
      [],
    ];
    const simulated = simulateBlocks(
      baseOf(real),
      scripts.map((calls) => blockOf(calls, { coinbase: BOB, mixHash: ZERO_HASH })),
      { validation: true, traceTransfers: false },
    );
    expect(simulated).toHaveLength(scripts.length);
    const nonces = new Map<string, bigint>();
    for (const [index, calls] of scripts.entries()) {
      const transactions = calls.map((call) => {
        const sender = call.from as Uint8Array;
        const nonce = nonces.get(toHex(sender)) ?? 0n;
        nonces.set(toHex(sender), nonce + 1n);
        return unsignedTransaction(asSent(call, nonce), sender);
      });
      const { executed, skipped } = buildBlock(
        real.environment(),
        real.attributes({ coinbase: BOB }),
        new ListSource(transactions),
      );
      expect(skipped).toEqual([]);
      expect(executed.block.transactions).toHaveLength(calls.length);
      await real.publish(executed);
      expect(simulated[index]?.view.block).toEqual(executed.block);
      expect(simulated[index]?.view.receipts).toEqual(executed.receipts);
    }
    const statuses = simulated.map(({ calls }) => calls.map(({ status }) => status));
    expect(statuses).toEqual([[1], [1, 1, 1, 0, 1], []]);
  });

  it('refuses what could not be in a block', () => {
    const strict = (call: Call) => () =>
      simulate([blockOf([{ from: ALICE, gas: 21_000n, ...call }])], { validation: true });
    const price = 10n * GWEI;
    expect(strict({ to: BOB })).toThrow(coded('TX_FEE_CAP_TOO_LOW'));
    expect(strict({ to: BOB, gasPrice: price, nonce: 1n })).toThrow(coded('TX_NONCE_TOO_HIGH'));
    expect(strict({ to: BOB, gasPrice: price, from: BOB })).toThrow(coded('TX_INSUFFICIENT_FUNDS'));
    expect(strict({ to: BOB, gasPrice: price, gas: 20_999n })).toThrow(coded('TX_INTRINSIC_GAS'));
    const twice = { from: ALICE, to: BOB, gas: 21_000n, gasPrice: price, nonce: 0n };
    expect(() => simulate([blockOf([twice, twice])], { validation: true })).toThrow(
      coded('TX_NONCE_TOO_LOW'),
    );
  });

  it('lets a contract send', () => {
    const code = PROBE.bytecode;
    const state = [{ address: BOB, balance: ETHER, code }];
    const call = { from: BOB, to: ALICE, gas: 21_000n, gasPrice: 10n * GWEI };
    const [first] = simulate([blockOf([call], {}, state)], { validation: true });
    expect(first?.calls[0]).toMatchObject({ status: 1, gasUsed: 21_000n });
  });
});

describe('simulateBlocks without validation', () => {
  it('asks for no price, and for a nonce only to show it', () => {
    const [first] = simulate([blockOf([{ from: ALICE, to: BOB, value: 1n, nonce: 77n }])]);
    const { view, calls } = first!;
    expect(calls[0]).toMatchObject({ status: 1, gasUsed: 21_000n, logs: [] });
    expect(view.block.header).toMatchObject({ baseFeePerGas: 0n, gasUsed: 21_000n, height: 1 });
    expect(view.block.transactions[0]).toMatchObject({
      sender: ALICE,
      unsigned: true,
      transaction: { type: 2, nonce: 77n, gasLimit: chain.head.header.gasLimit },
    });
    const [last] = simulate([blockOf([{ to: BOB, nonce: 2n ** 64n - 1n }])]);
    expect(last?.calls[0]?.status).toBe(1);
  });

  it('still asks for funds', () => {
    expect(() => simulate([blockOf([{ from: BOB, to: ALICE, value: 1n }])])).toThrow(
      coded('TX_INSUFFICIENT_FUNDS'),
    );
  });

  it('carries the state from call to call and from block to block, overrides too', () => {
    const probe = createAddress(ALICE, 0n);
    const outcomes = simulate([
      blockOf([
        { from: ALICE, to: null, data: initData(PROBE.bytecode, 5n) },
        { from: ALICE, to: probe, data: calldata('set', 41n), gas: 100_000n },
      ]),
      blockOf([{ to: probe, data: calldata('get') }], {}, [{ address: BOB, balance: 9n }]),
      blockOf([{ from: BOB, to: ALICE, value: 9n }]),
    ]);
    expect(resultOf('get', outcomes[1]!.calls[0]!.returnData)).toBe(41n);
    expect(outcomes[2]?.calls[0]?.status).toBe(1);
    const roots = outcomes.map(({ view }) => toHex(view.block.header.stateRoot));
    expect(new Set(roots).size).toBe(3);
    expect(latestState(chain.store).account(probe)).toBeUndefined();
  });

  it('reports calls that fail, and goes on', () => {
    const probe = createAddress(ALICE, 0n);
    const [first] = simulate([
      blockOf([
        { from: ALICE, to: null, data: initData(PROBE.bytecode, 5n), gas: 5_000_000n },
        { from: ALICE, to: probe, data: calldata('failLate', toHex(BOB), 'no'), value: 5n },
        { from: ALICE, to: probe, data: calldata('spin'), gas: 60_000n },
        { to: probe, data: calldata('get') },
      ]),
    ]);
    expect(first?.calls.map(({ error }) => error?.code)).toEqual([
      undefined,
      'CALL_REVERTED',
      'OUT_OF_GAS',
      undefined,
    ]);
    expect(first?.calls[2]?.gasUsed).toBe(60_000n);
  });

  it('tells contracts of the block that they are in', () => {
    const probe = createAddress(ALICE, 0n);
    const block = { height: 9, timestamp: START + 1_000, coinbase: BOB };
    const outcomes = simulate([
      blockOf([{ from: ALICE, to: null, data: initData(PROBE.bytecode, 5n) }]),
      blockOf([{ to: probe, data: calldata('whereAndWhen') }], block),
    ]);
    const { returnData } = outcomes.at(-1)!.calls[0]!;
    expect(bytesToBigInt(returnData)).toBe(9n * 2n ** 64n + BigInt(START + 1_000));
  });
});

describe('the blocks of a simulation', () => {
  it('know the hashes of those before them, and of their base', () => {
    const base: SimulationBase = { ...baseOf(chain), hashAt: () => undefined };
    const natives = [{ address: MULTICALL, code: nativeCode('multicall3') }];
    const ask = { from: ALICE, to: MULTICALL, data: multicallData('getLastBlockHash') };
    const blocks = [blockOf([ask], {}, natives), blockOf([ask])];
    const options = { validation: false, traceTransfers: false };
    const [first, second] = simulateBlocks(base, blocks, options);
    expect(first?.calls[0]?.returnData).toEqual(chain.head.hash);
    expect(second?.calls[0]?.returnData).toEqual(first?.view.block.hash);
  });

  it('follow each other, and fill gaps', () => {
    const outcomes = simulate([
      blockOf([], { height: 3, coinbase: BOB, gasLimit: 40_000_000n }),
      blockOf([], { height: 5, timestamp: START + 100 }),
    ]);
    const headers = outcomes.map(({ view }) => view.block.header);
    expect(headers.map(({ height }) => height)).toEqual([1, 2, 3, 4, 5]);
    expect(headers.map(({ timestamp }) => timestamp - START)).toEqual([1, 2, 3, 4, 100]);
    const hashes = [chain.head.hash, ...outcomes.map(({ view }) => view.block.hash)];
    expect(headers.map(({ parentHash }) => parentHash)).toEqual(hashes.slice(0, -1));
    expect(headers[4]).toMatchObject({ coinbase: BOB, gasLimit: 40_000_000n, mixHash: ZERO_HASH });
    expect(headers[1]?.coinbase).toEqual(chain.head.header.coinbase);
  });

  it('have ascending heights and times, and are not too many', () => {
    const heights =
      (...list: readonly number[]) =>
      () =>
        simulate(list.map((height) => blockOf([], { height })));
    expect(heights(0)).toThrow(coded('SIMULATION_BLOCK_NUMBER'));
    expect(heights(2, 2)).toThrow(coded('SIMULATION_BLOCK_NUMBER'));
    expect(heights(257)).toThrow(coded('SIMULATION_BLOCKS'));
    expect(heights(256)()).toHaveLength(256);
    expect(heights()()).toEqual([]);
    const times =
      (...list: readonly number[]) =>
      () =>
        simulate(list.map((timestamp) => blockOf([], { timestamp })));
    expect(times(START)).toThrow(coded('SIMULATION_TIMESTAMP'));
    expect(times(START + 5, START + 5)).toThrow(coded('SIMULATION_TIMESTAMP'));
    const end = Number.MAX_SAFE_INTEGER;
    expect(() => simulate([blockOf([], { timestamp: end }), blockOf([])])).toThrow(
      coded('SIMULATION_TIMESTAMP'),
    );
    // The empty block in the gap takes the time that the next one names.
    expect(() => simulate([blockOf([], { height: 2, timestamp: START + 1 })])).toThrow(
      coded('SIMULATION_TIMESTAMP'),
    );
  });

  it('have a gas limit, for all their calls together', () => {
    const call = { from: ALICE, to: BOB };
    const gasLimit = 50_000n;
    const twice = [{ ...call, gas: 25_000n }, { ...call, gas: 25_000n }, call];
    expect(() => simulate([blockOf([{ ...call, gas: 50_001n }], { gasLimit })])).toThrow(
      coded('SIMULATION_BLOCK_GAS'),
    );
    // What a call has not used is left to the next one.
    expect(() => simulate([blockOf(twice, { gasLimit })])).toThrow(coded('TX_INTRINSIC_GAS'));
    expect(simulate([blockOf(twice, { gasLimit: 63_000n })])[0]?.calls).toHaveLength(3);
    const [roomy] = simulate([blockOf([call], { gasLimit: 2n * CALL_GAS })]);
    expect(roomy?.view.block.transactions[0]?.transaction.gasLimit).toBe(CALL_GAS);
  });

  it('get no more gas than one call, all together', () => {
    const burn = { from: ALICE, to: null, gas: 20_000_000n };
    const calls = [burn, burn, burn].map((call) => blockOf([call]));
    const outcomes = simulate(calls);
    expect(outcomes.map(({ view }) => view.block.header.gasUsed)).toEqual([
      20_000_000n,
      20_000_000n,
      CALL_GAS - 40_000_000n,
    ]);
    expect(() => simulate([...calls, blockOf([burn])])).toThrow(coded('SIMULATION_GAS'));
  });

  it('return no more than fits one answer, all together', () => {
    const text = `contract Long {
      action text(doublings: integer) -> string {
        let s = "${'x'.repeat(1_024)}"
        let i = 0
        while i < doublings {
          s = s + s
          i += 1
        }
        return s
      }
    }`;
    const { contracts } = compile({ name: 'long.zx', text });
    const { bytecode: code, abi } = contracts[0]!;
    const call = (doublings: bigint): Call => {
      const data = encodeFunctionData({ abi: abi as Abi, functionName: 'text', args: [doublings] });
      return { to: BOB, data: fromHex(data), gas: 1_000_000n };
    };
    const megabytes = (count: number): SimulatedBlockRequest => {
      return blockOf(Array(count).fill(call(10n)), {}, [{ address: BOB, code }]);
    };
    const [first, second] = simulate([megabytes(10), megabytes(1)]);
    expect(first?.calls).toHaveLength(10);
    expect(second?.calls[0]?.returnData.length).toBe(1_048_576 + 64);
    expect(() => simulate([megabytes(10), megabytes(2)])).toThrow(coded('SIMULATION_RESULT'));
  });

  it('refuse transactions that have no encoding', () => {
    const data = new Uint8Array(3_000_000);
    expect(() => simulate([blockOf([{ to: BOB, data }])])).toThrow(coded('TX_TOO_LARGE'));
  });

  it('have no state root without a trie', () => {
    const base: SimulationBase = { ...baseOf(chain), commit: undefined };
    const options = { validation: false, traceTransfers: false };
    const blocks = [
      blockOf([{ from: ALICE, to: BOB, value: 5n }]),
      blockOf([{ from: BOB, to: ALICE, value: 5n }]),
    ];
    const outcomes = simulateBlocks(base, blocks, options);
    expect(outcomes.map(({ calls }) => calls[0]?.status)).toEqual([1, 1]);
    expect(outcomes.map(({ view }) => view.block.header.stateRoot)).toEqual([ZERO_HASH, ZERO_HASH]);
  });
});

describe('transfers as logs', () => {
  const word = (address: Uint8Array): string => toHex(concatBytes(new Uint8Array(12), address));
  const probe = createAddress(ALICE, 0n);

  it('have the value of calls and of transfers by contracts, in order with real logs', () => {
    const [first] = simulate(
      [
        blockOf([
          { from: ALICE, to: null, data: initData(PROBE.bytecode, 5n), value: 4n },
          { from: ALICE, to: probe, data: calldata('send', toHex(BOB), 3n) },
          { from: ALICE, to: BOB },
        ]),
      ],
      { traceTransfers: true },
    );
    const [creation, sending, nothing] = first!.calls;
    expect(creation?.logs.map(({ address }) => toHex(address))).toEqual([COIN, toHex(probe)]);
    expect(sending?.logs).toHaveLength(1);
    const { topics, data } = sending!.logs[0]!;
    expect(toHex(topics[0]!)).toBe(
      '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef',
    );
    expect(topics.slice(1).map(toHex)).toEqual([word(probe), word(BOB)]);
    expect(bytesToBigInt(data)).toBe(3n);
    expect(nothing?.logs).toEqual([]);
    // They are not part of the block.
    expect(first?.view.receipts.map(({ logs }) => logs.length)).toEqual([1, 0, 0]);
  });

  it('are gone when the call fails', () => {
    const [first] = simulate(
      [
        blockOf([
          { from: ALICE, to: null, data: initData(PROBE.bytecode, 5n) },
          { from: ALICE, to: probe, data: calldata('failLate', toHex(BOB), 'no'), value: 5n },
        ]),
      ],
      { traceTransfers: true },
    );
    expect(first?.calls[1]).toMatchObject({ status: 0, logs: [] });
  });

  it('have those of calls inside calls, but not of the ones that fail', () => {
    const data = multicallData('aggregate3Value', [
      call3Value(BOB, 2n, new Uint8Array(0)),
      call3Value(probe, 5n, calldata('failLate', toHex(BOB), 'no'), true),
      call3Value(probe, 1n, calldata('pay')),
    ]);
    const natives = [{ address: MULTICALL, code: nativeCode('multicall3') }];
    const [first] = simulate(
      [
        blockOf(
          [
            { from: ALICE, to: null, data: initData(PROBE.bytecode, 5n), gas: 5_000_000n },
            { from: ALICE, to: MULTICALL, data, value: 8n, gas: 5_000_000n },
          ],
          {},
          natives,
        ),
      ],
      { traceTransfers: true },
    );
    const { logs, error } = first!.calls[1]!;
    expect(error).toBeUndefined();
    const transfers = logs.map(({ topics, data: value }) => [
      topics.slice(1).map(toHex),
      bytesToBigInt(value),
    ]);
    expect(transfers).toEqual([
      [[word(ALICE), word(MULTICALL)], 8n],
      [[word(MULTICALL), word(BOB)], 2n],
      [[word(MULTICALL), word(probe)], 1n],
    ]);
  });

  it('change nothing else', () => {
    const blocks = [
      blockOf([
        { from: ALICE, to: null, data: initData(PROBE.bytecode, 5n), value: 4n },
        { from: ALICE, to: probe, data: calldata('send', toHex(BOB), 3n) },
      ]),
    ];
    const views = [true, false].map((traceTransfers) =>
      simulate(blocks, { traceTransfers }).map(({ view }) => view),
    );
    expect(views[0]).toEqual(views[1]);
  });
});
