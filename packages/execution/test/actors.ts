import { concatBytes, fromHex, toHex } from '@lucerna/base';
import { createAddress } from '@lucerna/protocol';
import {
  Address,
  type CompiledContract,
  compile,
  encodeValue,
  integer,
  List,
  UNMETERED,
  type Value,
} from '@lucerna/zexus';
import { type Abi, decodeEventLog, encodeFunctionData } from 'viem';
import { expect } from 'vitest';
import type { TransactionOutcome } from '../src/outcome.ts';
import type { OpenBlock } from './contracts.ts';
import type { Signer } from './support.ts';

/** A contract that does what it is told, step by step, also in calls of others like it. */
export const ACTOR_SOURCE = `
contract Actor {
  data count: integer = 0
  data failures: integer = 0
  event Ran(caller: address, wei: integer, count: integer)

  receive() {}

  payable action run(steps: any) -> integer {
    this.go(steps)
    return count
  }
  view action get() -> integer { return count * 1000 + failures }
  action burn() { while true { count += 1 } }
  action reason(steps: any) -> string {
    try { this.go(steps) } catch (e) { return string(e) }
    return "fine"
  }

  private action go(steps) {
    for each step in steps { this.act(step) }
  }
  private action limited(steps) limit 150000 { this.go(steps) }
  private action spin() limit 20000 { let i = 0; while i >= 0 { i += 1 } }

  private action act(step) {
    let kind = step[0]
    if kind == "add" { count += step[1] }
    elif kind == "clear" { count = 0 }
    elif kind == "log" { emit Ran(TX.caller, TX.value, count) }
    elif kind == "pay" { transfer(address(step[1]), step[2]) }
    elif kind == "send" { contract_call(address(step[1]), null, null, step[2]) }
    elif kind == "call" {
      contract_call(address(step[1]), "run", [step[2]], step[3], step[4])
    }
    elif kind == "static" { static_call(address(step[1]), "run", [step[2]], step[3]) }
    elif kind == "delegate" { delegate_call(address(step[1]), "run", [step[2]], step[3]) }
    elif kind == "view" { contract_call(address(step[1]), "get()->(uint256)") }
    elif kind == "raw" { contract_call(address(step[1]), null, step[2]) }
    elif kind == "burn" { contract_call(address(step[1]), "burn", [], 0, step[2]) }
    elif kind == "spin" { this.spin() }
    elif kind == "limited" { this.limited(step[1]) }
    elif kind == "try" {
      try { this.go(step[1]) } catch { failures += 1 }
    }
    elif kind == "fail" { revert("no") }
    elif kind == "divide" { count = 1 / (count - count) }
    else { revert("unknown step") }
  }
}`;

export const ACTOR: CompiledContract = compileClean(ACTOR_SOURCE);

/** The only contract of a text without warnings. */
export function compileClean(text: string, name: string = 'actor.zx'): CompiledContract {
  const { contracts, diagnostics } = compile({ name, text });
  expect(diagnostics).toEqual([]);
  const [contract] = contracts;
  if (contract === undefined) throw new Error('the text has a contract');
  return contract;
}

/** What an actor is told: a kind, and what it takes; addresses as bytes. */
export type Step = readonly [kind: string, ...parts: readonly Part[]];
type Part = bigint | null | Uint8Array | readonly Step[];

function zexusValue(part: Part | string | Step): Value {
  if (part === null || typeof part === 'string') return part;
  if (typeof part === 'bigint') return integer(part);
  if (part instanceof Uint8Array) return part.length === 20 ? new Address(part) : part;
  return new List(part.map((item) => zexusValue(item)));
}

/** Calldata of an actor's function that takes steps. */
export function script(steps: readonly Step[], functionName: 'reason' | 'run' = 'run'): Uint8Array {
  const encoded = toHex(encodeValue(UNMETERED, zexusValue(steps)));
  return fromHex(encodeFunctionData({ abi: ACTOR.abi as Abi, functionName, args: [encoded] }));
}

/** Deploys a contract without arguments. */
export function deployContract(
  block: OpenBlock,
  from: Signer,
  contract: CompiledContract,
): Uint8Array {
  const address = createAddress(from.address, block.journal.nonce(from.address));
  const outcome = block.send(from, { to: null, data: concatBytes(contract.bytecode) });
  expect(outcome).toMatchObject({ status: 1, contractAddress: address });
  return address;
}

/** `count` and `failures` of an actor. */
export function numbersOf(block: OpenBlock, from: Signer, actor: Uint8Array): readonly number[] {
  const data = fromHex(encodeFunctionData({ abi: ACTOR.abi as Abi, functionName: 'get' }));
  const { returnData, error } = block.send(from, { to: actor, data });
  expect(error).toBeUndefined();
  const both = Number(BigInt(toHex(returnData)));
  return [Math.floor(both / 1_000), both % 1_000];
}

/** An actor's log: who made it, and what it says. */
export type Ran = {
  readonly actor: string;
  readonly caller: string;
  readonly wei: bigint;
  readonly count: bigint;
};

export function ranLogs({ logs }: Pick<TransactionOutcome, 'logs'>): readonly Ran[] {
  return logs.map(({ address, topics, data }) => {
    const [first, ...rest] = topics.map((topic) => toHex(topic));
    const decoded = decodeEventLog({
      abi: ACTOR.abi as Abi,
      topics: [first!, ...rest],
      data: toHex(data),
    });
    const { caller, wei, count } = decoded.args as unknown as Omit<Ran, 'actor'>;
    return { actor: toHex(address), caller: caller.toLowerCase(), wei, count };
  });
}
