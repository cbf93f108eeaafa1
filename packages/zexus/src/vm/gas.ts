import { equalBytes } from '@lucerna/base';

/**
 * What the machine charges beyond the fixed costs of the opcodes, in gas. State follows EIP-2929,
 * EIP-2200 and EIP-3529; consensus may change each number by height.
 */
export type GasSchedule = {
  /** First access to a slot in a transaction, read or write. */
  readonly coldSlot: number;
  /** Any later access to a slot or an account; a write that changes nothing. */
  readonly warmRead: number;
  /** Write that makes an original zero something else. */
  readonly slotSet: number;
  /** First write of another value to a slot that was not zero; without the cold access. */
  readonly slotReset: number;
  /** Refund for a slot that becomes zero. */
  readonly slotClearRefund: number;
  /** First access to an account in a transaction. */
  readonly coldAccount: number;
  /** `transfer` of more than zero wei. */
  readonly transferValue: number;
  /** `transfer` of more than zero wei to an account that has none. */
  readonly newAccount: number;
  readonly log: number;
  readonly logTopic: number;
  /** A byte of a log's data. */
  readonly logByte: number;
  readonly keccak: number;
  /** 32 bytes, or part of them, under Keccak-256. */
  readonly keccakWord: number;
  readonly sha256: number;
  readonly sha256Word: number;
  readonly blake3: number;
  /** 32 bytes, or part of them, under BLAKE3. */
  readonly blake3Word: number;
  /** Checking a signature of ECDSA, or finding its key. */
  readonly signature: number;
  /**
   * 32 bytes, or part of them, of a string or of bytes that an instruction reads or makes; an
   * operation on integers beyond ±(2⁵³ − 1).
   */
  readonly word: number;
  /** 32 bytes of code, or part of them, that are loaded to look at their state schema. */
  readonly codeWord: number;
  /** A call gets at most all gas that is left but this part of it (EIP-150). */
  readonly subCallGasQuotient: number;
};

/** The numbers of the first rules. */
export const INITIAL_GAS: GasSchedule = {
  coldSlot: 2_100,
  warmRead: 100,
  slotSet: 20_000,
  slotReset: 2_900,
  slotClearRefund: 4_800,
  coldAccount: 2_600,
  transferValue: 9_000,
  newAccount: 25_000,
  log: 375,
  logTopic: 375,
  logByte: 8,
  keccak: 30,
  keccakWord: 6,
  sha256: 60,
  sha256Word: 12,
  blake3: 60,
  blake3Word: 12,
  signature: 3_000,
  word: 3,
  codeWord: 32,
  subCallGasQuotient: 64,
};

/** Gas and refund of writing a slot, without what a cold access costs. */
export type StoreCost = { readonly gas: number; readonly refund: number };

/**
 * Net gas metering of EIP-2200 with the numbers of EIP-2929 and EIP-3529: what it costs to make a
 * slot `next` that is `current` now and was `original` before the transaction. The rule of EIP-2200
 * about the stipend of 2,300 gas does not apply: there are no stipends.
 */
export function storeCost(
  schedule: GasSchedule,
  original: Uint8Array,
  current: Uint8Array,
  next: Uint8Array,
): StoreCost {
  const { warmRead, slotSet, slotReset, slotClearRefund } = schedule;
  if (equalBytes(current, next)) return { gas: warmRead, refund: 0 };
  const wasZero = isZero(original);
  if (equalBytes(current, original)) {
    if (wasZero) return { gas: slotSet, refund: 0 };
    return { gas: slotReset, refund: isZero(next) ? slotClearRefund : 0 };
  }
  let refund = 0;
  if (!wasZero) {
    if (isZero(current)) refund -= slotClearRefund;
    else if (isZero(next)) refund += slotClearRefund;
  }
  if (equalBytes(next, original)) refund += (wasZero ? slotSet : slotReset) - warmRead;
  return { gas: warmRead, refund };
}

function isZero(word: Uint8Array): boolean {
  for (let index = 0; index < word.length; index += 1) if (word[index] !== 0) return false;
  return true;
}
