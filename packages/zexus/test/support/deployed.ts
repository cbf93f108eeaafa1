import { fromHex, toHex } from '@lucerna/base';
import { decodeRevert } from '@lucerna/protocol';
import {
  type Abi,
  decodeFunctionResult,
  encodeAbiParameters,
  encodeFunctionData,
  type Hex,
} from 'viem';
import { type CompiledContract, type CompileOptions, compile } from '../../src/compiler/compile.ts';
import { formatDiagnostic } from '../../src/syntax/diagnostics.ts';
import { call, construct, type VmOutcome } from '../../src/vm/call.ts';
import type { CallContext } from '../../src/vm/host.ts';
import { loadProgram } from '../../src/vm/load.ts';
import { CONTEXT, MemoryHost, run } from '../vm/support.ts';

/** A contract of a source that has to compile, by default the first one. */
export function compiled(
  text: string,
  name?: string,
  options: CompileOptions = {},
): CompiledContract {
  const source = { name: 'test.zx', text };
  const { contracts, diagnostics } = compile(source, options);
  const contract = contracts.find((entry) => name === undefined || entry.name === name);
  if (contract === undefined) {
    throw new Error(diagnostics.map((entry) => formatDiagnostic(entry)).join('\n'));
  }
  return contract;
}

/** A contract in a ledger in memory that is called as viem calls one. */
export class Deployed {
  readonly contract: CompiledContract;
  readonly host: MemoryHost = new MemoryHost();
  readonly #program: ReturnType<typeof loadProgram>;
  readonly #abi: Abi;

  /** Deploys a contract, or the first one of a source. */
  constructor(
    contract: CompiledContract | string,
    values: readonly unknown[] = [],
    context: Partial<CallContext> = {},
  ) {
    this.contract = typeof contract === 'string' ? compiled(contract) : contract;
    this.#program = loadProgram(this.contract.bytecode);
    this.#abi = this.contract.abi as Abi;
    const init = this.#abi.find((item) => item.type === 'constructor');
    const data = fromHex(encodeAbiParameters(init?.inputs ?? [], values));
    const outcome = construct(this.#program, data, this.#run(context));
    if (outcome.status !== 'success') throw new Error(`deployment: ${reasonOf(outcome)}`);
  }

  /** What the action returns; `reverted: reason` when it does not. */
  call(name: string, values: readonly unknown[] = [], context: Partial<CallContext> = {}): unknown {
    const outcome = this.outcome(name, values, context);
    if (outcome.status !== 'success') return `${outcome.status}ed: ${reasonOf(outcome)}`;
    const data = toHex(outcome.returnData) as Hex;
    return decodeFunctionResult({ abi: this.#abi, functionName: name, data });
  }

  outcome(name: string, values: readonly unknown[], context: Partial<CallContext> = {}): VmOutcome {
    const calldata = encodeFunctionData({ abi: this.#abi, functionName: name, args: values });
    return call(this.#program, fromHex(calldata), this.#run(context));
  }

  #run(context: Partial<CallContext>): ReturnType<typeof run> {
    this.host.beginTransaction();
    return run(this.host, { context: { ...CONTEXT, ...context } });
  }
}

/** What a call that failed says. */
export function reasonOf({ status, returnData, error }: VmOutcome): string {
  if (status === 'failure') return error?.code ?? 'unknown';
  const reason = decodeRevert(returnData);
  switch (reason.kind) {
    case 'error':
      return reason.message;
    case 'panic':
      return `panic ${reason.code}`;
    default:
      return toHex(returnData);
  }
}
