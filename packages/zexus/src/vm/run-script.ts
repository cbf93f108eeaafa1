import { assert, EMPTY_BYTES, type LucernaError } from '@lucerna/base';
import { pureSignatureEngine } from '@lucerna/crypto';
import { type DeserializeOptions, deserialize } from '../bytecode/zxc1/read-module.ts';
import { zexusErrors } from '../errors.ts';
import { zexusLimits } from '../limits.ts';
import { type GasSchedule, INITIAL_GAS } from './gas.ts';
import { Failure, Revert } from './halt.ts';
import type { CallContext, CallPort, HostState } from './host.ts';
import { interpret } from './interpreter.ts';
import { lowerContainer } from './load.ts';
import { type Machine, noStatistics, type RunStatistics } from './machine.ts';
import { MemoryHost, NO_CHAIN, NO_CONTRACTS } from './memory-host.ts';
import { Meter } from './meter.ts';
import type { ProgramAction } from './program.ts';
import { scriptContainer } from './script-container.ts';
import type { Value } from './value.ts';

/** What a script may use, when nobody says otherwise: upstream's own bound. */
const DEFAULT_GAS = 100_000_000;

export type RunScriptOptions = {
  readonly read?: DeserializeOptions;
  /** Default: 100,000,000. */
  readonly gas?: number;
  readonly schedule?: GasSchedule;
  /** What the script can ask about its surroundings; what is left out is zero. */
  readonly context?: Partial<CallContext>;
  /** Where its state is. Default: a new one in memory. */
  readonly host?: HostState;
  /** The contracts that it can call. Default: none. */
  readonly calls?: CallPort;
};

/** How a script ended. */
export type ScriptOutcome = {
  readonly status: 'success' | 'revert' | 'failure';
  /** What it returned; null unless a success. */
  readonly value: Value;
  /** What a revert says. */
  readonly returnData: Uint8Array;
  readonly gasUsed: number;
  /** Why it is no success: `EXECUTION_REVERTED`, `OUT_OF_GAS` and the like. */
  readonly error: LucernaError | undefined;
  readonly host: HostState;
  readonly statistics: RunStatistics;
};

/**
 * Runs a `.zxc` module of version 1, with the opcodes and the meaning that contracts have. Unless it is
 * a success, what it did to the host's state is taken back.
 *
 * @throws `ZXC1_*` for bytes that are no such module or that scripts cannot run, `PROGRAM_REFUSED` as
 *   `verifyContainer`
 */
export function runScript(bytes: Uint8Array, options: RunScriptOptions = {}): ScriptOutcome {
  const program = lowerContainer(scriptContainer(deserialize(bytes, options.read)));
  const { gas = DEFAULT_GAS, schedule = INITIAL_GAS, calls = NO_CONTRACTS } = options;
  assert(Number.isSafeInteger(gas) && gas >= 0, 'gas is a natural number');
  const context = { ...NO_CHAIN, ...options.context };
  const host = options.host ?? new MemoryHost(context.address);
  const meter = new Meter(schedule, gas);
  const machine: Machine = {
    program,
    context,
    host,
    calls,
    signatures: pureSignatureEngine,
    meter,
    calldata: EMPTY_BYTES,
    isStatic: false,
    isReentrant: false,
    checkpoints: [],
    caught: [],
    statistics: noStatistics(),
  };
  const checkpoint = host.checkpoint();
  const { statistics } = machine;
  try {
    const value = interpret(machine, program.actions[0] as ProgramAction, []);
    const gasUsed = gas - meter.gas;
    const returnData = EMPTY_BYTES;
    return { status: 'success', value, returnData, gasUsed, error: undefined, host, statistics };
  } catch (halt) {
    if (!(halt instanceof Revert || halt instanceof Failure)) throw halt;
    host.revertTo(checkpoint);
    const rest = { value: null, error: errorOf(halt), host, statistics };
    if (halt instanceof Failure) {
      return { status: 'failure', returnData: EMPTY_BYTES, gasUsed: gas, ...rest };
    }
    return { status: 'revert', returnData: halt.data, gasUsed: gas - meter.gas, ...rest };
  }
}

function errorOf(halt: Revert | Failure): LucernaError {
  if (halt instanceof Failure) return zexusErrors.create(halt.code);
  const detail = halt.reason?.slice(0, zexusLimits.values.revertReasonChars);
  return zexusErrors.create('EXECUTION_REVERTED', detail);
}
