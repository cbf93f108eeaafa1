import { equalBytes, type Hex, toHex, toHexKey } from '@lucerna/base';
import type { ExecutionStatistics, TransactionOutcome } from '@lucerna/execution';
import {
  type AbiError,
  type AbiEvent,
  type AbiItem,
  decodeAbi,
  decodeEvent,
  decodeRevert,
  isHashedInTopic,
  itemEventLayout,
  itemSelector,
  type Log,
  parameterType,
} from '@lucerna/protocol';
import type { StateDiff } from '@lucerna/state';
import type { AbiField, Container, Scalar } from '@lucerna/zexus';
import { addressText, fromAbiValue } from './contract-values.ts';
import type { KnownContract } from './known-contracts.ts';
import { slotNames } from './slot-names.ts';

/** An event as a contract has logged it. */
export type ContractLog = {
  readonly address: Hex;
  /** Undefined where the contract declares no such event. */
  readonly name: string | undefined;
  /** By the names of the fields; of a long indexed one the hash. Undefined as `name`. */
  readonly args: Readonly<Record<string, unknown>> | undefined;
  readonly topics: readonly Hex[];
  readonly data: Hex;
};

/** A word of the state that a run has changed. */
export type ContractStateChange = {
  readonly address: Hex;
  readonly slot: Hex;
  /**
   * Such as `total`, `items[3]` or `balances[0x…]`; undefined for entries of maps whose key is no argument
   * and no account of the run, and for what belongs to no variable.
   */
  readonly variable: string | undefined;
  /** 32 bytes. */
  readonly before: Hex;
  readonly after: Hex;
};

/** What a run of a contract came to. */
export type ContractReceipt = {
  readonly success: boolean;
  /** Decoded; undefined without a result, and of a run that failed. */
  readonly result: unknown;
  /** As encoded by the ABI: the result, or what a revert says. */
  readonly returnData: Hex;
  /** With what the transaction itself costs, and the refund taken off. */
  readonly gasUsed: bigint;
  readonly gasRefunded: bigint;
  readonly gasLimit: bigint;
  /** None of a run that failed. */
  readonly logs: readonly ContractLog[];
  /** Why it failed: `CALL_REVERTED`, `OUT_OF_GAS`, …; undefined for a success. */
  readonly error: { readonly code: string; readonly message: string } | undefined;
  /** What a revert says: the text, `panic 0x12`, `Refused(7, 0x…)`; undefined when it says nothing. */
  readonly revertReason: string | undefined;
  readonly stateChanges: readonly ContractStateChange[];
  readonly statistics: ExecutionStatistics;
  /** The block that it ran in. */
  readonly blockNumber: number;
};

/** Contracts by their addresses. */
export type FindContract = (address: Uint8Array) => KnownContract | undefined;

type ReceiptParts = {
  readonly outcome: TransactionOutcome;
  readonly diff: StateDiff;
  readonly gasLimit: bigint;
  readonly blockNumber: number;
  /** The type of the result of the action that was called. */
  readonly result: AbiField | undefined;
  readonly contract: KnownContract | undefined;
  readonly find: FindContract;
  /** The state afterwards. */
  readonly load: (address: Uint8Array, slot: Uint8Array) => Uint8Array;
  readonly keys: readonly Scalar[];
};

/** The receipt of a run. */
export function receiptOf(parts: ReceiptParts): ContractReceipt {
  const { outcome, gasLimit, blockNumber, result, contract, find } = parts;
  const { status, returnData, gasUsed, refund, logs, error, statistics } = outcome;
  return {
    success: status === 1,
    result: status === 1 && result !== undefined ? decoded(result, returnData) : undefined,
    returnData: toHex(returnData),
    gasUsed,
    gasRefunded: refund,
    gasLimit,
    logs: logs.map((log) => decodedLog(log, find(log.address)?.container)),
    error: error === undefined ? undefined : { code: error.code, message: error.message },
    revertReason: status === 1 ? undefined : reasonOf(returnData, contract?.abi ?? []),
    stateChanges: changesOf(parts),
    statistics,
    blockNumber,
  };
}

function decoded(field: AbiField, data: Uint8Array): unknown {
  const [value] = decodeAbi([parameterType(field)], data);
  return value === undefined ? undefined : fromAbiValue(field, value);
}

/** The log, by what the contract declares. */
export function decodedLog(
  { address, topics, data }: Log,
  container: Container | undefined,
): ContractLog {
  const raw = { address: addressText(address), topics: topics.map(toHex), data: toHex(data) };
  for (const { name, fields } of container?.events ?? []) {
    const item: AbiEvent = { type: 'event', name, inputs: fields, anonymous: false };
    const layout = itemEventLayout(item);
    const isThis = layout.topic !== undefined && equalBytes(layout.topic, topics[0] ?? data);
    if (!isThis) continue;
    const values = decodeEvent(layout, { topics, data });
    const args = fields.map((field, index) => {
      const value = values[index] as (typeof values)[number];
      const isHash = field.indexed && isHashedInTopic(parameterType(field));
      return [field.name, isHash ? toHex(value as Uint8Array) : fromAbiValue(field, value)];
    });
    return { ...raw, name, args: Object.fromEntries(args) };
  }
  return { ...raw, name: undefined, args: undefined };
}

/** What the data of a revert say; undefined when they say nothing. */
export function reasonOf(data: Uint8Array, abi: readonly AbiItem[]): string | undefined {
  const reason = decodeRevert(data);
  if (reason.kind === 'error') return reason.message;
  if (reason.kind === 'panic') return `panic 0x${reason.code.toString(16).padStart(2, '0')}`;
  if (reason.kind !== 'custom') return undefined;
  const declared = abi.find(
    (item): item is AbiError =>
      item.type === 'error' && equalBytes(itemSelector(item), reason.selector),
  );
  if (declared === undefined) return undefined;
  const values = decodeAbi(declared.inputs.map(parameterType), reason.arguments);
  const texts = declared.inputs.map((input, index) =>
    String(fromAbiValue(input, values[index] as (typeof values)[number])),
  );
  return `${declared.name}(${texts.join(', ')})`;
}

function changesOf({ diff, find, load, keys }: ReceiptParts): readonly ContractStateChange[] {
  const names = new Map<string, ReadonlyMap<string, string>>();
  const namesOf = (address: Uint8Array): ReadonlyMap<string, string> | undefined => {
    const key = toHexKey(address);
    const contract = find(address);
    if (!names.has(key) && contract !== undefined) {
      names.set(
        key,
        slotNames(contract.program, keys, (slot) => load(address, slot)),
      );
    }
    return names.get(key);
  };
  return diff.storage.map(({ address, slot, before, after }) => ({
    address: addressText(address),
    slot: toHex(slot),
    variable: namesOf(address)?.get(toHexKey(slot)),
    before: toHex(before),
    after: toHex(after),
  }));
}
