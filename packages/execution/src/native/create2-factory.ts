import { type NativeRun, Revert } from './native-run.ts';

const SALT_BYTES = 32;

/**
 * The factory at 0x4e59…956C, with which tools deploy a contract at the same address on every chain:
 * calldata are a salt and init data, the result is the address in 20 bytes, and value goes to the new
 * contract. Reverts without data when the creation fails.
 */
export function create2Factory(calldata: Uint8Array, run: NativeRun): Uint8Array {
  if (calldata.length < SALT_BYTES) throw new Revert();
  const salt = calldata.subarray(0, SALT_BYTES);
  const { status, address } = run.create2(salt, calldata.subarray(SALT_BYTES), run.context.value);
  if (status === 0) throw new Revert();
  return address;
}
