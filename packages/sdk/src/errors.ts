import { defineErrors, type ErrorRegistry } from '@lucerna/base';

export const sdkErrors: ErrorRegistry<
  'VM_ACTION_UNKNOWN' | 'VM_ARGUMENT_INVALID' | 'VM_CONTRACT_UNKNOWN' | 'VM_SETTING_INVALID'
> = defineErrors('sdk', {
  VM_ACTION_UNKNOWN: {
    summary: 'The contract has no such action',
    remedy: 'Name an action of the contract that is not private, as its source or its ABI has it.',
  },
  VM_ARGUMENT_INVALID: {
    summary: 'The value is none of its type',
    remedy: 'Give integers as bigint or number, addresses and bytes as 0x…, lists as arrays.',
  },
  VM_CONTRACT_UNKNOWN: {
    summary: 'There is no contract of this language at the address',
    remedy: 'Use the address that the deployment has answered.',
  },
  VM_SETTING_INVALID: {
    summary: 'The circumstance of the machine is out of range',
    remedy:
      'Give block number and time as whole numbers that do not go back, amounts that are not negative.',
  },
});
