import { assert } from '@lucerna/base';
import { keccak256, sha256 } from '@lucerna/crypto';
import { encodeUtf8 } from '../utf8.ts';
import { isInteger, MAX_INTEGER } from './arithmetic.ts';
import { BUILTINS } from './builtin-table.ts';
import { PANIC, panic, revertWith } from './halt.ts';
import { type Machine, requireWritable } from './machine.ts';
import { codePoints, meteredText, utf8Bytes } from './text.ts';
import { Address, integer, type Value } from './value.ts';

/** The code of one builtin; it is given as many arguments as the table says. */
type Body = (machine: Machine, first: Value, second: Value) => Value;

const BODIES: Readonly<Record<string, Body>> = {
  string: ({ meter }, value) => meteredText(meter, value),
  len: lengthOf,
  bytes: toBytes,
  hex: ({ meter }, value) => {
    if (!(value instanceof Uint8Array || value instanceof Address)) throw panic(PANIC.kind);
    return meteredText(meter, value);
  },
  keccak256: (machine, value) => {
    machine.meter.chargeKeccak(hashedBytes(value));
    return keccak256(hashInput(value));
  },
  sha256: (machine, value) => {
    const { meter } = machine;
    const words = Math.ceil(hashedBytes(value) / WORD_BYTES);
    meter.charge(meter.schedule.sha256 + meter.schedule.sha256Word * words);
    return sha256(hashInput(value));
  },
  balance_of: (machine, account) => {
    const address = addressOf(account);
    chargeAccount(machine, address);
    return integer(machine.host.balance(address));
  },
  transfer,
  time: ({ context }) => context.timestamp,
  now: ({ context }) => context.timestamp,
  block_number: ({ context }) => context.height,
};

const WORD_BYTES = 32;

/** {@link BODIES} by the position in the table. */
const bodies: readonly Body[] = BUILTINS.map(({ name }) => {
  const body = BODIES[name];
  assert(body !== undefined, `builtin ${name} has a body`);
  return body;
});

/**
 * Runs the builtin at `position` of the table. What it takes is charged here, its base costs are the
 * instruction's.
 *
 * @throws `Revert` Panic 0x01 for an argument of another kind
 */
export function runBuiltin(machine: Machine, position: number, first: Value, second: Value): Value {
  return (bodies[position] as Body)(machine, first, second);
}

function lengthOf({ meter }: Machine, value: Value): Value {
  if (value instanceof Uint8Array) return value.length;
  if (typeof value !== 'string') throw panic(PANIC.kind);
  meter.chargeBytes(utf8Bytes(value));
  return codePoints(value);
}

function toBytes({ meter }: Machine, value: Value): Value {
  if (value instanceof Uint8Array) return value;
  if (value instanceof Address) return value.bytes;
  if (typeof value !== 'string') throw panic(PANIC.kind);
  meter.chargeBytes(utf8Bytes(value));
  return encodeUtf8(value);
}

function hashedBytes(value: Value): number {
  if (value instanceof Uint8Array) return value.length;
  if (typeof value === 'string') return utf8Bytes(value);
  throw panic(PANIC.kind);
}

function hashInput(value: Value): Uint8Array {
  return typeof value === 'string' ? encodeUtf8(value) : (value as Uint8Array);
}

/**
 * Wei of the contract to an account. True, or a revert: a result that says no would be ignored. It
 * runs no code of the receiver.
 */
function transfer(machine: Machine, to: Value, value: Value): Value {
  requireWritable(machine);
  const { meter, host } = machine;
  const address = addressOf(to);
  if (!isInteger(value)) throw panic(PANIC.kind);
  if (value < 0 || value > MAX_INTEGER) throw panic(PANIC.overflow);
  chargeAccount(machine, address);
  if (value !== 0) {
    meter.charge(meter.schedule.transferValue);
    if (host.balance(address) === 0n) meter.charge(meter.schedule.newAccount);
  }
  if (host.transfer(address, BigInt(value))) return true;
  throw revertWith('transfer: insufficient balance');
}

function chargeAccount({ host, meter }: Machine, address: Uint8Array): void {
  const { coldAccount, warmRead } = meter.schedule;
  meter.charge(host.accessAddress(address) ? coldAccount : warmRead);
}

function addressOf(value: Value): Uint8Array {
  if (value instanceof Address) return value.bytes;
  throw panic(PANIC.kind);
}
