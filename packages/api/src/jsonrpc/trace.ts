import { assert, toHex, toQuantity } from '@lucerna/base';
import type {
  BlockOverrides,
  CallTrace,
  JsonObject,
  JsonValue,
  SourceLocation,
  StateOverride,
  TraceStep,
  TransactionTrace,
} from '@lucerna/protocol';
import { apiErrors } from '../errors.ts';
import type { TraceOptions } from '../node-api.ts';
import { blockOverrides, stateOverrides } from './call-overrides.ts';
import { looseQuantity, toSafeNumber } from './forms.ts';
import { flag, formError, objectOf, type ParamSchema } from './params.ts';
import { decodeRevertReason } from './revert.ts';

/** What of a run is told: its instructions, or the answer of one of geth's tracers. */
const TRACERS = ['', '4byteTracer', 'callTracer', 'noopTracer'] as const;
type Tracer = (typeof TRACERS)[number];

const tracer: ParamSchema<Tracer> = {
  expected: 'callTracer, 4byteTracer, noopTracer, or nothing for the instructions',
  schema: { type: 'string', enum: [...TRACERS] },
  parse: (value, path): Tracer => {
    const known = TRACERS.find((name) => name === value);
    if (known === undefined) throw formError(path, tracer.expected, value);
    return known;
  },
};

const limit: ParamSchema<number> = {
  ...looseQuantity,
  parse: (value, path): number => toSafeNumber(looseQuantity.parse(value, path)),
};

/** How a run is to be told: the fields of geth's TraceConfig that have a meaning here. */
export type TraceRequest = {
  /** Nothing or the empty string: the instructions. */
  readonly tracer?: Tracer;
  readonly tracerConfig?: { readonly onlyTopCall?: boolean; readonly withLog?: boolean };
  /** No operands. */
  readonly disableStack?: boolean;
  /** Instructions in the answer; 0 stands for all. */
  readonly limit?: number;
};

/** The same for a call, with what it is to find different. */
export type TraceCallRequest = TraceRequest & {
  readonly stateOverrides?: readonly StateOverride[];
  readonly blockOverrides?: BlockOverrides;
};

const fields = {
  tracer,
  tracerConfig: objectOf({ onlyTopCall: flag, withLog: flag }),
  disableStack: flag,
  limit,
};

/** Argument of the `debug_trace…` methods. */
export const traceRequest: ParamSchema<TraceRequest> = objectOf(fields);

/** Argument of `debug_traceCall`. */
export const traceCallRequest: ParamSchema<TraceCallRequest> = objectOf({
  ...fields,
  stateOverrides,
  blockOverrides,
});

/** What a node has to record for a request. */
export function traceOptions({ tracer: name = '', disableStack }: TraceRequest): TraceOptions {
  return name === '' ? { steps: true, stack: disableStack !== true } : {};
}

/** A run in the shape of geth's tracers. */
export function formatTrace(trace: TransactionTrace, request: TraceRequest): JsonObject {
  switch (request.tracer ?? '') {
    case 'callTracer':
      return {
        ...formatCall(trace.calls, request.tracerConfig ?? {}, false),
        ...(trace.isTruncated ? { truncated: true } : {}),
      };
    case '4byteTracer':
      return countSelectors(trace.calls);
    case 'noopTracer':
      return {};
    default:
      return formatSteps(trace, request);
  }
}

/**
 * The runs of a block. @throws `TRACE_TOO_LARGE` when they have more instructions than the node takes
 * down for one answer, and the missing ones were asked for
 */
export function formatBlockTrace(
  traces: readonly TransactionTrace[],
  request: TraceRequest,
): readonly JsonValue[] {
  const { tracer: name = '', limit: max = 0 } = request;
  const isShort = ({ steps }: TransactionTrace): boolean =>
    steps?.isTruncated === true && (max === 0 || steps.steps.length < max);
  if (name === '' && traces.some(isShort)) throw apiErrors.create('TRACE_TOO_LARGE');
  return traces.map((trace) => ({
    txHash: trace.transactionHash === undefined ? null : toHex(trace.transactionHash),
    result: formatTrace(trace, request),
  }));
}

const CALL_TYPES: Readonly<Record<CallTrace['kind'], string>> = {
  call: 'CALL',
  static: 'STATICCALL',
  delegate: 'DELEGATECALL',
  create: 'CREATE',
  create2: 'CREATE2',
  transfer: 'CALL',
};

