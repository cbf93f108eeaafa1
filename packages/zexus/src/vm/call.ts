import {
  assert,
  EMPTY_BYTES,
  equalBytes,
  isLucernaError,
  type LucernaError,
  rangeToBigInt,
} from '@lucerna/base';
import { pureSignatureEngine, type SignatureEngine } from '@lucerna/crypto';
import {
  type AbiType,
  type AbiValue,
  decodeAbi,
  encodeAbi,
  SELECTOR_BYTES,
} from '@lucerna/protocol';
import { zexusErrors } from '../errors.ts';
import { decodeValue } from '../layout/value-encoding.ts';
import { zexusLimits } from '../limits.ts';
import { abiBytes, encodedValue, fromAbi, toAbi } from './boundary.ts';
import type { BoundaryType } from './boundary-type.ts';
import { DYNAMIC_PARAMETERS, DYNAMIC_RESULT, DYNAMIC_SELECTOR } from './external-call.ts';
import type { GasSchedule } from './gas.ts';
import { Failure, Revert, revertWith, silentRevert } from './halt.ts';
import type { CallContext, CallPort, HostState } from './host.ts';
import { interpret } from './interpreter.ts';
import { type Machine, noStatistics, type RunStatistics } from './machine.ts';
import { Meter, type RunMemory } from './meter.ts';
import type { Program, ProgramAction } from './program.ts';
import { RunTrace } from './run-trace.ts';
import type { VmTracer } from './tracer.ts';
import { List, type Value } from './value.ts';

/** Everything around a run. */
export type VmRun = {
  readonly context: CallContext;
  readonly host: HostState;
  readonly calls: CallPort;
  /** Checks signatures and recovers keys. Default: the engine in JavaScript, which is slower than a native one. */
  readonly signatures?: SignatureEngine | undefined;
  /** What the run may use at most: a natural number. */
  readonly gas: number;
  readonly schedule: GasSchedule;
  /** A write ends the run. */
  readonly isStatic: boolean;
  /** Another run on the same state waits for this one to end: this one must not change anything. */
  readonly isReentrant: boolean;
  /**
   * What the runs hold that wait for this one: together they may hold as much as one. Is at its end what it
   * was before. Default: nothing.
   */
  readonly memory?: RunMemory | undefined;
  /** Is told how a program goes on that was lowered to be traced. */
  readonly tracer?: VmTracer | undefined;
};

/** How a run ended. Whoever started it takes back what it wrote unless it is a success. */
export type VmOutcome = {
  /** `revert`: the contract takes it back; `failure`: all gas is gone, and there are no data. */
  readonly status: 'success' | 'revert' | 'failure';
  /** The encoded result, or what a revert says. */
  readonly returnData: Uint8Array;
  readonly gasLeft: number;
  /** EIP-3529, before its cap; below zero when it takes back an earlier one. 0 unless a success. */
  readonly refund: number;
  /** `EXECUTION_REVERTED`, `OUT_OF_GAS`, `STATIC_WRITE`, `CALL_DEPTH`; undefined for a success. */
  readonly error: LucernaError | undefined;
  /** What the run has done, however it ended. */
  readonly statistics: RunStatistics;
};

/**
 * Calls a contract. The first four bytes of `calldata` select a function; `zx_call(string,bytes)` reaches
 * each of them by its name and with values of any kind; without data it is what `receive` takes, and
 * everything else is for `fallback`. Reverts without data when nothing takes the call, when arguments
 * are not properly encoded (bytes behind them are not looked at, as everywhere on Ethereum), and when
 * value comes that is not taken.
 */
export function call(program: Program, calldata: Uint8Array, run: VmRun): VmOutcome {
  return outcomeOf(program, calldata, run, (machine) => {
    if (calldata.length === 0 && program.receive !== undefined) {
      enter(machine, program.receive, []);
      return EMPTY_BYTES;
    }
    if (calldata.length >= SELECTOR_BYTES) {
      const selector = Number(rangeToBigInt(calldata, 0, SELECTOR_BYTES));
      const action = program.functions.get(selector);
      if (action !== undefined) return callFunction(machine, action, argumentsOf(calldata));
      if (equalBytes(calldata.slice(0, SELECTOR_BYTES), DYNAMIC_SELECTOR)) {
        const result = callByName(machine, argumentsOf(calldata));
        if (result !== undefined) return result;
      }
    }
    return callFallback(machine, calldata);
  });
}

/**
 * Runs what the contract does at its deployment with its encoded arguments, to the last byte: initial
 * values, then `init`. A contract without either takes no arguments and no value.
 */
export function construct(program: Program, data: Uint8Array, run: VmRun): VmOutcome {
  return outcomeOf(program, EMPTY_BYTES, run, (machine) => {
    const { init } = program;
    if (init !== undefined) {
      refuseValue(machine, init);
      enter(machine, init, decodeParameters(machine, init.parameterTypes, data, 'refuse'));
    } else if (data.length > 0 || run.context.value > 0n) {
      throw silentRevert();
    }
    return EMPTY_BYTES;
  });
}

/** Most bytes that a copy of costs less than a view. */
const COPIED_BYTES = 256;

/** The calldata behind the selector. */
function argumentsOf(calldata: Uint8Array): Uint8Array {
  return calldata.length > COPIED_BYTES
    ? calldata.subarray(SELECTOR_BYTES)
    : calldata.slice(SELECTOR_BYTES);
}

function callFunction(machine: Machine, action: ProgramAction, data: Uint8Array): Uint8Array {
  refuseValue(machine, action);
  const parameters = decodeParameters(machine, action.parameterTypes, data, 'ignore');
  const result = enter(machine, action, parameters);
  return action.resultType === undefined
    ? EMPTY_BYTES
    : encodeResult(machine, action.resultType, result);
}

