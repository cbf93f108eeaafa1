import { assert } from '@lucerna/base';
import {
  type AbiType,
  type AbiValue,
  encodeAbi,
  encodeEvent,
  isHashedInTopic,
  parseAbiType,
  signatureHash,
} from '@lucerna/protocol';
import { abiBytes, contentBytes, encodedValue, toAbi } from './boundary.ts';
import { type BoundaryType, boundaryOfAbi } from './boundary-type.ts';
import { type Machine, requireWritable } from './machine.ts';
import type { Meter } from './meter.ts';
import type { ProgramEvent } from './program.ts';
import { affordableUtf8 } from './text.ts';
import type { Value } from './value.ts';
import { meteredText } from './value-text.ts';

const BYTES = boundaryOfAbi(parseAbiType('bytes'));
const STRING = boundaryOfAbi(parseAbiType('string'));
const AUDIT_TOPIC: Uint8Array = signatureHash('AuditLog(string,bytes)');

/**
 * Appends an event to the log: 375, 375 a topic, 8 a byte of data, and the hashes of what is longer than
 * a word and indexed.
 *
 * @throws `Revert` as `toAbi`; `Failure` STATIC_WRITE
 */
export function emitEvent(
  machine: Machine,
  { layout, types }: ProgramEvent,
  fields: readonly Value[],
): void {
  requireWritable(machine);
  const { meter } = machine;
  const values = types.map((type, index) => toAbi(machine, type, fields[index] as Value));
  const dataTypes: AbiType[] = [];
  const dataValues: AbiValue[] = [];
  let topics = 1;
  layout.fields.forEach(({ type, indexed }, index) => {
    const value = values[index] as AbiValue;
    if (!indexed) {
      dataTypes.push(type);
      dataValues.push(value);
      return;
    }
    topics += 1;
    if (isHashedInTopic(type)) meter.chargeKeccak(hashedBytes(meter, type, value));
  });
  chargeLog(machine, topics, abiBytes(meter, dataTypes, dataValues));
  const log = encodeEvent(layout, values);
  machine.host.log(log.topics, log.data);
}

/** Bytes under the hash of an indexed value: of text and bytes the content, of all else no more than these. */
function hashedBytes(meter: Meter, type: AbiType, value: AbiValue): number {
  const isContent = type.kind === 'string' || type.kind === 'bytes';
  return isContent ? contentBytes(meter, value) : abiBytes(meter, [type], [value]);
}

/**
 * Appends an event that nobody declares: `name(bytes)` with the canonical encoding of a value.
 *
 * @throws `Revert` Panic 0x01 for what has no encoding; `Failure` STATIC_WRITE
 */
export function emitValue(machine: Machine, name: string, value: Value): void {
  requireWritable(machine);
  const { meter } = machine;
  meter.chargeKeccak(affordableUtf8(meter, name));
  logEncoded(machine, signatureHash(`${name}(bytes)`), [BYTES], [encodedValue(machine, value)]);
}

/** Appends `AuditLog(string,bytes)`: what was done, and data about it. @throws as {@link emitValue} */
export function auditLog(machine: Machine, action: Value, data: Value): void {
  requireWritable(machine);
  const text = meteredText(machine, action);
  logEncoded(machine, AUDIT_TOPIC, [STRING, BYTES], [text, encodedValue(machine, data)]);
}

function logEncoded(
  machine: Machine,
  topic: Uint8Array,
  fields: readonly BoundaryType[],
  values: readonly AbiValue[],
): void {
  const types = fields.map(({ abi }) => abi);
  const bytes = abiBytes(machine.meter, types, values);
  chargeLog(machine, 1, bytes);
  const data = encodeAbi(types, values);
  assert(data.length === bytes, 'what is charged is what is made');
  machine.host.log([topic], data);
}

function chargeLog({ meter, statistics }: Machine, topics: number, bytes: number): void {
  const { log, logTopic, logByte } = meter.schedule;
  meter.charge(log + logTopic * topics + logByte * bytes);
  statistics.logs += 1;
}