/** geth's name of what a frame is; value that a contract has sent is a call to it. */
export function callType({ kind }: CallTrace): string {
  return CALL_TYPES[kind];
}

/** True for a frame that makes a contract. */
export function isCreation({ kind }: CallTrace): boolean {
  return kind === 'create' || kind === 'create2';
}

/** True for a frame that has left nothing. */
export function hasLeftNothing({ error, isTakenBack }: CallTrace): boolean {
  return error !== undefined || isTakenBack === true;
}

/**
 * A frame as geth's callTracer shows it, with one field more: `location`, the line of the source
 * that failed. Logs of what has failed or was taken back are left out, as are those of everything it had
 * called.
 */
function formatCall(
  call: CallTrace,
  config: NonNullable<TraceRequest['tracerConfig']>,
  isUndone: boolean,
): JsonObject {
  const failed = isUndone || hasLeftNothing(call);
  const calls = config.onlyTopCall === true ? [] : call.calls;
  const logs = config.withLog === true && !failed ? call.logs : [];
  return {
    from: toHex(call.from),
    gas: toQuantity(call.gas),
    gasUsed: toQuantity(call.gasUsed),
    ...(isCreation(call) && call.error !== undefined ? {} : { to: toHex(call.to) }),
    input: toHex(call.input),
    ...(call.output.length === 0 ? {} : { output: toHex(call.output) }),
    ...formatFailure(call),
    ...(calls.length === 0 ? {} : { calls: calls.map((each) => formatCall(each, config, failed)) }),
    ...(logs.length === 0
      ? {}
      : {
          logs: logs.map(({ address, topics, data }) => ({
            address: toHex(address),
            topics: topics.map(toHex),
            data: toHex(data),
          })),
        }),
    ...(call.kind === 'static' ? {} : { value: toQuantity(call.value) }),
    type: callType(call),
  };
}

function formatFailure({ error, output, location }: CallTrace): JsonObject {
  if (error === undefined) return {};
  const isRevert = error.code === 'CALL_REVERTED';
  const reason = isRevert ? decodeRevertReason(output) : undefined;
  return {
    error: isRevert ? 'execution reverted' : error.message,
    ...(reason === undefined ? {} : { revertReason: reason }),
    ...(location === undefined ? {} : { location: formatLocation(location) }),
  };
}

function formatLocation({ file, line, column, action }: SourceLocation): JsonObject {
  return { file, line, column, action };
}

/** The shape of geth's struct logger. Operands are not words but values of any length, as text. */
function formatSteps(trace: TransactionTrace, request: TraceRequest): JsonObject {
  const { calls, steps } = trace;
  assert(steps !== undefined, 'the instructions were asked for');
  const shown = shownSteps(trace, request);
  return {
    gas: Number(calls.gasUsed),
    failed: calls.error !== undefined,
    returnValue: toHex(calls.output),
    structLogs: shown.map(formatStep),
    ...(steps.isTruncated || shown.length < steps.steps.length ? { truncated: true } : {}),
  };
}

/** The instructions that an answer has. */
function shownSteps({ steps }: TransactionTrace, request: TraceRequest): readonly TraceStep[] {
  const { tracer: name = '', limit: max = 0 } = request;
  if (name !== '' || steps === undefined) return [];
  return max === 0 ? steps.steps : steps.steps.slice(0, max);
}

function formatStep(step: TraceStep): JsonObject {
  return {
    pc: step.pc,
    op: step.op,
    gas: Number(step.gas),
    gasCost: Number(step.gasCost),
    depth: step.depth,
    ...(step.stack === undefined ? {} : { operands: step.stack }),
    ...(step.error === undefined ? {} : { error: step.error }),
    ...(step.location === undefined ? {} : { location: formatLocation(step.location) }),
  };
}

/** How often each selector was called with how many bytes of arguments, as geth's 4byteTracer. */
function countSelectors(top: CallTrace): JsonObject {
  const counts: Record<string, number> = {};
  const visit = (call: CallTrace): void => {
    if (!isCreation(call) && call.input.length >= 4) {
      const key = `${toHex(call.input.subarray(0, 4))}-${call.input.length - 4}`;
      counts[key] = (counts[key] ?? 0) + 1;
    }
    for (const inner of call.calls) visit(inner);
  };
  visit(top);
  return counts;
}
