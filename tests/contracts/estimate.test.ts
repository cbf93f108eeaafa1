import { createDevNode, type DevNode } from '@lucerna/sdk';
import { type Address, type Hex, toHex } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { devAccount } from '../support/dev-accounts.ts';
import type { RpcReceipt } from '../support/rpc-types.ts';
import { type Artifact, compileFixture, TOKEN } from './artifacts.ts';
import { DevContract, deployment, send, type TransactionRequest } from './dev-contract.ts';
import { INFINITE, SUPPLY } from './erc20-standard.ts';

// With the estimate a transaction succeeds, with one gas less it fails: both are sent, the second
// one first, because what fails leaves the state as it was.

const alice = devAccount(0).address;
const bob = devAccount(1).address;
const carol = devAccount(2).address;
const nobody: Address = '0x00000000000000000000000000000000000a11ce';

let node: DevNode;

beforeAll(async () => {
  node = await createDevNode();
});

afterAll(() => node.close());

async function estimateOf(tx: TransactionRequest): Promise<bigint> {
  return BigInt((await node.provider.request({ method: 'eth_estimateGas', params: [tx] })) as Hex);
}

/** Whether the transaction gets into a block and succeeds there. */
async function succeeds(tx: TransactionRequest, gas: bigint): Promise<RpcReceipt | undefined> {
  try {
    const receipt = await send(node.provider.request, { ...tx, gas: toHex(gas) });
    return receipt.status === '0x1' ? receipt : undefined;
  } catch (error) {
    // The intrinsic gas is the one thing that keeps a failing transaction out of a block.
    expect(error).toMatchObject({
      code: -32_000,
      message: expect.stringMatching(/^intrinsic gas/),
    });
    return undefined;
  }
}

/** What was used, at the end and before refunds, of a transaction whose estimate is exact. */
type Exact = { readonly estimate: bigint; readonly gasUsed: bigint };

async function expectExact(tx: TransactionRequest): Promise<Exact> {
  const estimate = await estimateOf(tx);
  const call = (gas: bigint): Promise<unknown> =>
    node.provider.request({ method: 'eth_call', params: [{ ...tx, gas: toHex(gas) }, 'latest'] });
  await call(estimate);
  await expect(call(estimate - 1n)).rejects.toMatchObject({ code: -32_000 });
  expect(await succeeds(tx, estimate - 1n)).toBeUndefined();
  expect(await estimateOf(tx)).toBe(estimate);
  const receipt = await succeeds(tx, estimate);
  expect(receipt).toBeDefined();
  const gasUsed = BigInt(receipt?.gasUsed ?? 0);
  expect(gasUsed).toBeLessThanOrEqual(estimate);
  return { estimate, gasUsed };
}

/** A contract in a state of its own: what is done to one does not change the next. */
type Stage = () => Promise<DevContract>;

function deploying(artifact: Artifact, args: readonly unknown[] = []): Stage {
  return () => DevContract.deploy(node.provider.request, artifact, args, { from: alice });
}

/** Calls of one contract: name of the action, arguments, sender. */
type Call = readonly [name: string, args: readonly unknown[], from?: Address];

function describeCalls(state: string, stage: Stage, calls: readonly Call[]): void {
  describe(state, () => {
    test.each(calls.map((call) => [titleOf(call), call] as const))(
      '%s',
      async (_title, [name, args, from = alice]) => {
        const contract = await stage();
        await expectExact(contract.transaction(name, args, { from }));
      },
    );
  });
}

function titleOf([name, args, from]: Call): string {
  const shown = args.map((arg) => {
    const text = String(arg);
    return text.length > 24 ? `${text.slice(0, 24)}… (${text.length})` : text;
  });
  return `${name}(${shown.join(', ')})${from === undefined ? '' : ` from ${from.slice(0, 6)}`}`;
}

/** Every function of the ABI is among the calls of every state. */
function expectAllCovered(artifact: Artifact, ...states: readonly (readonly Call[])[]): void {
  const functions = artifact.abi.flatMap((item) => (item.type === 'function' ? [item.name] : []));
  for (const calls of states) {
    expect([...new Set(calls.map(([name]) => name))].sort()).toEqual([...functions].sort());
  }
}

const views: readonly Call[] = [
  ['name', []],
  ['symbol', []],
  ['decimals', []],
  ['totalSupply', []],
  ['balanceOf', [alice]],
  ['balanceOf', [nobody]],
  ['allowance', [alice, bob]],
  ['allowance', [bob, nobody]],
];

