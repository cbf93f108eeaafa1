import type { NodeApi } from '@lucerna/api';
import { assert, concatBytes, type Hex, present, toHexKey } from '@lucerna/base';
import { type AbiItem, decodeAbi, itemEventLayout, parameterType } from '@lucerna/protocol';
import { type AbiField, readVariable, selectorOf } from '@lucerna/zexus';
import {
  actionOf,
  type ContractArguments,
  encodedArguments,
  orderedArguments,
} from '../contract-call.ts';
import { addressText, fromAbiValue, fromZexusValue, toZexusValue } from '../contract-values.ts';
import { sdkErrors } from '../errors.ts';
import type { KnownContract } from '../known-contracts.ts';
import { addressBytesOf, LedgerAccount, type Who } from './account.ts';
import type { ContractCodes } from './contract-codes.ts';
import { checkedHeight } from './heights.ts';
import type { LedgerProof } from './proof.ts';
import { checkNumbers, type LedgerRequest, type SendOptions } from './sending.ts';
import type { LedgerEvent, LedgerReceipt } from './views.ts';
import type { LedgerWatch, Watched, WatchOptions } from './watch.ts';

/** What goes with a call that is not sent. */
export type LedgerCallOptions = {
  /** Anybody: nothing is signed. Default: the zero address. */
  readonly from?: Who;
  /** Wei. Default: none. */
  readonly value?: bigint;
  /** Height of the block behind which it is called. Default: the head. */
  readonly at?: number;
};

/** Which events. */
export type EventFilter = {
  /** The contract, or where it is. Default: any. */
  readonly contract?: LedgerContract | Who;
  /** Name of the event, as in the source. Default: all. */
  readonly event?: string | undefined;
};

/** Heights between which events are looked for, both inclusive. */
export type EventRange = {
  /** Default: the first block. */
  readonly from?: number | undefined;
  /** Default: the head. */
  readonly to?: number | undefined;
};

/** What a contract needs of its ledger. */
export type ContractHost = {
  readonly api: NodeApi;
  readonly codes: ContractCodes;
  readonly submit: (request: LedgerRequest) => Promise<Hex>;
  readonly send: (request: LedgerRequest) => Promise<LedgerReceipt>;
  readonly events: (filter: EventFilter & EventRange) => AsyncIterable<LedgerEvent>;
  readonly watchEvents: (filter: EventFilter & WatchOptions) => LedgerWatch<Watched<LedgerEvent>>;
  readonly proof: (who: Who, slots: readonly Uint8Array[]) => Promise<LedgerProof>;
};

/** A contract on a ledger. */
export class LedgerContract {
  /** With the EIP-55 checksum. */
  readonly address: Hex;
  /** Of the contract that it is taken for. */
  readonly name: string;
  readonly abi: readonly AbiItem[];
  /** What its deployment came to, where this handle comes from that. */
  readonly deployment: LedgerReceipt | undefined;
  readonly #host: ContractHost;
  readonly #known: KnownContract;
  readonly #bytes: Uint8Array;

  constructor(
    host: ContractHost,
    address: Uint8Array,
    known: KnownContract,
    deployment?: LedgerReceipt,
  ) {
    this.#host = host;
    this.#known = known;
    this.#bytes = address;
    this.address = addressText(address);
    this.name = known.container.name;
    this.abi = known.abi;
    this.deployment = deployment;
  }

