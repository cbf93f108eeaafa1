import { isLucernaError } from '@lucerna/base';
import {
  type Abi,
  createPublicClient,
  createWalletClient,
  custom,
  decodeEventLog,
  type Hex,
  parseEther,
  type TransactionReceipt,
} from 'viem';
import { foundry } from 'viem/chains';
import { describe, expect, test } from 'vitest';
import {
  type ContractReceipt,
  type ContractVm,
  compileContract,
  createContractVm,
  createDevNode,
} from '../src/index.ts';

const SOURCE = `
entity Point { x: integer, y: integer }

contract Bank {
  data owner: address
  data total: integer = 0
  data note: string = "new"
  data balances: map<address, integer> = {}
  data grid: map<integer, map<string, integer>> = {}
  data history = []
  data names: list<string> = []

  error Refused(code: integer, who: address)
  event Moved(who: address indexed, amount: integer, note: string)

  init(start: integer) {
    owner = TX.caller
    total = start
  }

  payable action pay(text: string) -> integer {
    balances[TX.caller] += TX.value
    total += TX.value
    history.push([TX.caller, TX.value])
    names.push(text)
    grid[7][text] = total
    emit Moved(TX.caller, TX.value, text)
    return total
  }
  action clear() { total = 0 }
  action fail(how: integer) {
    total = 99
    if how == 1 { require(false, "not today") }
    if how == 2 { revert Refused(7, TX.caller) }
    if how == 3 { total = 1 / (total - 99) }
    while how == 4 { total += 1 }
    revert()
  }
  action send(to: address, amount: integer) { transfer(to, amount) }
  action ask(other: address) -> integer { return contract_call(other, "total_of", []) }
  view action total_of() -> integer { return total }
  view action where() -> integer { return TX.height * 2 ** 64 + TX.timestamp }
  view action echo(value: any) -> any { return value }
  view action mirror(p: Point) -> Point { return Point{x: p.y, y: p.x} }
  view action who() -> address { return TX.caller }
  private action hidden() {}
}`;

const ALICE: Hex = '0x00000000000000000000000000000000000A11cE';
const BOB: Hex = '0x0000000000000000000000000000000000000B0b';

function bank(): { readonly vm: ContractVm; readonly address: Hex } {
  const vm = createContractVm();
  vm.fund(ALICE, 1_000n);
  const { success, address } = vm.deploy(SOURCE, { args: [5n] });
  expect(success).toBe(true);
  return { vm, address };
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (isLucernaError(error)) return error.code;
    throw error;
  }
  return 'none';
}

describe('a receipt', () => {
  test('says what a run has come to', () => {
    const { vm, address } = bank();
    const receipt = vm.execute(address, 'pay', ['tea'], { caller: ALICE, value: 30n });
    expect(receipt).toMatchObject({
      success: true,
      result: 35n,
      error: undefined,
      revertReason: undefined,
      gasLimit: 10_000_000n,
      gasRefunded: 0n,
      blockNumber: 2,
      logs: [{ address, name: 'Moved', args: { who: ALICE, amount: 30n, note: 'tea' } }],
    });
    expect(receipt.gasUsed).toBeGreaterThan(21_000n);
    expect(receipt.statistics).toMatchObject({ frames: 1, logs: 1 });
    const names = receipt.stateChanges.map(({ variable }) => variable);
    const known = ['total', `balances[${ALICE}]`, 'history', 'names', 'names[0]'];
    expect(names).toEqual(expect.arrayContaining(known));
    // Nobody has said that 7 is a key.
    expect(names.some((name) => name?.startsWith('grid'))).toBe(false);
    const total = receipt.stateChanges.find(({ variable }) => variable === 'total');
    expect([BigInt(total?.before ?? 0), BigInt(total?.after ?? 0)]).toEqual([5n, 35n]);
    expect(vm.balanceOf(ALICE)).toBe(970n);
    expect(vm.balanceOf(address)).toBe(30n);
  });

  test.each<[number, Partial<ContractReceipt>]>([
    [
      1,
      {
        revertReason: 'not today',
        error: { code: 'CALL_REVERTED', message: 'execution reverted: not today' },
      },
    ],
    [2, { revertReason: `Refused(7, ${ALICE})` }],
    [3, { revertReason: 'panic 0x12' }],
    [4, { error: { code: 'OUT_OF_GAS', message: 'out of gas' }, gasUsed: 200_000n }],
    [5, { revertReason: undefined, returnData: '0x' }],
  ])('of failure %i says why, and nothing is left', (how, expected) => {
    const { vm, address } = bank();
    const before = vm.balanceOf(ALICE);
    const options = { caller: ALICE, gasLimit: 200_000n };
    const receipt = vm.execute(address, 'fail', [how], options);
    expect(receipt).toMatchObject({
      success: false,
      result: undefined,
      logs: [],
      stateChanges: [],
      ...expected,
    });
    expect(vm.read(address, 'total')).toBe(5n);
    expect(vm.balanceOf(ALICE)).toBe(before);
  });

  test('of a deployment has the address and the interface', () => {
    const vm = createContractVm({ caller: ALICE });
    const receipt = vm.deploy(compileContract(SOURCE), { args: { start: 9n } });
    expect(receipt.success).toBe(true);
    expect(receipt.abi.length).toBeGreaterThan(5);
    expect(vm.read(receipt.address, 'owner')).toBe(ALICE);
    const failed = vm.deploy(compileContract(SOURCE).bytecode, { args: [1n], gasLimit: 100_000n });
    expect(failed).toMatchObject({ success: false, error: { code: 'OUT_OF_GAS' } });
    expect(codeOf(() => vm.read(failed.address, 'owner'))).toBe('VM_CONTRACT_UNKNOWN');
  });

  test('of a run that clears a slot says what is refunded', () => {
    const { vm, address } = bank();
    expect(vm.execute(address, 'clear').gasRefunded).toBe(4_800n);
  });
});

