import { bytesToBigInt, toHexKey } from '@lucerna/base';
import { apiLimits } from '../limits.ts';

/** Selector of `Error(string)`, which `require` and `revert` produce. */
const ERROR_SELECTOR = '08c379a0';
/** Selector of `Panic(uint256)`, which failed checks of the language produce. */
const PANIC_SELECTOR = '4e487b71';

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
  const selector = toHexKey(data.subarray(0, 4));
  const body = data.subarray(4);
  if (selector === PANIC_SELECTOR && body.length === 32) {
    const code = bytesToBigInt(body);
    return PANIC_REASONS[code.toString()] ?? `unknown panic code: 0x${code.toString(16)}`;
  }
  if (selector !== ERROR_SELECTOR || body.length < 64) return undefined;
  if (bytesToBigInt(body.subarray(0, 32)) !== 32n) return undefined;
  const length = bytesToBigInt(body.subarray(32, 64));
  if (length > BigInt(body.length - 64)) return undefined;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(
      body.subarray(64, 64 + Number(length)),
    );
    return text.slice(0, apiLimits.values.revertReasonChars);
  } catch {
    return undefined;
  }
}
