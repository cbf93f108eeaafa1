import { readFileSync } from 'node:fs';
import { assert, EMPTY_BYTES, fromHex, present, rangeToBigInt } from '@lucerna/base';
import { pureSignatureEngine } from '@lucerna/crypto';
import {
  type CompiledContract,
  call,
  compile,
  type HostState,
  INITIAL_GAS,
  loadProgram,
  MemoryHost,
  NO_CHAIN,
  NO_CONTRACTS,
  type Program,
  type Value,
  type VmRun,
} from '@lucerna/zexus';
import { type Abi, encodeFunctionData } from 'viem';
import { interpret } from '../../../../packages/zexus/src/vm/interpreter.ts';
import { type Machine, noStatistics } from '../../../../packages/zexus/src/vm/machine.ts';
import { Meter } from '../../../../packages/zexus/src/vm/meter.ts';
import type { ProgramAction } from '../../../../packages/zexus/src/vm/program.ts';

/** More than any run of a benchmark uses. */
export const PLENTY: number = 2 ** 50;

/** The contracts of a file of this folder, by name. */
export function compiledFile(name: string): ReadonlyMap<string, CompiledContract> {
  const text = readFileSync(new URL(name, import.meta.url), 'utf8');
  return compiledText(name, text);
}

export function compiledText(name: string, text: string): ReadonlyMap<string, CompiledContract> {
  const { contracts, diagnostics } = compile({ name, text });
  assert(contracts.length > 0, `${name} compiles: ${diagnostics[0]?.message}`);
  return new Map(contracts.map((contract) => [contract.name, contract]));
}

/** Calldata as viem makes it. */
export function calldataOf(
  { abi }: CompiledContract,
  functionName: string,
  args: readonly unknown[],
): Uint8Array {
  return fromHex(encodeFunctionData({ abi: abi as Abi, functionName, args }));
}

/** What a run came to. */
export type Ran = { readonly result: Value; readonly gas: number };

/** A pure action of one integer. */
export class PureAction {
  readonly #program: Program;
  readonly #action: ProgramAction;
  readonly #host: MemoryHost = new MemoryHost(NO_CHAIN.address);

  constructor(contract: CompiledContract, name: string) {
    this.#program = loadProgram(contract.bytecode);
    const action = this.#program.actions.find((one) => one.name === name);
    this.#action = present(action, `there is an action ${name}`);
  }

  /** The interpreter's work alone: from a value to a value, with gas. */
  interpret(n: number): Ran {
    const meter = new Meter(INITIAL_GAS, PLENTY);
    const machine: Machine = {
      program: this.#program,
      context: NO_CHAIN,
      host: this.#host,
      calls: NO_CONTRACTS,
      signatures: pureSignatureEngine,
      meter,
      calldata: EMPTY_BYTES,
      isStatic: true,
      isReentrant: false,
      checkpoints: [],
      caught: [],
      statistics: noStatistics(),
    };
    const result = interpret(machine, this.#action, [n]);
    return { result, gas: PLENTY - meter.gas };
  }

  /** As a transaction calls it, with the ABI around it. */
  call(calldata: Uint8Array): Ran {
    const outcome = call(this.#program, calldata, pureRun(this.#host));
    assert(outcome.status === 'success', `the run succeeds: ${outcome.error?.code}`);
    const result = rangeToBigInt(outcome.returnData, 0, 32);
    return { result, gas: PLENTY - outcome.gasLeft };
  }
}

/** What is around a run that needs nothing. */
export function pureRun(host: HostState): VmRun {
  return {
    context: NO_CHAIN,
    host,
    calls: NO_CONTRACTS,
    gas: PLENTY,
    schedule: INITIAL_GAS,
    isStatic: false,
    isReentrant: false,
  };
}

/** The contract that the file has of the name. */
export function contractOf(
  contracts: ReadonlyMap<string, CompiledContract>,
  name: string,
): CompiledContract {
  return present(contracts.get(name), `there is a contract ${name}`);
}
