import { concatBytes } from '@lucerna/base';
import { encodeAbi } from '@lucerna/protocol';
import { abiBytes, toAbi } from './boundary.ts';
import { Revert, thrown } from './halt.ts';
import type { Machine } from './machine.ts';
import type { ProgramError } from './program.ts';
import { Dictionary, keyText, type Value } from './value.ts';
import { meteredText } from './value-text.ts';

/** The key under which a handler finds the name of a declared error. */
const ERROR_KEY = 'error';

/**
 * The revert with a declared error and its values. A handler is given a map: `error` is its name, then its
 * fields.
 *
 * @throws `Revert` as `toAbi` for values that are not of the fields' types
 */
export function declaredError(
  machine: Machine,
  { name, selector, fields, types }: ProgramError,
  values: readonly Value[],
): Revert {
  const abiTypes = types.map(({ abi }) => abi);
  const encodable = types.map((type, index) => toAbi(machine, type, values[index] as Value));
  machine.meter.chargeBytes(abiBytes(machine.meter, abiTypes, encodable));
  const data = concatBytes(selector, encodeAbi(abiTypes, encodable));
  const caught = new Dictionary();
  caught.entries.set(keyText(ERROR_KEY), { key: ERROR_KEY, value: name });
  fields.forEach((field, index) => {
    caught.entries.set(keyText(field), { key: field, value: values[index] as Value });
  });
  return new Revert(data, `${name}(…)`, caught);
}

/**
 * `throw value`. What one of the last handlers was given is thrown again as the failure that it was, with
 * its data; everything else reverts with the value's text.
 */
export function throwValue(machine: Machine, value: Value): Revert {
  const caught = machine.caught.findLast((known) => isSame(machine, known.value, value));
  if (caught !== undefined) return caught.revert;
  return thrown(value, meteredText(machine, value));
}

/** Whether it is the value itself. Of texts only their content says so, which is charged as read. */
function isSame({ meter }: Machine, known: Value, value: Value): boolean {
  if (typeof known === 'string' && typeof value === 'string' && known.length === value.length) {
    meter.chargeReading(value.length);
  }
  return known === value;
}
