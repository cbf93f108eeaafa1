import { equalBytes, toHexKey } from '@lucerna/base';
import { type AccessListEntry, type CallRequest, createAddress } from '@lucerna/protocol';
import type { StateReader } from '@lucerna/state';
import { type CallOutcome, simulate, ZERO_ADDRESS } from './call.ts';
import type { BlockContext } from './context.ts';
import { executionLimits } from './limits.ts';

/** What the call would access, and what it would do with that as its access list. */
export type AccessListOutcome = Pick<CallOutcome, 'gasUsed' | 'error'> & {
  /** What the request names and what it accesses, in that order. */
  readonly accessList: readonly AccessListEntry[];
};

/**
 * The accounts and slots that `request` accesses on `state`, so that naming them beforehand makes each
 * cheaper (EIP-2930). Sender and recipient are only in it with slots: their access costs nothing. A
 * list changes what gas is left, so the call is run again with its own list until that stays the same.
 *
 * @throws as `simulateCall`, also for a list that the gas of the request cannot pay for
 */
export function createAccessList(
  state: StateReader,
  context: BlockContext,
  request: CallRequest,
): AccessListOutcome {
  const sender = request.from ?? ZERO_ADDRESS;
  const recipient = request.to ?? createAddress(sender, state.account(sender)?.nonce ?? 0n);
  const accessed = new AccessedStorage(request.accessList ?? []);
  for (let round = 1; ; round += 1) {
    const accessList = accessed.entries([sender, recipient]);
    const { size } = accessed;
    const { gasUsed, error } = simulate(
      state,
      context,
      { ...request, accessList },
      { access: accessed },
    );
    const isSettled = accessed.size === size;
    if (isSettled || round === executionLimits.values.accessListRounds) {
      return { accessList, gasUsed, error };
    }
  }
}

/** Accounts and slots, each once, in the order in which they came. */
class AccessedStorage {
  readonly #accounts = new Map<
    string,
    { readonly address: Uint8Array; readonly slots: Map<string, Uint8Array> }
  >();
  #size = 0;

  constructor(accessList: readonly AccessListEntry[]) {
    for (const { address, storageKeys } of accessList) {
      this.address(address);
      for (const slot of storageKeys) this.slot(address, slot);
    }
  }

  /** How many accounts and slots there are. */
  get size(): number {
    return this.#size;
  }

  address(address: Uint8Array): void {
    this.#slotsOf(address);
  }

  slot(address: Uint8Array, slot: Uint8Array): void {
    const slots = this.#slotsOf(address);
    const key = toHexKey(slot);
    if (slots.has(key)) return;
    slots.set(key, slot);
    this.#size += 1;
  }

  /** @param free accounts that are left out unless they have slots */
  entries(free: readonly Uint8Array[]): readonly AccessListEntry[] {
    const isNeedless = (address: Uint8Array): boolean =>
      free.some((one) => equalBytes(one, address));
    return [...this.#accounts.values()]
      .filter(({ address, slots }) => slots.size > 0 || !isNeedless(address))
      .map(({ address, slots }) => ({ address, storageKeys: [...slots.values()] }));
  }

  #slotsOf(address: Uint8Array): Map<string, Uint8Array> {
    const key = toHexKey(address);
    let account = this.#accounts.get(key);
    if (account === undefined) {
      account = { address, slots: new Map() };
      this.#accounts.set(key, account);
      this.#size += 1;
    }
    return account.slots;
  }
}