/** `zx_call`; undefined when no exported action has the name: then the fallback has the call. */
function callByName(machine: Machine, data: Uint8Array): Uint8Array | undefined {
  const { meter, program } = machine;
  const [name, encoded] = decodeParameters(machine, DYNAMIC_PARAMETERS, data, 'ignore');
  const action = program.named.get(name as string);
  if (action === undefined) return undefined;
  refuseValue(machine, action);
  const args = decodeValue(meter, encoded as Uint8Array);
  if (!(args instanceof List) || args.items.length !== action.parameterCount) throw silentRevert();
  const parameters = action.parameterTypes.map((type, index) =>
    fitted(machine, type, args.items[index] as Value),
  );
  const result = enter(machine, action, parameters);
  const { resultType } = action;
  const value = resultType === undefined ? null : fitted(machine, resultType, result);
  return encodeResult(machine, DYNAMIC_RESULT, encodedValue(machine, value));
}

/** The value as it is behind the boundary: a null there is the type's zero, what is no such value reverts. */
function fitted(machine: Machine, type: BoundaryType, value: Value): Value {
  if (type.isEncoded) return value;
  return fromAbi(machine.meter, type, toAbi(machine, type, value));
}

function callFallback(machine: Machine, calldata: Uint8Array): Uint8Array {
  const { fallback } = machine.program;
  if (fallback === undefined) throw silentRevert();
  refuseValue(machine, fallback);
  machine.meter.chargeBytes(calldata.length);
  const result = enter(machine, fallback, fallback.parameterCount === 0 ? [] : [calldata]);
  if (fallback.resultType === undefined) return EMPTY_BYTES;
  return toAbi(machine, fallback.resultType, result) as Uint8Array;
}

function refuseValue({ context }: Machine, { isPayable }: ProgramAction): void {
  if (context.value > 0n && !isPayable) throw silentRevert();
}

/** Runs an action that a call leads to. */
function enter(machine: Machine, action: ProgramAction, parameters: readonly Value[]): Value {
  machine.isStatic ||= action.isView;
  if (machine.isReentrant && !machine.isStatic) throw revertWith('reentrant call');
  return interpret(machine, action, parameters);
}

function decodeParameters(
  { meter }: Machine,
  types: readonly BoundaryType[],
  data: Uint8Array,
  trailing: 'ignore' | 'refuse',
): Value[] {
  meter.chargeBytes(data.length);
  let values: readonly AbiValue[];
  try {
    values = decodeAbi(types.map(abiOf), data, trailing);
  } catch (error) {
    if (isLucernaError(error)) throw silentRevert();
    throw error;
  }
  return types.map((type, index) => fromAbi(meter, type, values[index] as AbiValue));
}

function abiOf({ abi }: BoundaryType): AbiType {
  return abi;
}

function encodeResult(machine: Machine, type: BoundaryType, result: Value): Uint8Array {
  const types = [type.abi];
  const values = [toAbi(machine, type, result)];
  const bytes = abiBytes(machine.meter, types, values);
  machine.meter.chargeBytes(bytes);
  const encoded = encodeAbi(types, values);
  assert(encoded.length === bytes, 'what is charged is what is made');
  return encoded;
}

function outcomeOf(
  program: Program,
  calldata: Uint8Array,
  run: VmRun,
  body: (machine: Machine) => Uint8Array,
): VmOutcome {
  const { context, host, calls, gas, schedule, isStatic, isReentrant, tracer } = run;
  assert(Number.isSafeInteger(gas) && gas >= 0, 'gas is a natural number');
  const memory = run.memory ?? { bytes: 0 };
  const held = memory.bytes;
  const meter = new Meter(schedule, gas, memory);
  const statistics = noStatistics();
  const machine: Machine = {
    program,
    context,
    host,
    calls,
    signatures: run.signatures ?? pureSignatureEngine,
    meter,
    calldata,
    isStatic,
    isReentrant,
    checkpoints: [],
    caught: [],
    statistics,
    trace: tracer && program.trace ? new RunTrace(tracer, program.trace) : undefined,
  };
  try {
    const outcome = haltOf(meter, statistics, () => {
      const returnData = body(machine);
      assert(meter.gas >= 0 && meter.gas <= gas, 'a run uses what it is given');
      const { refund } = meter;
      return {
        status: 'success',
        returnData,
        gasLeft: meter.gas,
        refund,
        error: undefined,
        statistics,
      };
    });
    tracer?.end(outcome.gasLeft);
    return outcome;
  } finally {
    // Also where the host has ended the run.
    memory.bytes = held;
  }
}

function haltOf(meter: Meter, statistics: RunStatistics, body: () => VmOutcome): VmOutcome {
  try {
    return body();
  } catch (halt) {
    if (halt instanceof Revert) return reverted(halt, meter.gas, statistics);
    if (halt instanceof Failure) return failed(halt, statistics);
    throw halt;
  }
}

function reverted({ data, reason }: Revert, gasLeft: number, statistics: RunStatistics): VmOutcome {
  const detail = reason?.slice(0, zexusLimits.values.revertReasonChars);
  const error = zexusErrors.create('EXECUTION_REVERTED', detail);
  return { status: 'revert', returnData: data, gasLeft, refund: 0, error, statistics };
}

function failed({ code }: Failure, statistics: RunStatistics): VmOutcome {
  const error = zexusErrors.create(code);
  return { status: 'failure', returnData: EMPTY_BYTES, gasLeft: 0, refund: 0, error, statistics };
}
