import { isInteger, MAX_INTEGER } from './arithmetic.ts';
import {
  type BuiltinBody,
  requireAddress,
  requireInteger,
  requireKey,
} from './builtin-arguments.ts';
import { PANIC, panic, revertWith } from './halt.ts';
import { requireCompatibleLayout } from './layout-registry.ts';
import { type Machine, requireWritable } from './machine.ts';
import { ledgerGet, ledgerLength, readNamed, writeNamed } from './state-containers.ts';
import { Address, integer, type Value } from './value.ts';

/** Builtins of balances, of accounts, and of state that no variable declares. */
export const LEDGER_BODIES: Readonly<Record<string, BuiltinBody>> = {
  balance_of: (machine, account) => {
    const address = requireAddress(account);
    chargeAccount(machine, address);
    return integer(machine.host.balance(address));
  },
  transfer,
  is_contract: (machine, account) => {
    const address = requireAddress(account);
    chargeAccount(machine, address);
    return machine.calls.hasCode(address);
  },
  require_layout: (machine, account) => {
    requireWritable(machine);
    const address = requireAddress(account);
    chargeAccount(machine, address);
    if (!machine.calls.hasCode(address)) throw revertWith('no contract at the address');
    requireCompatibleLayout(machine, address);
    return true;
  },
  state_read: (machine, key) => readNamed(machine, requireKey(key)),
  state_write: (machine, key, value) => {
    writeNamed(machine, requireKey(key), value);
    return null;
  },
  ledger_get: (machine, index) => ledgerGet(machine, requireInteger(index)),
  ledger_length: (machine) => ledgerLength(machine),
};

/** Builtins of the call and of the block around it. */
export const CONTEXT_BODIES: Readonly<Record<string, BuiltinBody>> = {
  time: ({ context }) => context.timestamp,
  now: ({ context }) => context.timestamp,
  block_number: ({ context }) => context.height,
  block_hash: ({ context }) => context.parentHash,
  coinbase: ({ context }) => new Address(context.coinbase),
  gas_limit: ({ context }) => integer(context.blockGasLimit),
  gas_price: ({ context }) => integer(context.gasPrice),
  chain_id: ({ context }) => integer(context.chainId),
  caller: ({ context }) => new Address(context.caller),
  origin: ({ context }) => new Address(context.origin),
  self_address: ({ context }) => new Address(context.address),
};

/**
 * Wei of the contract to an account. True, or a revert: a result that says no would be ignored. It
 * runs no code of the receiver.
 */
function transfer(machine: Machine, to: Value, value: Value): Value {
  requireWritable(machine);
  const { meter, host } = machine;
  const address = requireAddress(to);
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
