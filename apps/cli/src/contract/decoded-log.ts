import { equalBytes, type Hex, isLucernaError, toHex } from '@lucerna/base';
import {
  type AbiEvent,
  type AbiItem,
  type AbiType,
  type AbiValue,
  abiValueToJson,
  checksumAddress,
  decodeEvent,
  isHashedInTopic,
  itemEventLayout,
  type JsonValue,
  parseAbiType,
} from '@lucerna/protocol';
import type { ReceiptLog } from './receipt.ts';
import { valueText } from './value-text.ts';

/** One field of an event that was emitted. */
export type DecodedField = {
  readonly name: string;
  /** As declared; `bytes32` for indexed text and bytes, of which only the hash is known. */
  readonly type: string;
  readonly value: JsonValue;
};

/** A log in words, or as it is when it is of no event that the contract declares. */
export type DecodedLog =
  | {
      /** The contract that emitted it, with checksum. */
      readonly address: string;
      readonly event: string;
      readonly arguments: readonly DecodedField[];
    }
  | { readonly address: string; readonly topics: readonly Hex[]; readonly data: Hex };

/** A log for scripts, and in one line for people. */
export type ShownLog = { readonly json: DecodedLog; readonly text: string };

/** The logs that a transaction left; those of `contract` are decoded with its `abi`. */
export function showLogs(
  logs: readonly ReceiptLog[],
  contract: Uint8Array,
  abi: readonly AbiItem[],
): readonly ShownLog[] {
  const events = abi.filter((item) => item.type === 'event');
  return logs.map((log) => {
    const known = equalBytes(log.address, contract) ? showEvent(log, events) : undefined;
    return known ?? showUnknown(log);
  });
}

function showUnknown({ address, topics, data }: ReceiptLog): ShownLog {
  const json = { address: checksumAddress(address), topics: topics.map(toHex), data: toHex(data) };
  return { json, text: `${json.address} [${json.topics.join(', ')}] ${json.data}` };
}

/** The log as the event that its first topic names; undefined when there is none that fits. */
function showEvent(log: ReceiptLog, events: readonly AbiEvent[]): ShownLog | undefined {
  for (const event of events) {
    const layout = itemEventLayout(event);
    const [topic] = log.topics;
    if (topic === undefined || layout.topic === undefined) continue;
    if (!equalBytes(topic, layout.topic)) continue;
    const values = decodedValues(layout, log);
    if (values === undefined) continue;
    const fields = layout.fields.map(({ type, indexed }, index) =>
      showField(
        event.inputs[index]?.name ?? '',
        indexed && isHashedInTopic(type) ? parseAbiType('bytes32') : type,
        values[index] as AbiValue,
      ),
    );
    const json = {
      address: checksumAddress(log.address),
      event: event.name,
      arguments: fields.map((field) => field.json),
    };
    return { json, text: `${event.name}(${fields.map((field) => field.text).join(', ')})` };
  }
  return undefined;
}

function decodedValues(
  layout: ReturnType<typeof itemEventLayout>,
  log: ReceiptLog,
): readonly AbiValue[] | undefined {
  try {
    return decodeEvent(layout, log);
  } catch (error) {
    if (!isLucernaError(error)) throw error;
    return undefined;
  }
}

function showField(
  name: string,
  type: AbiType,
  value: AbiValue,
): { readonly json: DecodedField; readonly text: string } {
  return {
    json: { name, type: type.text, value: abiValueToJson(type, value) },
    text: `${name}: ${valueText(type, value)}`,
  };
}
