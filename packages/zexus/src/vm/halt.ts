import { EMPTY_BYTES } from '@lucerna/base';
import { decodeRevert, encodeErrorString, encodePanic } from '@lucerna/protocol';
import type { Value } from './value.ts';

/**
 * Why a run failed without a word of the contract: all gas is gone. The names are codes of
 * `zexusErrors`.
 */
export type FailureCode = 'CALL_DEPTH' | 'OUT_OF_GAS' | 'STATIC_WRITE';

/**
 * Ends a run from anywhere within; `call` and `construct` make an outcome of it, nothing else may
 * catch it. Not an Error, so that what the host throws is never taken for the contract's failure.
 */
export type Halt = Revert | Failure;

/** The contract takes everything back and says why; what is left of the gas stays. */
export class Revert {
  readonly data: Uint8Array;
  /** `data` in words, when it is more than nothing. */
  readonly reason: string | undefined;
  /** What a handler is given; undefined: what {@link caughtValue} makes of the rest. */
  readonly thrown: Value | undefined;

  constructor(data: Uint8Array, reason: string | undefined, thrown?: Value) {
    this.data = data;
    this.reason = reason;
    this.thrown = thrown;
  }
}

/** The run cannot go on; all gas is gone. */
export class Failure {
  readonly code: FailureCode;

  constructor(code: FailureCode) {
    this.code = code;
  }
}

/** Codes of `Panic(uint256)`, those of Solidity. */
export const PANIC = {
  /** An operation on a value of the wrong kind. */
  kind: 0x01,
  /** A result beyond ±(2²⁵⁶ − 1), or beyond the type that takes it. */
  overflow: 0x11,
  /** Division or modulo by zero. */
  division: 0x12,
  /** A word in the state that no value has: a tool has written it. */
  storage: 0x22,
  /** A place beyond the end of a list is written. */
  index: 0x32,
  /** A value beyond the limit of its length or nesting, or too much of them in one run. */
  allocation: 0x41,
  /** A call of what is no function or method, or with another number of arguments. */
  call: 0x51,
} as const;

type PanicCode = (typeof PANIC)[keyof typeof PANIC];

const PANIC_TEXTS: Readonly<Record<PanicCode, string>> = {
  [PANIC.kind]: 'value of the wrong kind',
  [PANIC.overflow]: 'arithmetic overflow',
  [PANIC.division]: 'division by zero',
  [PANIC.storage]: 'damaged value in the state',
  [PANIC.index]: 'index out of range',
  [PANIC.allocation]: 'value too long or nested too deep',
  [PANIC.call]: 'no such function',
};

/** A failed check of the language: reverts with `Panic(code)`. */
export function panic(code: PanicCode): Revert {
  return new Revert(PANIC_DATA.get(code) ?? encodePanic(code), PANIC_TEXTS[code]);
}

/** Encoded once: failures that are caught in a loop are as many as its rounds. */
const PANIC_DATA: ReadonlyMap<number, Uint8Array> = new Map(
  Object.values(PANIC).map((code) => [code, encodePanic(code)]),
);

/** A failed check of the contract: reverts with `Error(message)`. */
export function revertWith(message: string): Revert {
  return new Revert(encodeErrorString(message), message);
}

/** A revert that says nothing, such as that of a call to an unknown function. */
export function silentRevert(): Revert {
  return new Revert(EMPTY_BYTES, undefined);
}

/** `throw value`: reverts with `Error(text)` when nothing catches it. */
export function thrown(value: Value, text: string): Revert {
  return new Revert(encodeErrorString(text), text, value);
}

/**
 * What a handler is given: the thrown value; else the reason as text, the empty one when there is none;
 * the data of a revert that is neither, of another contract, as bytes.
 */
export function caughtValue({ thrown: value, reason, data }: Revert): Value {
  if (value !== undefined) return value;
  if (reason !== undefined) return reason;
  return data.length === 0 ? '' : data;
}

/** The revert of another contract, passed on. `data` must be the run's own. */
export function foreignRevert(data: Uint8Array): Revert {
  const decoded = decodeRevert(data);
  if (decoded.kind === 'error') return new Revert(data, decoded.message);
  if (decoded.kind !== 'panic') return new Revert(data, undefined);
  const text = Object.entries(PANIC_TEXTS).find(([code]) => BigInt(code) === decoded.code)?.[1];
  return new Revert(data, text ?? `panic ${decoded.code}`);
}
