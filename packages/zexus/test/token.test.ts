import { fromHex, toHex } from '@lucerna/base';
import {
  type ContractEventName,
  decodeErrorResult,
  decodeEventLog,
  decodeFunctionResult,
  type EncodeFunctionDataParameters,
  encodeAbiParameters,
  encodeFunctionData,
  erc20Abi,
  type Hex,
} from 'viem';
import { describe, expect, it } from 'vitest';
import { splitInitData } from '../src/bytecode/init-data.ts';
import { compile } from '../src/compiler/compile.ts';
import { call, construct, type VmOutcome } from '../src/vm/call.ts';
import { loadProgram } from '../src/vm/load.ts';
import { CONTEXT, MemoryHost, run } from './vm/support.ts';

const SOURCE = `
# A token by the standard ERC-20.
contract Token {
  data name: string = "Example"
  data symbol: string = "EX"
  data total_supply: integer = 0
  data balances: map<address, integer> = {}
  data allowances: map<address, map<address, integer>> = {}

  event Transfer(from: address indexed, to: address indexed, value: integer)
  event Approval(owner: address indexed, spender: address indexed, value: integer)

  action init(supply: integer) {
    total_supply = supply
    balances[TX.caller] = supply
    emit Transfer(0x0000000000000000000000000000000000000000, TX.caller, supply)
  }

  action view name() -> string { return this.name }
  action view symbol() -> string { return this.symbol }
  action view decimals() -> uint8 { return 18 }
  action view total_supply() -> integer { return this.total_supply }
  action view balance_of(owner: address) -> integer { return balances[owner] }
  action view allowance(owner: address, spender: address) -> integer {
    return allowances[owner][spender]
  }

  action transfer(to: address, amount: integer) -> bool {
    this.move(TX.caller, to, amount)
    return true
  }

  action approve(spender: address, amount: integer) -> bool {
    allowances[TX.caller][spender] = amount
    emit Approval(TX.caller, spender, amount)
    return true
  }

  action transfer_from(from: address, to: address, amount: integer) -> bool {
    let allowed = allowances[from][TX.caller]
    require(allowed >= amount, "insufficient allowance")
    if allowed < 115792089237316195423570985008687907853269984665640564039457584007913129639935 { allowances[from][TX.caller] -= amount }
    this.move(from, to, amount)
    return true
  }

  private action move(from: address, to: address, amount: integer) {
    require(balances[from] >= amount, "insufficient balance")
    balances[from] -= amount
    balances[to] += amount
    emit Transfer(from, to, amount)
  }
}
`;

const person = (digit: string): Hex => `0x${digit.repeat(40)}`;
const [ALICE, BOB, CAROL] = [person('a'), person('b'), person('c')];
const SUPPLY = 10n ** 24n;
const INFINITE = 2n ** 256n - 1n;
const ZERO: Hex = `0x${'0'.repeat(40)}`;

type Sent = { readonly outcome: VmOutcome; readonly result: unknown };

/** The token in a ledger in memory, seen through viem's ABI of the standard, not through ours. */
class Token {
  readonly host: MemoryHost = new MemoryHost();
  readonly #program: ReturnType<typeof loadProgram>;

