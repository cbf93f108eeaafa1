import { zexusLimits } from '../limits.ts';
import type { GasSchedule } from './gas.ts';
import { Failure, PANIC, panic } from './halt.ts';

/** Bytes for which `word` and `keccakWord` are charged once. */
const WORD_BYTES = 32;

/** What the runs of a transaction hold that wait for each other, as {@link Meter} counts it. */
export type RunMemory = { bytes: number };

/** Bytes that things take beside what is in them: those of V8, where all of them are objects. */
const HELD_BYTES = { item: 32, entry: 128, list: 64, map: 288, function: 64, bytes: 256 } as const;

/** Gas and refund of one run. Charges come before the work that they pay for. */
export class Meter {
  readonly schedule: GasSchedule;
  /** What is left; below zero only while the failure that this is makes its way out. */
  gas: number;
  /** Below zero when a refund of an earlier call in the transaction is taken back (EIP-2200). */
  refund = 0;
  /** Gas that those hold who have called actions with a limit; it is not in `gas`. */
  #aside = 0;
  /** With the bytes of strings, byte strings and containers that the run has read or made so far. */
  readonly #memory: RunMemory;

  /** @param memory shared by the runs that wait for this one; whoever starts it puts it back */
  constructor(schedule: GasSchedule, gas: number, memory: RunMemory = { bytes: 0 }) {
    this.schedule = schedule;
    this.gas = gas;
    this.#memory = memory;
  }

  /** All that is left, also what the limits of actions hold back. */
  get total(): number {
    return this.gas + this.#aside;
  }

  /** Counts gas that is held back while an action with a limit runs; the caller takes it from `gas`. */
  setAside(gas: number): number {
    this.#aside += gas;
    return gas;
  }

  /** The action has ended: what was held back is for the caller to add to `gas` again. */
  takeBack(gas: number): number {
    this.#aside -= gas;
    return gas;
  }

  /** @throws `Failure` OUT_OF_GAS */
  charge(gas: number): void {
    this.gas -= gas;
    if (this.gas < 0) throw new Failure('OUT_OF_GAS');
  }

  /**
   * For `bytes` of a string or of bytes that an instruction reads or makes. Gas alone would let a
   * block with a high limit hold gigabytes, so a run has a bound on them besides.
   *
   * @param paid for how many of them `chargeReading` has charged
   * @throws `Failure` OUT_OF_GAS, `Revert` Panic 0x41
   */
  chargeBytes(bytes: number, paid: number = 0): void {
    this.chargeReading(bytes, paid);
    this.#make(bytes);
  }

  /**
   * For `count` items that an instruction makes or copies: each is a word of gas, and 32 of the bytes that
   * a run may make.
   *
   * @throws `Failure` OUT_OF_GAS, `Revert` Panic 0x41
   */
  chargeItems(count: number): void {
    this.charge(this.schedule.word * count);
    this.#make(HELD_BYTES.item * count);
  }

  /** The same for entries of maps in memory, each of which takes more of it. */
  chargeEntries(count: number): void {
    this.charge(this.schedule.word * count);
    this.#make(HELD_BYTES.entry * count);
  }

  /**
   * Counts something that is made among what a run may make: the gas for it is that of the instruction and
   * of what is in it.
   *
   * @throws `Revert` Panic 0x41
   */
  hold(kind: keyof typeof HELD_BYTES): void {
    this.#make(HELD_BYTES[kind]);
  }

  /** For `count` items or entries that an instruction only looks at. @throws `Failure` OUT_OF_GAS */
  chargeVisits(count: number): void {
    this.charge(this.schedule.word * count);
  }

  /**
   * For `bytes` that an instruction only looks at, such as those of a key.
   *
   * @param paid for how many of them it has been called before
   * @throws `Failure` OUT_OF_GAS
   */
  chargeReading(bytes: number, paid: number = 0): void {
    const words = Math.ceil(bytes / WORD_BYTES) - Math.ceil(paid / WORD_BYTES);
    this.charge(this.schedule.word * words);
  }

  /**
   * Before `bytes` are looked at to find out what they cost, which is not less than reading them: a
   * failure for want of gas may be caught (`limit`), and what it looked at is then paid by nobody.
   *
   * @throws `Failure` OUT_OF_GAS
   */
  requireReading(bytes: number): void {
    if (this.gas < this.schedule.word * Math.ceil(bytes / WORD_BYTES)) {
      throw new Failure('OUT_OF_GAS');
    }
  }

  chargeKeccak(bytes: number): void {
    this.charge(this.schedule.keccak + this.schedule.keccakWord * Math.ceil(bytes / WORD_BYTES));
  }

  #make(bytes: number): void {
    const memory = this.#memory;
    memory.bytes += bytes;
    if (memory.bytes > zexusLimits.values.runTextBytes) throw panic(PANIC.allocation);
  }
}
