import { zexusLimits } from '../limits.ts';
import type { GasSchedule } from './gas.ts';
import { Failure, PANIC, panic } from './halt.ts';

/** Bytes for which `word` and `keccakWord` are charged once. */
const WORD_BYTES = 32;

/** Gas and refund of one run. Charges come before the work that they pay for. */
export class Meter {
  readonly schedule: GasSchedule;
  /** What is left; below zero only while the failure that this is makes its way out. */
  gas: number;
  /** Below zero when a refund of an earlier call in the transaction is taken back (EIP-2200). */
  refund = 0;
  /** Bytes of strings and byte strings that the run has read or made so far. */
  #textBytes = 0;

  constructor(schedule: GasSchedule, gas: number) {
    this.schedule = schedule;
    this.gas = gas;
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
   * @throws `Failure` OUT_OF_GAS, `Revert` Panic 0x41
   */
  chargeBytes(bytes: number): void {
    this.charge(this.schedule.word * Math.ceil(bytes / WORD_BYTES));
    this.#textBytes += bytes;
    if (this.#textBytes > zexusLimits.values.runTextBytes) throw panic(PANIC.allocation);
  }

  chargeKeccak(bytes: number): void {
    this.charge(this.schedule.keccak + this.schedule.keccakWord * Math.ceil(bytes / WORD_BYTES));
  }
}