describe('values', () => {
  test('go in and come back as those of JavaScript', () => {
    const { vm, address } = bank();
    const echo = (value: unknown): unknown => vm.staticCall(address, 'echo', [value]).result;
    for (const value of [null, true, -5n, 'text', BOB, [1n, ['a', null]]]) {
      expect(echo(value)).toEqual(value);
    }
    expect(echo({ a: 1, b: [2n] })).toEqual(
      new Map<string, unknown>([
        ['a', 1n],
        ['b', [2n]],
      ]),
    );
    expect(echo(Uint8Array.of(1, 2))).toBe('0x0102');
    expect(vm.staticCall(address, 'mirror', [{ x: 1, y: 2n }]).result).toEqual({ x: 2n, y: 1n });
    expect(vm.staticCall(address, 'mirror', { p: [1, 2] }).result).toEqual({ x: 2n, y: 1n });
  });

  test.each<[string, string, unknown]>([
    ['too few', 'pay', []],
    ['too many', 'pay', ['a', 'b']],
    ['a wrong name', 'pay', { words: 'a' }],
    ['text for a number', 'fail', ['1']],
    ['a fraction', 'fail', [0.5]],
    ['no address', 'ask', ['0x12']],
    ['a tuple with a field too few', 'mirror', [{ x: 1 }]],
    ['a function', 'echo', [() => 1]],
  ])('that do not fit are refused: %s', (_, action, args) => {
    const { vm, address } = bank();
    const run = (): unknown => vm.execute(address, action, args as unknown[]);
    expect(codeOf(run)).toBe('VM_ARGUMENT_INVALID');
  });

  test('of the state can be read', () => {
    const { vm, address } = bank();
    vm.execute(address, 'pay', ['tea'], { caller: ALICE, value: 30n });
    expect(vm.read(address, 'total')).toBe(35n);
    expect(vm.read(address, 'note')).toBe('new');
    expect(vm.read(address, 'balances', ALICE)).toBe(30n);
    expect(vm.read(address, 'balances', BOB)).toBe(0n);
    expect(vm.read(address, 'grid', 7, 'tea')).toBe(35n);
    expect(vm.read(address, 'history')).toEqual([[ALICE, 30n]]);
    expect(vm.read(address, 'names', 0)).toBe('tea');
    expect(codeOf(() => vm.read(address, 'balances'))).toBe('VARIABLE_UNREADABLE');
    expect(codeOf(() => vm.read(address, 'nothing'))).toBe('VARIABLE_UNREADABLE');
    expect(codeOf(() => vm.read(address, 'total', 1))).toBe('VARIABLE_UNREADABLE');
  });
});

