import { EMPTY_BYTES } from '@lucerna/base';
import { encodeErrorString, encodePanic } from '@lucerna/protocol';

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

  constructor(data: Uint8Array, reason: string | undefined) {
    this.data = data;
    this.reason = reason;
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
  /** A string or bytes beyond the limit of their length, or too many of them in one run. */
  allocation: 0x41,
} as const;

type PanicCode = (typeof PANIC)[keyof typeof PANIC];

const PANIC_TEXTS: Readonly<Record<PanicCode, string>> = {
  [PANIC.kind]: 'value of the wrong kind',
  [PANIC.overflow]: 'arithmetic overflow',
  [PANIC.division]: 'division by zero',
  [PANIC.storage]: 'damaged value in the state',
  [PANIC.allocation]: 'strings or bytes too long',
};

/** A failed check of the language: reverts with `Panic(code)`. */
export function panic(code: PanicCode): Revert {
  return new Revert(encodePanic(code), PANIC_TEXTS[code]);
}

/** A failed check of the contract: reverts with `Error(message)`. */
export function revertWith(message: string): Revert {
  return new Revert(encodeErrorString(message), message);
}

/** A revert that says nothing, such as that of a call to an unknown function. */
export function silentRevert(): Revert {
  return new Revert(EMPTY_BYTES, undefined);
}
