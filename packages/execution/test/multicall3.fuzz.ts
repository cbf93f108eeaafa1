import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createBlock } from '@ethereumjs/block';
import { Common, Hardfork, Mainnet } from '@ethereumjs/common';
import { createAccount, createAddressFromString } from '@ethereumjs/util';
import { createVM, type VM } from '@ethereumjs/vm';
import { EMPTY_BYTES, fromHex, toHex } from '@lucerna/base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import { OpenBlock } from './contracts.ts';
import { call3Value, MULTICALL, multicallData, nativeState } from './natives.ts';
import { CONTEXT, ETHER, RULES, signer, strangerAddress } from './support.ts';

const ALICE = signer(1);
const STRANGERS = [strangerAddress(1), strangerAddress(2)] as const;

/** The creation code of the published contract, which viem has for networks without it. */
function publishedCode(): Uint8Array {
  const require = createRequire(import.meta.url);
  const path = join(dirname(require.resolve('viem')), 'constants', 'contracts.js');
  const { multicall3Bytecode } = require(path) as { readonly multicall3Bytecode: string };
  // The first 32 bytes deploy the rest.
  return fromHex(multicall3Bytecode).slice(32);
}

const common = new Common({ chain: Mainnet, hardfork: Hardfork.Paris });
const published = publishedCode();

type Outcome = {
  readonly status: number;
  readonly returnData: string;
  readonly balances: readonly bigint[];
};

function ours(data: Uint8Array, value: bigint): Outcome {
  const rules = { ...RULES, maxCallDepth: 64n };
  const state = nativeState([[ALICE.address, { balance: 1_000n * ETHER }]]);
  const block = new OpenBlock(state, { rules });
  const to = MULTICALL;
  const { status, returnData } = block.send(ALICE, { to, data, value, gasLimit: 30_000_000n });
  const balances = [MULTICALL, ...STRANGERS].map((each) => block.journal.balance(each));
  return { status, returnData: toHex(returnData), balances };
}

/** The same call of the published contract in the EVM. */
async function theirs(data: Uint8Array, value: bigint): Promise<Outcome> {
  const vm: VM = await createVM({ common });
  const at = (address: Uint8Array): ReturnType<typeof createAddressFromString> =>
    createAddressFromString(toHex(address));
  await vm.stateManager.putAccount(at(ALICE.address), createAccount({ balance: 1_000n * ETHER }));
  await vm.stateManager.putAccount(at(MULTICALL), createAccount({ nonce: 1n }));
  await vm.stateManager.putCode(at(MULTICALL), published);
  const { height: number, timestamp, coinbase, gasLimit, baseFeePerGas, mixHash } = CONTEXT;
  const header = { number, timestamp, coinbase, gasLimit, baseFeePerGas, mixHash };
  const { execResult } = await vm.evm.runCall({
    caller: at(ALICE.address),
    to: at(MULTICALL),
    data,
    value,
    gasLimit: 30_000_000n,
    block: createBlock({ header: { ...header, coinbase: toHex(coinbase) } }, { common }),
  });
  const balances: bigint[] = [];
  for (const address of [MULTICALL, ...STRANGERS]) {
    balances.push((await vm.stateManager.getAccount(at(address)))?.balance ?? 0n);
  }
  const status = execResult.exceptionError === undefined ? 1 : 0;
  return { status, returnData: toHex(execResult.returnValue), balances };
}

type Entry = ReturnType<typeof call3Value>;

const wei = fc.oneof(
  { weight: 4, arbitrary: fc.constant(0n) },
  { weight: 4, arbitrary: fc.bigInt({ min: 1n, max: 5n }) },
  { weight: 1, arbitrary: fc.constant(2n ** 256n - 1n) },
);

const getters = [
  multicallData('getBlockNumber'),
  multicallData('getCurrentBlockCoinbase'),
  multicallData('getCurrentBlockDifficulty'),
  multicallData('getCurrentBlockGasLimit'),
  multicallData('getCurrentBlockTimestamp'),
  multicallData('getBasefee'),
  multicallData('getEthBalance', toHex(STRANGERS[0])),
  multicallData('getEthBalance', toHex(MULTICALL)),
  multicallData('getBlockHash', BigInt(CONTEXT.height)),
];

/** Calls of strangers, getters, and of Multicall3 itself, to any depth; values mostly add up. */
const { data: anyData } = fc.letrec<{ entry: Entry; data: Uint8Array }>((tie) => ({
  entry: fc.oneof(
    fc
      .tuple(fc.constantFrom(...STRANGERS), wei, fc.uint8Array({ maxLength: 40 }), fc.boolean())
      .map(([to, value, data, mayFail]) => call3Value(to, value, data, mayFail)),
    fc
      .tuple(fc.constantFrom(...getters), wei, fc.boolean())
      .map(([data, value, mayFail]) => call3Value(MULTICALL, value, data, mayFail)),
    fc
      .tuple(tie('data'), wei, fc.boolean())
      .map(([data, value, mayFail]) => call3Value(MULTICALL, value, data, mayFail)),
  ),
  data: fc
    .tuple(
      fc.constantFrom(
        'aggregate',
        'tryAggregate',
        'tryBlockAndAggregate',
        'blockAndAggregate',
        'aggregate3',
        'aggregate3Value',
      ),
      fc.array(tie('entry'), { maxLength: 4 }),
      fc.boolean(),
    )
    .map(([name, calls, flag]) =>
      name.startsWith('try') ? multicallData(name, flag, calls) : multicallData(name, calls),
    ),
}));

/** A byte of the arguments that is not what it was; small changes hit offsets and lengths. */
const damage = fc.array(
  fc.record({
    at: fc.nat(),
    inWord: fc.constantFrom(0, 1, 11, 12, 27, 28, 30, 30, 31, 31, 31, 31),
    value: fc.integer({ min: 0, max: 255 }),
  }),
  {
    maxLength: 3,
  },
);

function damaged(
  data: Uint8Array,
  changes: readonly { readonly at: number; readonly inWord: number; readonly value: number }[],
): Uint8Array {
  const copy = data.slice();
  for (const { at, inWord, value } of changes) {
    const words = Math.floor((copy.length - 4) / 32);
    if (words > 0) copy[4 + 32 * (at % words) + inWord] = value;
  }
  return copy;
}

describe('Multicall3', () => {
  it('does what the published contract does in the EVM', async () => {
    const property = fc.asyncProperty(
      anyData,
      fc.bigInt({ min: 0n, max: 9n }),
      async (data, value) => {
        expect(ours(data, value)).toEqual(await theirs(data, value));
      },
    );
    await fc.assert(property, runs(150));
  });

  it('reads damaged and cut calldata as the published contract does', async () => {
    const property = fc.asyncProperty(
      anyData,
      damage,
      fc.integer({ min: 0, max: 40 }),
      async (data, changes, cut) => {
        const bad = damaged(data, changes);
        const sent = cut > 32 ? bad.subarray(0, Math.max(0, bad.length - (cut - 32) * 7)) : bad;
        expect(ours(sent, 0n)).toEqual(await theirs(sent, 0n));
      },
    );
    await fc.assert(property, runs(150));
  });

  it('takes nothing for an empty list, in both', async () => {
    const data = multicallData('aggregate3', []);
    expect(ours(data, 3n)).toEqual(await theirs(data, 3n));
    expect(ours(EMPTY_BYTES, 0n)).toEqual(await theirs(EMPTY_BYTES, 0n));
  });
});