  constructor() {
    const { contracts, diagnostics } = compile({ name: 'token.zx', text: SOURCE });
    expect(diagnostics).toEqual([]);
    const { bytecode } = contracts[0]!;
    const values = encodeAbiParameters([{ type: 'uint256' }], [SUPPLY]);
    const { code, args } = splitInitData(Uint8Array.of(...bytecode, ...fromHex(values)));
    this.#program = loadProgram(code);
    expect(construct(this.#program, args, this.#run(ALICE)).status).toBe('success');
  }

  send(
    sender: Hex,
    request: EncodeFunctionDataParameters<typeof erc20Abi>,
    gas: number = 1_000_000,
  ): Sent {
    const calldata = fromHex(encodeFunctionData(request));
    const [words, logs] = [new Map(this.host.words), this.host.logs.length];
    const outcome = call(this.#program, calldata, { ...this.#run(sender), gas });
    if (outcome.status !== 'success') {
      this.host.words.clear();
      for (const [slot, word] of words) this.host.words.set(slot, word);
      this.host.logs.length = logs;
      return { outcome, result: undefined };
    }
    const { functionName } = request as { functionName: 'balanceOf' };
    const data = toHex(outcome.returnData);
    return { outcome, result: decodeFunctionResult({ abi: erc20Abi, functionName, data }) };
  }

  read(request: EncodeFunctionDataParameters<typeof erc20Abi>): unknown {
    return this.send(BOB, request).result;
  }

  balances(...owners: readonly Hex[]): unknown[] {
    return owners.map((owner) =>
      this.read({ abi: erc20Abi, functionName: 'balanceOf', args: [owner] }),
    );
  }

  events(): { eventName: ContractEventName<typeof erc20Abi>; args: unknown }[] {
    return this.host.logs.map(({ topics, data }) => {
      const hexTopics = topics.map((topic): Hex => `0x${topic}`) as [Hex, ...Hex[]];
      return decodeEventLog({ abi: erc20Abi, topics: hexTopics, data: `0x${data}` });
    });
  }

  #run(sender: Hex): ReturnType<typeof run> {
    this.host.beginTransaction();
    return run(this.host, { context: { ...CONTEXT, caller: fromHex(sender) } });
  }
}

const transfer = (to: Hex, amount: bigint): EncodeFunctionDataParameters<typeof erc20Abi> => ({
  abi: erc20Abi,
  functionName: 'transfer',
  args: [to, amount],
});
const transferFrom = (
  from: Hex,
  to: Hex,
  amount: bigint,
): EncodeFunctionDataParameters<typeof erc20Abi> => ({
  abi: erc20Abi,
  functionName: 'transferFrom',
  args: [from, to, amount],
});
const approve = (spender: Hex, amount: bigint): EncodeFunctionDataParameters<typeof erc20Abi> => ({
  abi: erc20Abi,
  functionName: 'approve',
  args: [spender, amount],
});

function reasonOf({ outcome }: Sent): unknown {
  expect(outcome.status).toBe('revert');
  return decodeErrorResult({ abi: erc20Abi, data: toHex(outcome.returnData) }).args[0];
}

describe('a token in the language, through the ABI of the standard', () => {
  it('is deployed with its supply', () => {
    const token = new Token();
    expect(token.read({ abi: erc20Abi, functionName: 'name' })).toBe('Example');
    expect(token.read({ abi: erc20Abi, functionName: 'symbol' })).toBe('EX');
    expect(token.read({ abi: erc20Abi, functionName: 'decimals' })).toBe(18);
    expect(token.read({ abi: erc20Abi, functionName: 'totalSupply' })).toBe(SUPPLY);
    expect(token.balances(ALICE, BOB)).toEqual([SUPPLY, 0n]);
    expect(token.events()).toEqual([
      { eventName: 'Transfer', args: { from: ZERO, to: expect.anything(), value: SUPPLY } },
    ]);
  });

  it('moves, also nothing from an account that has nothing', () => {
    const token = new Token();
    expect(token.send(ALICE, transfer(BOB, 5n)).result).toBe(true);
    expect(token.send(CAROL, transfer(BOB, 0n)).result).toBe(true);
    expect(token.send(ALICE, transfer(ALICE, 7n)).result).toBe(true);
    expect(token.balances(ALICE, BOB, CAROL)).toEqual([SUPPLY - 5n, 5n, 0n]);
    expect(token.events().map(({ eventName }) => eventName)).toEqual(Array(4).fill('Transfer'));
  });

  it('reverts in the words of its source and leaves nothing', () => {
    const token = new Token();
    const before = token.host.snapshot();
    expect(reasonOf(token.send(BOB, transfer(CAROL, 1n)))).toBe('insufficient balance');
    expect(reasonOf(token.send(BOB, transferFrom(ALICE, BOB, 1n)))).toBe('insufficient allowance');
    expect(token.host.snapshot()).toEqual(before);
  });

  it('spends allowances, and never those without end', () => {
    const token = new Token();
    const allowance = (): unknown =>
      token.read({ abi: erc20Abi, functionName: 'allowance', args: [ALICE, BOB] });
    expect(token.send(ALICE, approve(BOB, 10n)).result).toBe(true);
    expect(token.send(BOB, transferFrom(ALICE, CAROL, 4n)).result).toBe(true);
    expect(allowance()).toBe(6n);
    expect(reasonOf(token.send(BOB, transferFrom(ALICE, CAROL, 7n)))).toBe(
      'insufficient allowance',
    );
    token.send(ALICE, approve(BOB, INFINITE));
    expect(token.send(BOB, transferFrom(ALICE, CAROL, 7n)).result).toBe(true);
    expect(allowance()).toBe(INFINITE);
    expect(token.balances(ALICE, CAROL)).toEqual([SUPPLY - 11n, 11n]);
  });

  it('costs what it needs and not one less, for a first transfer and for a next', () => {
    const costs = [0, 1].map((before) => {
      const withTransfers = (): Token => {
        const token = new Token();
        for (let left = before; left > 0; left -= 1) token.send(ALICE, transfer(BOB, 5n));
        return token;
      };
      const plenty = withTransfers().send(ALICE, transfer(BOB, 5n), 1_000_000).outcome;
      const gas = 1_000_000 - plenty.gasLeft;
      const exact = withTransfers().send(ALICE, transfer(BOB, 5n), gas).outcome;
      expect(exact).toMatchObject({ status: 'success', gasLeft: 0 });
      const short = withTransfers().send(ALICE, transfer(BOB, 5n), gas - 1).outcome;
      expect(short).toMatchObject({ status: 'failure', gasLeft: 0 });
      return gas;
    });
    // The first one makes a slot, the second one changes it.
    expect((costs[0] as number) - (costs[1] as number)).toBe(20_000 - 2_900);
    console.log(`a transfer to a new holder costs the machine ${costs[0]} gas, a next ${costs[1]}`);
  });
});
