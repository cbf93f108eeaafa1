import { assert, equalBytes, toHex } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import { protocolErrors } from '../errors.ts';
import { protocolLimits } from '../limits.ts';
import { decodeAbi } from './decode.ts';
import { encodeAbi, encodeAbiInPlace } from './encode.ts';
import { signatureHash, signatureText } from './signature.ts';
import { ABI_WORD_BYTES, type AbiType } from './type.ts';
import type { AbiValue } from './value.ts';

/** One field of an event. */
export type AbiEventField = {
  readonly type: AbiType;
  /** It stands in a topic, by which logs are found, instead of the data. */
  readonly indexed: boolean;
};

/** How an event's fields are laid out in a log; made once, used for every log. */
export type AbiEventLayout = {
  /** `Transfer(address,address,uint256)` */
  readonly signature: string;
  /** The hash of the signature, which is the first topic; undefined when the event is anonymous. */
  readonly topic: Uint8Array | undefined;
  readonly fields: readonly AbiEventField[];
};

/** What of a log an event decides. */
export type AbiEventLog = {
  /** At most 4, 32 bytes each. */
  readonly topics: readonly Uint8Array[];
  readonly data: Uint8Array;
};

/**
 * The layout of an event: 3 fields can be indexed, 4 of an anonymous one.
 *
 * @throws `ABI_EVENT_TOPICS` when more are
 */
export function eventLayout(
  name: string,
  fields: readonly AbiEventField[],
  isAnonymous = false,
): AbiEventLayout {
  const signature = signatureText(
    name,
    fields.map((field) => field.type),
  );
  const topics = fields.filter((field) => field.indexed).length + (isAnonymous ? 0 : 1);
  if (topics > protocolLimits.values.logTopics) {
    throw protocolErrors.create('ABI_EVENT_TOPICS', `${signature} needs ${topics}`, { signature });
  }
  return { signature, topic: isAnonymous ? undefined : signatureHash(signature), fields };
}

/**
 * Topics and data of one event. A `path` in an error counts among the fields in the data.
 *
 * @throws as `encodeAbi`
 */
export function encodeEvent(layout: AbiEventLayout, values: readonly AbiValue[]): AbiEventLog {
  assert(values.length === layout.fields.length, 'a value for every field');
  const topics = layout.topic === undefined ? [] : [layout.topic];
  const dataTypes: AbiType[] = [];
  const dataValues: AbiValue[] = [];
  for (let index = 0; index < layout.fields.length; index += 1) {
    const { type, indexed } = layout.fields[index] as AbiEventField;
    const value = values[index] as AbiValue;
    if (indexed) {
      topics.push(encodeTopic(type, value));
    } else {
      dataTypes.push(type);
      dataValues.push(value);
    }
  }
  return { topics, data: encodeAbi(dataTypes, dataValues) };
}

/** The topic of an indexed value: the word itself, or the hash of what is longer than a word. */
export function encodeTopic(type: AbiType, value: AbiValue): Uint8Array {
  const encoded = encodeAbiInPlace(type, value);
  return isHashedInTopic(type) ? keccak256(encoded) : encoded;
}

/** True when the topic of an indexed value of `type` is only its hash. */
export function isHashedInTopic(type: AbiType): boolean {
  const { kind } = type;
  return kind === 'bytes' || kind === 'string' || kind === 'array' || kind === 'tuple';
}

/**
 * The values of an event's fields. Of an indexed one that is longer than a word, only the topic is
 * there: the 32 bytes of its hash, whatever its type.
 *
 * @throws `ABI_EVENT_TOPICS` when it is not a log of this event, and as `decodeAbi`
 */
export function decodeEvent(layout: AbiEventLayout, log: AbiEventLog): readonly AbiValue[] {
  const indexed = layout.fields.filter((field) => field.indexed);
  const first = layout.topic === undefined ? 0 : 1;
  const { signature } = layout;
  if (log.topics.length !== first + indexed.length) {
    const detail = `${log.topics.length} topics for ${signature}`;
    throw protocolErrors.create('ABI_EVENT_TOPICS', detail, { signature });
  }
  const topic = log.topics[0];
  if (layout.topic !== undefined && topic !== undefined && !equalBytes(topic, layout.topic)) {
    const detail = `${toHex(topic)} is not ${signature}`;
    throw protocolErrors.create('ABI_EVENT_TOPICS', detail, { signature });
  }
  const inTopics = indexed.map(({ type }, index) =>
    decodeTopic(type, log.topics[first + index] as Uint8Array),
  );
  const dataTypes = layout.fields.filter((field) => !field.indexed).map((field) => field.type);
  const inData = decodeAbi(dataTypes, log.data);
  let topicsRead = 0;
  let dataRead = 0;
  return layout.fields.map((field) => {
    if (field.indexed) return inTopics[topicsRead++] as AbiValue;
    return inData[dataRead++] as AbiValue;
  });
}

function decodeTopic(type: AbiType, topic: Uint8Array): AbiValue {
  assert(topic.length === ABI_WORD_BYTES, 'a topic has 32 bytes');
  if (isHashedInTopic(type)) return topic;
  return decodeAbi([type], topic)[0] as AbiValue;
}
