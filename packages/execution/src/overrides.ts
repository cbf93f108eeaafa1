import { assert, equalBytes } from '@lucerna/base';
import { EMPTY_KECCAK } from '@lucerna/crypto';
import type { BlockOverrides, StateOverride } from '@lucerna/protocol';
import { EMPTY_ACCOUNT, StateJournal, type StateReader } from '@lucerna/state';
import type { BlockContext } from './context.ts';

/** `context` with what the overrides say instead. Its rules stay: they are the caller's to choose. */
export function overrideContext(context: BlockContext, overrides: BlockOverrides): BlockContext {
  return { ...context, ...overrides };
}

/**
 * `state` with what the overrides say instead of what it has (the third parameter of `eth_call` in
 * go-ethereum). `state` is only read.
 *
 * @throws `BALANCE_OVERFLOW`
 */
export function overrideState(
  state: StateReader,
  overrides: readonly StateOverride[],
): StateReader {
  if (overrides.length === 0) return state;
  const journal = new StateJournal(state);
  applyOverrides(journal, overrides);
  return journal;
}

/**
 * Writes the overrides into `journal`, between two transactions. As everywhere in the state, an account
 * that is left with nothing but storage does not stay.
 *
 * @throws `BALANCE_OVERFLOW`
 */
export function applyOverrides(journal: StateJournal, overrides: readonly StateOverride[]): void {
  for (const override of overrides) applyOverride(journal, override);
  journal.endTransaction();
}

function applyOverride(journal: StateJournal, override: StateOverride): void {
  const { address, balance, nonce, code, state, stateDiff } = override;
  assert(state === undefined || stateDiff === undefined, 'all of the storage, or some slots');
  if (state !== undefined) clearStorage(journal, address);
  if (balance !== undefined) journal.setBalance(address, balance);
  if (nonce !== undefined) journal.setNonce(address, nonce);
  if (code !== undefined) journal.setCode(address, code);
  for (const { slot, word } of state ?? stateDiff ?? []) journal.setStorage(address, slot, word);
}

/** Only with its account does all of a storage go, so the account is made again without it. */
function clearStorage(journal: StateJournal, address: Uint8Array): void {
  const account = journal.account(address) ?? EMPTY_ACCOUNT;
  journal.deleteAccount(address);
  journal.setBalance(address, account.balance);
  journal.setNonce(address, account.nonce);
  if (equalBytes(account.codeHash, EMPTY_KECCAK)) return;
  journal.setCode(address, journal.code(account.codeHash));
}