  /**
   * What an action returns when it is called now, by its name in the source or in the ABI; nothing is
   * sent, and nothing stays of it. Where an address is wanted, an argument may be a name.
   *
   * @throws `LEDGER_CALL_FAILED` with the reason; `VM_ACTION_UNKNOWN`, `VM_ARGUMENT_INVALID`,
   *   `STATE_PRUNED`, `OUT_OF_GAS`, …
   */
  async call(
    action: string,
    args: ContractArguments = [],
    options: LedgerCallOptions = {},
  ): Promise<unknown> {
    const { api, codes } = this.#host;
    const { data, result } = this.#encode(action, args);
    const { from, value, at = api.head().header.height } = options;
    checkNumbers({ value }, 256n);
    const outcome = await api.call(
      {
        to: this.#bytes,
        data,
        ...(from === undefined ? {} : { from: addressBytesOf(from) }),
        ...(value === undefined ? {} : { value }),
      },
      checkedHeight(at),
    );
    if (outcome.error !== undefined) {
      throw codes.callFailure(outcome.error, this.#bytes, this.#known);
    }
    if (result === undefined) return undefined;
    const [decoded] = decodeAbi([parameterType(result)], outcome.returnData);
    return decoded === undefined ? undefined : fromAbiValue(result, decoded);
  }

  /** Sends a call and waits for its block. @throws as {@link call} and `Ledger.send` */
  async send(
    action: string,
    args: ContractArguments,
    options: SendOptions,
  ): Promise<LedgerReceipt> {
    return this.#host.send(this.#request(action, args, options));
  }

  /** Sends a call. @returns its hash @throws as `Ledger.submit` */
  async submit(action: string, args: ContractArguments, options: SendOptions): Promise<Hex> {
    return this.#host.submit(this.#request(action, args, options));
  }

  /**
   * What a variable of the state holds, or what keys lead to in it, also where no action returns it:
   * integers as bigint, lists as arrays, maps as `Map`.
   *
   * @throws `VARIABLE_UNREADABLE`
   */
  read(variable: string, ...keys: readonly unknown[]): unknown {
    return this.#read(variable, keys, () => undefined);
  }

  /**
   * Proves all slots that {@link read} looks at, behind the head.
   *
   * @throws `VARIABLE_UNREADABLE`, and as `Ledger.proof`
   */
  async proof(variable: string, ...keys: readonly unknown[]): Promise<LedgerProof> {
    const slots = new Map<string, Uint8Array>();
    this.#read(variable, keys, (slot) => slots.set(toHexKey(slot), slot.slice()));
    return this.#host.proof(this.address, [...slots.values()]);
  }

  /** Events of the contract that are in blocks. @throws as `Ledger.events` */
  events(event?: string, range: EventRange = {}): AsyncIterable<LedgerEvent> {
    return this.#host.events({ contract: this, event, ...range });
  }

  /** Events of the contract, as they come. @throws as `Ledger.watch.events` */
  watch(event?: string, options: WatchOptions = {}): LedgerWatch<Watched<LedgerEvent>> {
    return this.#host.watchEvents({ contract: this, event, ...options });
  }

  /** What its events are read by. */
  get known(): KnownContract {
    return this.#known;
  }

  #read(variable: string, keys: readonly unknown[], visit: (slot: Uint8Array) => void): unknown {
    const { api } = this.#host;
    const { height } = api.head().header;
    const values = keys.map((key, index) => toZexusValue(addressIn(key), `keys[${index}]`));
    const load = (slot: Uint8Array): Uint8Array => {
      visit(slot);
      return api.storage(height, this.#bytes, slot);
    };
    return fromZexusValue(readVariable(this.#known.program, variable, values, load));
  }

  #request(action: string, args: ContractArguments, options: SendOptions): LedgerRequest {
    return { ...options, to: this.address, data: this.#encode(action, args).data };
  }

  #encode(
    name: string,
    given: ContractArguments,
  ): { readonly data: Uint8Array; readonly result: AbiField | undefined } {
    const action = actionOf(this.#known, name);
    const args = namesResolved(action.parameters, orderedArguments(action.parameters, given, name));
    const selector = present(selectorOf(action), 'the action is exported');
    const data = concatBytes(selector, encodedArguments(action.parameters, args));
    return { data, result: action.result };
  }
}

/** What follows the bytecode at a deployment. @throws `VM_ARGUMENT_INVALID` */
export function constructorArguments(
  { container }: KnownContract,
  given: ContractArguments,
): Uint8Array {
  const init = container.init === undefined ? undefined : container.actions[container.init];
  const parameters = init?.parameters ?? [];
  const args = namesResolved(parameters, orderedArguments(parameters, given, 'init'));
  return encodedArguments(parameters, args);
}

/** Arguments in which accounts, and names where an address is wanted, are addresses. */
function namesResolved(
  parameters: readonly AbiField[],
  args: readonly unknown[],
): readonly unknown[] {
  return args.map((argument, index) => {
    const isName = typeof argument === 'string' && !argument.startsWith('0x');
    if (!isName || parameters[index]?.type !== 'address') return addressIn(argument);
    return addressText(addressBytesOf(argument));
  });
}

/** The address of an account or a contract; anything else is as it was. */
function addressIn(value: unknown): unknown {
  return value instanceof LedgerAccount || value instanceof LedgerContract ? value.address : value;
}

/** The first topic of an event. @throws `LEDGER_EVENT_UNKNOWN` */
export function eventTopic({ container }: KnownContract, name: string): Uint8Array {
  const event = container.events.find((each) => each.name === name);
  if (event === undefined) {
    const names = container.events.map((each) => each.name).join(', ');
    const detail = `${container.name} has no ${name}; it has ${names}`;
    throw sdkErrors.create('LEDGER_EVENT_UNKNOWN', detail, { contract: container.name, name });
  }
  const { topic } = itemEventLayout({
    type: 'event',
    name,
    inputs: event.fields,
    anonymous: false,
  });
  assert(topic !== undefined, 'the event is not anonymous');
  return topic;
}