describe('a machine', () => {
  test('knows its contracts and their actions', () => {
    const { vm, address } = bank();
    expect(codeOf(() => vm.execute(BOB, 'pay', ['a']))).toBe('VM_CONTRACT_UNKNOWN');
    expect(codeOf(() => vm.execute(address, 'hidden'))).toBe('VM_ACTION_UNKNOWN');
    expect(codeOf(() => vm.execute(address, 'init', [1]))).toBe('VM_ACTION_UNKNOWN');
    expect(vm.staticCall(address, 'total_of').result).toBe(5n);
    expect(vm.staticCall(address, 'totalOf').result).toBe(5n);
    expect(codeOf(() => vm.deploy('contract C {'))).toBe('COMPILE_FAILED');
  });

  test('refuses what no transaction could do', () => {
    const { vm, address } = bank();
    const poor = { caller: BOB, value: 1n };
    expect(codeOf(() => vm.execute(address, 'pay', ['a'], poor))).toBe('TX_INSUFFICIENT_FUNDS');
    const short = { gasLimit: 20_000n };
    expect(codeOf(() => vm.execute(address, 'clear', [], short))).toBe('TX_INTRINSIC_GAS');
    expect(codeOf(() => vm.fund(ALICE, -1n))).toBe('VM_SETTING_INVALID');
  });

  test('forgets a static call, with everything that it would have changed', () => {
    const { vm, address } = bank();
    const root = vm.stateRoot();
    const receipt = vm.staticCall(address, 'pay', ['tea'], { caller: ALICE, value: 30n });
    expect(receipt).toMatchObject({ success: true, result: 35n });
    expect(receipt.stateChanges.length).toBeGreaterThan(0);
    expect(vm.stateRoot()).toBe(root);
    expect(vm.read(address, 'total')).toBe(5n);
    expect(vm.balanceOf(ALICE)).toBe(1_000n);
  });

  test('makes a block of each run, and takes number and time from outside', () => {
    const { vm, address } = bank();
    expect(vm.block).toEqual({ number: 2, timestamp: 0 });
    vm.setBlock({ number: 100, timestamp: 1_700_000_000 });
    const where = vm.staticCall(address, 'where').result as bigint;
    expect([where >> 64n, where & (2n ** 64n - 1n)]).toEqual([100n, 1_700_000_000n]);
    vm.execute(address, 'clear');
    expect(vm.block).toEqual({ number: 101, timestamp: 1_700_000_000 });
    expect(codeOf(() => vm.setBlock({ number: 100 }))).toBe('VM_SETTING_INVALID');
    expect(codeOf(() => vm.setBlock({ timestamp: 0.5 }))).toBe('VM_SETTING_INVALID');
  });

  test('runs contracts that call each other', () => {
    const { vm, address } = bank();
    const other = vm.deploy(SOURCE, { args: [77n] }).address;
    const receipt = vm.execute(address, 'ask', [other]);
    expect(receipt).toMatchObject({ result: 77n, statistics: { frames: 2 } });
    expect(vm.execute(address, 'ask', [BOB]).revertReason).toBe('no contract at the address');
  });

  test('counts all its runs', () => {
    const { vm, address } = bank();
    vm.execute(address, 'clear');
    vm.execute(address, 'fail', [1]);
    vm.execute(address, 'fail', [3]);
    vm.staticCall(address, 'total_of');
    expect(vm.statistics()).toMatchObject({
      deployments: 1,
      executions: 3,
      staticCalls: 1,
      succeeded: 3,
      failed: 2,
      frames: 5,
      errors: { CALL_REVERTED: 2 },
      gasRefunded: 4_800n,
    });
    expect(createContractVm().statistics()).toMatchObject({ executions: 0, gasUsed: 0n });
  });
});

