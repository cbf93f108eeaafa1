import { toHex } from '@lucerna/base';
import { decodeRevert, PANIC_CODES } from '@lucerna/protocol';
import { printable } from './printable.ts';

const PANIC_TEXTS: ReadonlyMap<bigint, string> = new Map([
  [BigInt(PANIC_CODES.assertion), 'a value of the wrong kind, or a failed assertion'],
  [BigInt(PANIC_CODES.arithmetic), 'an integer out of range'],
  [BigInt(PANIC_CODES.divisionByZero), 'division by zero'],
  [BigInt(PANIC_CODES.index), 'an index out of range'],
]);

/** What a reverted call says about why, in words. */
export function describeRevert(data: Uint8Array): string {
  const reason = decodeRevert(data);
  switch (reason.kind) {
    case 'empty':
      return 'no reason given';
    case 'error':
      return printable(reason.message);
    case 'panic': {
      const code = `0x${reason.code.toString(16).padStart(2, '0')}`;
      return `panic ${code}, ${PANIC_TEXTS.get(reason.code) ?? 'of an unknown kind'}`;
    }
    case 'custom':
      return printable(`custom error ${toHex(reason.selector)} with ${toHex(reason.arguments)}`);
    case 'unknown':
      return printable(`data ${toHex(reason.data)}`);
  }
}
