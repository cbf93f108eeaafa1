import { EMPTY_BYTES, type LucernaError } from '@lucerna/base';
import { zexusErrors } from '@lucerna/zexus';
import type { EngineRun } from '../engine.ts';
import { executionErrors } from '../errors.ts';
import { gasScheduleOf, subFrameGas } from '../gas-schedule.ts';
import type { FrameOutcome } from '../outcome.ts';

/** Ends a native run, and takes it back: what is left of the gas stays. Not an Error, as `Failure`. */
export class Revert {
  readonly data: Uint8Array;

  constructor(data: Uint8Array = EMPTY_BYTES) {
    this.data = data;
  }
}

/** Ends a native run: all its gas is gone. Not an Error, so that nothing else is taken for it. */
export class Failure {
  readonly error: LucernaError;

  constructor(error: LucernaError) {
    this.error = error;
  }
}

const WORD_BYTES = 32;

/** One call of a native contract: its circumstances, and what it spends on what it does. */
export class NativeRun {
  readonly context: EngineRun['context'];
  readonly block: EngineRun['block'];
  readonly #run: EngineRun;
  readonly #schedule: ReturnType<typeof gasScheduleOf>;
  #gasLeft: number;
  #refund = 0;
  #resultWords = 0;

  constructor(run: EngineRun) {
    this.context = run.context;
    this.block = run.block;
    this.#run = run;
    this.#schedule = gasScheduleOf(run.rules);
    this.#gasLeft = run.gas;
  }

  get gasLeft(): number {
    return this.#gasLeft;
  }

  /** Of all frames within this one. */
  get refund(): number {
    return this.#refund;
  }

  /** Charges for the call of the contract itself. */
  begin(calldata: Uint8Array): void {
    this.#charge(Number(this.#run.rules.gasNative));
    this.#chargeCopy(calldata);
  }

  /** Wei of an account. */
  balance(address: Uint8Array): bigint {
    this.#chargeAccount(address);
    return this.#run.host.balance(address);
  }

  /** Calls an account with as much gas as the rules allow. */
  call(to: Uint8Array, value: bigint, data: Uint8Array): FrameOutcome {
    const { frames } = this.#run;
    this.#chargeCopy(data);
    this.#chargeAccount(to);
    if (value > 0n) {
      this.#charge(this.#schedule.transferValue);
      if (frames.isDead(to)) this.#charge(this.#schedule.newAccount);
    }
    return this.#within((gas) =>
      frames.call({ to, value, data, gas, isStatic: false, isDelegate: false }),
    );
  }

  /** Creates a contract with as much gas as the rules allow (EIP-1014). */
  create2(
    salt: Uint8Array,
    initData: Uint8Array,
    value: bigint,
  ): FrameOutcome & { readonly address: Uint8Array } {
    const { frames, rules } = this.#run;
    const { keccak, keccakWord } = this.#schedule;
    this.#chargeCopy(initData);
    this.#charge(Number(rules.gasCreation) + keccak + keccakWord * wordsOf(initData));
    return this.#within((gas) => frames.create2({ salt, initData, value, gas }));
  }

  /** Charges for room in the result: like memory of Ethereum's machine, more for each further word. */
  reserve(bytes: number): void {
    const { nativeMemoryQuotient, maxNativeResultBytes } = this.#run.rules;
    const words = this.#resultWords + Math.ceil(bytes / WORD_BYTES);
    if (BigInt(words * WORD_BYTES) > maxNativeResultBytes) {
      throw new Failure(executionErrors.create('NATIVE_RESULT_LIMIT'));
    }
    const quotient = Number(nativeMemoryQuotient);
    const gasOf = (count: number): number =>
      this.#schedule.word * count + Math.floor((count * count) / quotient);
    this.#charge(gasOf(words) - gasOf(this.#resultWords));
    this.#resultWords = words;
  }

  #within<T extends FrameOutcome>(begin: (gas: number) => T): T {
    const gas = subFrameGas(this.#gasLeft, this.#run.rules);
    this.#gasLeft -= gas;
    const outcome = begin(gas);
    this.#gasLeft += Number(outcome.gasLeft);
    this.#refund += Number(outcome.refund);
    return outcome;
  }

  #chargeAccount(address: Uint8Array): void {
    const { coldAccount, warmRead } = this.#schedule;
    this.#charge(this.#run.host.accessAddress(address) ? coldAccount : warmRead);
  }

  #chargeCopy(data: Uint8Array): void {
    this.#charge(this.#schedule.word * wordsOf(data));
  }

  #charge(gas: number): void {
    if (gas > this.#gasLeft) throw new Failure(zexusErrors.create('OUT_OF_GAS'));
    this.#gasLeft -= gas;
  }
}

function wordsOf(data: Uint8Array): number {
  return Math.ceil(data.length / WORD_BYTES);
}
