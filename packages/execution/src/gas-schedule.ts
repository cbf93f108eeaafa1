import type { RuleParameters } from '@lucerna/protocol';
import type { GasSchedule } from '@lucerna/zexus';

const schedules = new WeakMap<RuleParameters, GasSchedule>();

/** What `rules` say of the gas that the machine counts, in numbers; made once for each rules. */
export function gasScheduleOf(rules: RuleParameters): GasSchedule {
  let schedule = schedules.get(rules);
  if (schedule === undefined) {
    schedule = {
      blake3: Number(rules.gasBlake3),
      blake3Word: Number(rules.gasBlake3Word),
      codeWord: Number(rules.gasCodeWord),
      coldAccount: Number(rules.gasColdAccount),
      coldSlot: Number(rules.gasColdSlot),
      keccak: Number(rules.gasKeccak),
      keccakWord: Number(rules.gasKeccakWord),
      log: Number(rules.gasLog),
      logByte: Number(rules.gasLogByte),
      logTopic: Number(rules.gasLogTopic),
      newAccount: Number(rules.gasNewAccount),
      sha256: Number(rules.gasSha256),
      sha256Word: Number(rules.gasSha256Word),
      signature: Number(rules.gasSignature),
      slotClearRefund: Number(rules.refundSlotClear),
      slotReset: Number(rules.gasSlotReset),
      slotSet: Number(rules.gasSlotSet),
      subCallGasQuotient: Number(rules.subFrameGasQuotient),
      transferValue: Number(rules.gasTransferValue),
      warmRead: Number(rules.gasWarmRead),
      word: Number(rules.gasWord),
    };
    schedules.set(rules, schedule);
  }
  return schedule;
}

/** The most gas that a frame within one which has `gasLeft` may be given (EIP-150). */
export function subFrameGas(gasLeft: number, { subFrameGasQuotient }: RuleParameters): number {
  return gasLeft - Number(BigInt(gasLeft) / subFrameGasQuotient);
}
