import { assert } from '@lucerna/base';
import {
  type AbiEventField,
  type AbiEventLayout,
  type AbiType,
  type AbiValue,
  encodeEvent,
  isHashedInTopic,
} from '@lucerna/protocol';
import { abiBytes, contentBytes, toAbi } from './boundary.ts';
import { type Machine, requireWritable } from './machine.ts';
import type { Value } from './value.ts';

/**
 * Appends an event to the log: 375, 375 a topic, 8 a byte of data, and the hashes of indexed strings
 * and bytes.
 *
 * @throws `Revert` as `toAbi`; `Failure` STATIC_WRITE
 */
export function emitEvent(
  machine: Machine,
  layout: AbiEventLayout,
  fields: readonly Value[],
): void {
  requireWritable(machine);
  const { meter, host } = machine;
  const { log, logTopic, logByte } = meter.schedule;
  const values = layout.fields.map(({ type }, index) => toAbi(type, fields[index] as Value));
  const dataTypes: AbiType[] = [];
  const dataValues: AbiValue[] = [];
  let gas = log + logTopic;
  for (let index = 0; index < values.length; index += 1) {
    const { type, indexed } = layout.fields[index] as AbiEventField;
    const value = values[index] as AbiValue;
    if (!indexed) {
      dataTypes.push(type);
      dataValues.push(value);
      continue;
    }
    gas += logTopic;
    if (isHashedInTopic(type)) meter.chargeKeccak(contentBytes(value));
  }
  const dataBytes = abiBytes(dataTypes, dataValues);
  meter.charge(gas + logByte * dataBytes);
  const { topics, data } = encodeEvent(layout, values);
  assert(data.length === dataBytes, 'what is charged is what is made');
  host.log(topics, data);
}
