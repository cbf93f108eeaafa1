import type { StateJournal } from '@lucerna/state';
import type { HostState } from '@lucerna/zexus';
import type { CallTracer } from './trace/tracer.ts';
import type { TransactionScope } from './transaction-scope.ts';

/** The ledger as the contract at `address` sees and changes it during a transaction. */
export function createHostState(
  journal: StateJournal,
  scope: TransactionScope,
  address: Uint8Array,
  tracer: CallTracer | undefined,
): HostState {
  const slots = scope.slotsOf(address);
  const original = (slot: Uint8Array): Uint8Array =>
    slots.original(slot, () => journal.storage(address, slot));
  return {
    accessSlot: (slot) => slots.access(slot),
    accessAddress: (account) => scope.accessAddress(account),
    load: (slot) => journal.storage(address, slot),
    loadOriginal: original,
    store: (slot, word) => {
      // The last moment at which the original word is still to be had.
      original(slot);
      journal.setStorage(address, slot, word);
    },
    balance: (account) => journal.balance(account),
    transfer: (to, value) => {
      if (value > journal.balance(address)) return false;
      journal.transfer(address, to, value);
      scope.involve(to);
      tracer?.transfer(address, to, value);
      return true;
    },
    log: (topics, data) => {
      const log = { address, topics, data };
      scope.log(log);
      tracer?.log(log);
    },
    checkpoint: () => ({
      state: journal.checkpoint(),
      scope: scope.checkpoint(),
      trace: tracer?.checkpoint(),
    }),
    revertTo: (checkpoint) => {
      journal.revertTo(checkpoint.state);
      scope.revertTo(checkpoint.scope);
      if (checkpoint.trace !== undefined) tracer?.revertTo(checkpoint.trace);
    },
  };
}
