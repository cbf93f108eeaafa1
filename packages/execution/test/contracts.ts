import { fromHex, toHex } from '@lucerna/base';
import {
  createAddress,
  intrinsicGas,
  type RecoveredTransaction,
  type UnsignedTransaction,
} from '@lucerna/protocol';
import { StateJournal, type StateReader } from '@lucerna/state';
import { type CompiledContract, compile } from '@lucerna/zexus';
import { type Abi, decodeFunctionResult, encodeAbiParameters, encodeFunctionData } from 'viem';
import { expect } from 'vitest';
import type { BlockContext } from '../src/context.ts';
import type { TransactionOutcome } from '../src/outcome.ts';
import { executeTransaction } from '../src/transaction.ts';
import { CONTEXT, type Signer, transfer } from './support.ts';

/** A contract with something for everything that execution has to get right. */
export const PROBE_SOURCE = `
contract Probe {
  data count: integer = 7
  data other: integer
  data note: string
  data paid: map<address, integer> = {}

  event Noted(who: address indexed, amount: integer, text: string)

  action payable init(start: integer) {
    require(start != 13, "unlucky")
    count = start
    emit Noted(TX.caller, start, "new")
  }

  view action get() -> integer { return count }
  view action paid_by(who: address) -> integer { return paid[who] }
  action set(n: integer) { count = n }
  action set_thrice(a: integer, b: integer, c: integer) {
    other = a
    other = b
    other = c
  }
  action write(text: string) { note = text }
  payable action pay() { paid[TX.caller] += TX.value }
  action send(to: address, n: integer) { transfer(to, n) }
  action note_it(n: integer, text: string) {
    let i = 0
    while i < n {
      emit Noted(TX.caller, i, text)
      i += 1
    }
  }
  action clear_and_loop(n: integer) {
    count = 0
    other = 0
    let i = 0
    while i < n { i += 1 }
  }
  payable action fail_late(to: address, why: string) {
    count = 99
    note = "a text that is longer than what fits the head word of its cell"
    paid[TX.caller] += 5
    emit Noted(TX.caller, 1, "never seen")
    transfer(to, 1)
    require(false, why)
  }
  action overflow() -> integer { return 2 ** 256 - 1 + count + count }
  action spin() { while true { count = count } }
  action gas_price() -> integer { return TX.gas_price }
  action where_and_when() -> integer { return TX.block_number * 2 ** 64 + TX.timestamp }
  action chain() -> integer { return TX.chain_id }
  action tips_go_to() -> address { return TX.coinbase }
  action signer() -> address { return TX.origin }
}`;

export const PROBE: CompiledContract = compileOne(PROBE_SOURCE);

function compileOne(text: string): CompiledContract {
  const { contracts, diagnostics } = compile({ name: 'probe.zx', text });
  expect(diagnostics).toEqual([]);
  return contracts[0]!;
}

/** The data of a deployment: the container, then the arguments as viem encodes them. */
export function initData(bytecode: Uint8Array, ...start: readonly bigint[]): Uint8Array {
  const types = start.map(() => ({ type: 'uint256' }) as const);
  const args = fromHex(encodeAbiParameters(types, start));
  const data = new Uint8Array(bytecode.length + args.length);
  data.set(bytecode);
  data.set(args, bytecode.length);
  return data;
}

const abi = PROBE.abi as Abi;

/** Calldata as viem encodes it. */
export function calldata(functionName: string, ...args: readonly unknown[]): Uint8Array {
  return fromHex(encodeFunctionData({ abi, functionName, args }));
}

/** What a function of {@link PROBE} has returned, as viem reads it. */
export function resultOf(functionName: string, returnData: Uint8Array): unknown {
  return decodeFunctionResult({ abi, functionName, data: toHex(returnData) });
}

type Change = Partial<Omit<UnsignedTransaction & { type: 2 }, 'type'>>;

/** Transactions one after the other in a block that is never closed. */
export class OpenBlock {
  readonly journal: StateJournal;
  readonly context: BlockContext;

  constructor(state: StateReader, change: Partial<BlockContext> = {}) {
    this.journal = new StateJournal(state);
    this.context = { ...CONTEXT, ...change };
  }

  /** The sender's next transaction, with plenty of gas. */
  sign(from: Signer, change: Change): RecoveredTransaction {
    const nonce = this.journal.nonce(from.address);
    return transfer(from, { nonce, value: 0n, gasLimit: 10_000_000n, ...change });
  }

  send(from: Signer, change: Change): TransactionOutcome {
    const { context } = this;
    return executeTransaction(this.journal, context, this.sign(from, change), context.gasLimit);
  }

  /** Deploys {@link PROBE}; its address. */
  deploy(from: Signer, start: bigint = 7n, change: Change = {}): Uint8Array {
    const address = createAddress(from.address, this.journal.nonce(from.address));
    const data = initData(PROBE.bytecode, start);
    const outcome = this.send(from, { to: null, data, ...change });
    expect(outcome).toMatchObject({ status: 1, contractAddress: address });
    return address;
  }

  /** What a view of the contract at `to` returns, in a transaction of its own. */
  read(from: Signer, to: Uint8Array, name: string, ...args: readonly unknown[]): unknown {
    const outcome = this.send(from, { to, data: calldata(name, ...args) });
    expect(outcome.error).toBeUndefined();
    return resultOf(name, outcome.returnData);
  }
}

/** Gas that the transaction has used beyond what it costs before anything runs. */
export function executionGas(
  outcome: TransactionOutcome,
  tx: Parameters<typeof intrinsicGas>[0],
): bigint {
  return outcome.gasUsed + outcome.refund - intrinsicGas(tx, CONTEXT.rules);
}