describe('the same script on a development chain', () => {
  const TIMESTAMP = 1_700_000_000;
  const DEV_FUNDS = parseEther('10000');
  const { abi, bytecode } = compileContract(SOURCE);

  type Play = {
    readonly deploy: (from: number, start: bigint) => Promise<Outcome>;
    readonly run: (
      from: number,
      to: number,
      action: string,
      args: readonly unknown[],
      value?: bigint,
      gas?: bigint,
    ) => Promise<Outcome>;
    readonly root: () => Promise<Hex>;
  };
  type Outcome = {
    readonly success: boolean;
    readonly gasUsed: bigint;
    readonly logs: readonly unknown[];
  };

  /** Deployments and calls with every kind of ending; what each came to, with the root after it. */
  async function script({ deploy, run, root }: Play, accounts: readonly Hex[]): Promise<unknown[]> {
    const seen: unknown[] = [];
    const note = async (outcome: Outcome): Promise<void> => {
      seen.push({ ...outcome, root: await root() });
    };
    await note(await deploy(0, 5n));
    await note(await deploy(1, 6n));
    await note(await run(0, 0, 'pay', ['first'], 1_000n));
    await note(await run(2, 0, 'pay', ['a text that is longer than one word of the state is'], 7n));
    await note(await run(2, 1, 'pay', [''], 0n));
    for (const how of [1n, 2n, 3n, 4n, 5n])
      await note(await run(1, 0, 'fail', [how], 0n, 150_000n));
    await note(await run(0, 0, 'send', [accounts[3], 5n]));
    await note(await run(0, 0, 'send', ['0x00000000000000000000000000000000000000ff', 5n]));
    await note(await run(0, 1, 'clear', []));
    await note(await run(0, 0, 'pay', ['no value is taken by clear'], 0n, 60_000n));
    return seen;
  }

  test('has the same receipts and the same roots of the state', async () => {
    const node = await createDevNode({ timestamp: TIMESTAMP });
    const accounts = node.accounts.map(({ address }) => address as Hex);
    const transport = custom(node.provider, { retryCount: 0 });
    const reader = createPublicClient({ chain: foundry, transport });
    const writer = createWalletClient({ chain: foundry, transport });
    const contracts: Hex[] = [];
    const request = (method: string, ...params: unknown[]): Promise<unknown> =>
      node.provider.request({ method, params });
    const next = async (): Promise<void> => {
      await request('anvil_setNextBlockBaseFeePerGas', '0x0');
    };
    const outcomeOf = ({ status, gasUsed, logs }: TransactionReceipt): Outcome => ({
      success: status === 'success',
      gasUsed,
      logs: logs.map(({ data, topics, address }) => {
        const { args } = decodeEventLog({ abi: abi as Abi, data, topics });
        return [address.toLowerCase(), args];
      }),
    });
    const onNode: Play = {
      deploy: async (from, start) => {
        await next();
        const hash = await writer.deployContract({
          abi: abi as Abi,
          bytecode,
          args: [start],
          account: accounts[from]!,
          gas: 10_000_000n,
          gasPrice: 0n,
        });
        const receipt = await reader.getTransactionReceipt({ hash });
        contracts.push(receipt.contractAddress!);
        return outcomeOf(receipt);
      },
      run: async (from, to, functionName, args, value = 0n, gas = 10_000_000n) => {
        await next();
        const hash = await writer.writeContract({
          address: contracts[to]!,
          abi: abi as Abi,
          functionName,
          args,
          value,
          account: accounts[from]!,
          gas,
          gasPrice: 0n,
        });
        return outcomeOf(await reader.getTransactionReceipt({ hash }));
      },
      root: async () => (await reader.getBlock()).stateRoot,
    };
    const expected = await script(onNode, accounts);
    await node.close();

    const vm = createContractVm({ timestamp: TIMESTAMP });
    for (const account of accounts) vm.fund(account, DEV_FUNDS);
    const deployed: Hex[] = [];
    const shown = ({ success, gasUsed, logs }: ContractReceipt): Outcome => ({
      success,
      gasUsed,
      logs: logs.map(({ address, args }) => [address.toLowerCase(), args]),
    });
    const inMemory: Play = {
      deploy: async (from, start) => {
        const receipt = vm.deploy({ bytecode }, { args: [start], caller: accounts[from]! });
        deployed.push(receipt.address);
        return shown(receipt);
      },
      run: async (from, to, action, args, value = 0n, gasLimit = 10_000_000n) => {
        const options = { caller: accounts[from]!, value, gasLimit };
        return shown(vm.execute(deployed[to]!, action, args, options));
      },
      root: async () => vm.stateRoot(),
    };
    const actual = await script(inMemory, accounts);
    expect(actual).toEqual(expected);
    expect(deployed.map((address) => address.toLowerCase())).toEqual(contracts);
    expect(new Set(actual.map((each) => (each as { root: Hex }).root)).size).toBe(actual.length);
  });
});