describe('token.zx', () => {
  const empty: readonly Call[] = [
    ...views,
    ['transfer', [bob, 0n]],
    ['transfer', [alice, 0n]],
    ['transfer', [nobody, 0n], carol],
    ['approve', [bob, 0n]],
    ['approve', [bob, 5n]],
    ['approve', [bob, INFINITE]],
    ['transferFrom', [alice, carol, 0n], bob],
    ['transferFrom', [nobody, nobody, 0n], bob],
  ];
  const filled: readonly Call[] = [
    ...views,
    // To somebody who has none, to somebody who has some, to oneself; a part, all, nothing.
    ['transfer', [nobody, 1n]],
    ['transfer', [bob, 1n]],
    ['transfer', [alice, 1n]],
    ['transfer', [bob, 0n]],
    ['transfer', [nobody, 0n], carol],
    ['transfer', [bob, SUPPLY - 10n ** 18n]],
    ['transfer', [nobody, 10n ** 18n], bob],
    ['approve', [bob, 5n]],
    ['approve', [bob, 0n]],
    ['approve', [nobody, INFINITE]],
    // A part of an allowance, all of it, one without end, nothing.
    ['transferFrom', [alice, carol, 1n], bob],
    ['transferFrom', [alice, carol, 1_000n], bob],
    ['transferFrom', [alice, bob, 1_000n], bob],
    ['transferFrom', [alice, bob, SUPPLY / 2n], carol],
    ['transferFrom', [alice, nobody, 0n], carol],
  ];

  test('every action is tried', () => {
    expectAllCovered(TOKEN, empty, filled);
  });

  describeCalls('without a supply', deploying(TOKEN, [0n]), empty);
  describeCalls(
    'with balances and allowances',
    async () => {
      const token = await deploying(TOKEN, [SUPPLY])();
      await token.write('transfer', [bob, 10n ** 18n], { from: alice });
      await token.write('approve', [bob, 1_000n], { from: alice });
      await token.write('approve', [carol, INFINITE], { from: alice });
      return token;
    },
    filled,
  );

  test.each([0n, 1n, SUPPLY, INFINITE])('deployment with a supply of %s', async (supply) => {
    await expectExact(deployment(TOKEN, [supply], { from: alice }));
  });

  test('an allowance that is used up gives gas back', async () => {
    const token = await deploying(TOKEN, [SUPPLY])();
    await token.write('approve', [bob, 1_000n], { from: alice });
    const tx = token.transaction('transferFrom', [alice, carol, 1_000n], { from: bob });
    const { estimate, gasUsed } = await expectExact(tx);
    expect(estimate - gasUsed).toBe(4_800n);
  });
});

describe('a contract that clears storage', () => {
  const clearing = compileFixture('clearing');
  const MARKS = 12n;
  const calls: readonly Call[] = [
    ['fill', [0n]],
    ['fill', [MARKS]],
    ['fill', [MARKS + 2n]],
    ['clearCells', []],
    ['shorten', []],
    ['clearMarks', [0n]],
    ['clearMarks', [1n]],
    ['clearMarks', [MARKS]],
    ['clearMarks', [MARKS + 2n]],
    ['clearAndWork', [0n]],
    ['clearAndWork', [MARKS]],
    ['setAndClear', [9n]],
    ['clearAndRestore', []],
  ];
  const filledStage: Stage = async () => {
    const contract = await deploying(clearing)();
    await contract.write('fill', [MARKS], { from: alice });
    return contract;
  };

  test('every action is tried', () => {
    expectAllCovered(clearing, calls);
  });

  describeCalls('that is empty', deploying(clearing), calls);
  describeCalls('that is filled', filledStage, calls);

  test('gets back what EIP-3529 says, at most a fifth of what was used', async () => {
    const contract = await filledStage();
    const run = (name: string, ...args: readonly unknown[]): Promise<Exact> =>
      expectExact(contract.transaction(name, args, { from: alice }));
    // Written back as it was: 2,900 gas for the first write, of which 100 stay.
    const restored = await run('clearAndRestore');
    expect(restored.estimate - restored.gasUsed).toBe(2_800n);
    // Two words and twelve words: both are more than there is to give back.
    for (const { estimate, gasUsed } of [await run('shorten'), await run('clearMarks', MARKS)]) {
      expect(estimate - gasUsed).toBe(estimate / 5n);
    }
  });
});

describe('a contract whose cost depends on calldata and on a loop', () => {
  const costly = compileFixture('costly');
  const payload = (bytes: number, byte = 'a7'): Hex => `0x${byte.repeat(bytes)}`;
  const calls: readonly Call[] = [
    ...[0, 1, 31, 32, 33, 1_000, 20_000].flatMap((bytes): readonly Call[] => [
      ['listen', [payload(bytes)]],
      ['listen', [payload(bytes, '00')]],
    ]),
    ...[0, 30, 31, 58, 59, 500].map((length): Call => ['keep', ['x'.repeat(length)]]),
    ...[0n, 1n, 2n, 99n, 5_000n].map((n): Call => ['goRound', [n]]),
    ['chew', [payload(0), 0n]],
    ['chew', [payload(700), 25n]],
    ['chew', [payload(32), 300n]],
    ['echo', ['']],
    ['echo', ['a text of some length, as texts are '.repeat(9)]],
  ];

  test('every action is tried', () => {
    expectAllCovered(costly, calls);
  });

  describeCalls('that is empty', deploying(costly), calls);
  describeCalls(
    'that is filled',
    async () => {
      const contract = await deploying(costly)();
      await contract.write('listen', [payload(40)], { from: alice });
      await contract.write('keep', ['y'.repeat(100)], { from: alice });
      await contract.write('chew', [payload(1), 1n], { from: alice });
      return contract;
    },
    calls,
  );

  test('rises with every byte and with every round', async () => {
    const contract = await deploying(costly)();
    const cost = (name: string, ...args: readonly unknown[]): Promise<bigint> =>
      estimateOf(contract.transaction(name, args, { from: alice }));
    for (const [less, more] of [
      [cost('listen', payload(64)), cost('listen', payload(65))],
      [cost('goRound', 7n), cost('goRound', 8n)],
      [cost('chew', payload(10), 3n), cost('chew', payload(10), 4n)],
    ] as const) {
      expect(await more).toBeGreaterThan(await less);
    }
  });
});
