import { decodeRevert } from '@lucerna/protocol';
import { apiLimits } from '../limits.ts';

/** Solidity's panic codes, in the words that geth and ethers use for them. */
const PANIC_REASONS: Readonly<Record<string, string>> = {
  '0': 'generic panic',
  '1': 'assert(false)',
  '17': 'arithmetic underflow or overflow',
  '18': 'division or modulo by zero',
  '33': 'enum overflow',
  '34': 'invalid encoded storage byte array accessed',
  '49': 'out-of-bounds array access; popping on an empty array',
  '50': 'out-of-bounds access of an array or bytesN',
  '65': 'out of memory',
  '81': 'uninitialized function',
};

/**
 * What revert data says in words, for the message of an error: the string of an `Error(string)`, or
 * the meaning of a `Panic(uint256)`. Undefined for custom errors, for nothing and for what is not
 * properly encoded (Solidity ABI, contract-abi-spec "Errors").
 */
export function decodeRevertReason(data: Uint8Array): string | undefined {
  const reason = decodeRevert(data);
  switch (reason.kind) {
    case 'error':
      return reason.message.slice(0, apiLimits.values.revertReasonChars);
    case 'panic':
      return (
        PANIC_REASONS[String(reason.code)] ?? `unknown panic code: 0x${reason.code.toString(16)}`
      );
    default:
      return undefined;
  }
}
