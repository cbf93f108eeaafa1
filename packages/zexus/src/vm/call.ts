import {
  assert,
  EMPTY_BYTES,
  isLucernaError,
  type LucernaError,
  rangeToBigInt,
} from '@lucerna/base';
import { type AbiValue, decodeAbi, encodeAbi, SELECTOR_BYTES } from '@lucerna/protocol';
import { zexusErrors } from '../errors.ts';
import { zexusLimits } from '../limits.ts';
import { abiBytes, fromAbi, toAbi } from './boundary.ts';
import type { GasSchedule } from './gas.ts';
import { Failure, Revert, silentRevert } from './halt.ts';
import type { CallContext, HostState } from './host.ts';
import { interpret } from './interpreter.ts';
import type { Machine } from './machine.ts';
import { Meter } from './meter.ts';
import type { Program, ProgramAction } from './program.ts';
import { RunTrace } from './run-trace.ts';
import type { VmTracer } from './tracer.ts';
import type { Value } from './value.ts';

/** Everything around a run. */
export type VmRun = {
  readonly context: CallContext;
  readonly host: HostState;
  /** What the run may use at most: a natural number. */
  readonly gas: number;
  readonly schedule: GasSchedule;
  /** A write ends the run. */
  readonly isStatic: boolean;
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
};

/**
 * Calls the function that the first four bytes of `calldata` select. Reverts without data when there
 * is no such function, when its arguments are not properly encoded (bytes behind them are not looked
 * at, as everywhere on Ethereum), and when value comes that it does not take.
 */
export function call(program: Program, calldata: Uint8Array, run: VmRun): VmOutcome {
  return outcomeOf(program, run, (machine) => {
    if (calldata.length < SELECTOR_BYTES) throw silentRevert();
    const selector = Number(rangeToBigInt(calldata, 0, SELECTOR_BYTES));
    const action = program.functions.get(selector);
    if (action === undefined) throw silentRevert();
    const result = enter(machine, action, argumentsOf(calldata), 'ignore');
    return encodeResult(machine, action, result);
  });
}

/**
 * Runs what the contract does at its deployment with its encoded arguments, to the last byte: initial
 * values, then `init`. A contract without either takes no arguments and no value.
 */
export function construct(program: Program, data: Uint8Array, run: VmRun): VmOutcome {
  return outcomeOf(program, run, (machine) => {
    const { init } = program;
    if (init !== undefined) enter(machine, init, data, 'refuse');
    else if (data.length > 0 || run.context.value > 0n) throw silentRevert();
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

/** Runs an action with encoded arguments. */
function enter(
  machine: Machine,
  action: ProgramAction,
  data: Uint8Array,
  trailing: 'ignore' | 'refuse',
): Value {
  if (machine.context.value > 0n && !action.isPayable) throw silentRevert();
  machine.meter.chargeBytes(data.length);
  const parameters = decodeParameters(action, data, trailing);
  machine.isStatic ||= action.isView;
  return interpret(machine, action, parameters);
}

function decodeParameters(
  { parameterTypes }: ProgramAction,
  data: Uint8Array,
  trailing: 'ignore' | 'refuse',
): Value[] {
  try {
    const values = decodeAbi(parameterTypes, data, trailing);
    return parameterTypes.map((type, index) => fromAbi(type, values[index] as AbiValue));
  } catch (error) {
    if (isLucernaError(error)) throw silentRevert();
    throw error;
  }
}

function encodeResult(
  { meter }: Machine,
  { resultType }: ProgramAction,
  result: Value,
): Uint8Array {
  if (resultType === undefined) return EMPTY_BYTES;
  const types = [resultType];
  const values = [toAbi(resultType, result)];
  const bytes = abiBytes(types, values);
  meter.chargeBytes(bytes);
  const encoded = encodeAbi(types, values);
  assert(encoded.length === bytes, 'what is charged is what is made');
  return encoded;
}

function outcomeOf(
  program: Program,
  run: VmRun,
  body: (machine: Machine) => Uint8Array,
): VmOutcome {
  const { context, host, gas, schedule, isStatic, tracer } = run;
  assert(Number.isSafeInteger(gas) && gas >= 0, 'gas is a natural number');
  const meter = new Meter(schedule, gas);
  const trace = tracer && program.trace ? new RunTrace(tracer, program.trace) : undefined;
  const outcome = haltOf(meter, () => {
    const returnData = body({ program, context, host, meter, isStatic, trace });
    assert(meter.gas >= 0 && meter.gas <= gas, 'a run uses what it is given');
    const { refund } = meter;
    return { status: 'success', returnData, gasLeft: meter.gas, refund, error: undefined };
  });
  tracer?.end(outcome.gasLeft);
  return outcome;
}

function haltOf(meter: Meter, body: () => VmOutcome): VmOutcome {
  try {
    return body();
  } catch (halt) {
    if (halt instanceof Revert) return reverted(halt, meter.gas);
    if (halt instanceof Failure) return failed(halt);
    throw halt;
  }
}

function reverted({ data, reason }: Revert, gasLeft: number): VmOutcome {
  const detail = reason?.slice(0, zexusLimits.values.revertReasonChars);
  const error = zexusErrors.create('EXECUTION_REVERTED', detail);
  return { status: 'revert', returnData: data, gasLeft, refund: 0, error };
}

function failed({ code }: Failure): VmOutcome {
  const error = zexusErrors.create(code);
  return { status: 'failure', returnData: EMPTY_BYTES, gasLeft: 0, refund: 0, error };
}
