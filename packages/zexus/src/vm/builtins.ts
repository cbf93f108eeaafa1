import { assert } from '@lucerna/base';
import type { BuiltinBody } from './builtin-arguments.ts';
import { BUILTINS } from './builtin-table.ts';
import { CONVERSION_BODIES } from './builtins-conversion.ts';
import { ENCODING_BODIES } from './builtins-encoding.ts';
import { HASH_BODIES } from './builtins-hashes.ts';
import { CONTEXT_BODIES, LEDGER_BODIES } from './builtins-ledger.ts';
import { LIST_BODIES } from './builtins-lists.ts';
import { MAP_BODIES } from './builtins-maps.ts';
import { MERKLE_BODIES } from './builtins-merkle.ts';
import { NUMBER_BODIES } from './builtins-numbers.ts';
import { SEQUENCE_BODIES } from './builtins-sequences.ts';
import { SIGNATURE_BODIES } from './builtins-signatures.ts';
import { TEXT_BODIES } from './builtins-text.ts';
import type { Machine } from './machine.ts';
import type { Value } from './value.ts';

const groups: readonly Readonly<Record<string, BuiltinBody>>[] = [
  TEXT_BODIES,
  SEQUENCE_BODIES,
  CONVERSION_BODIES,
  NUMBER_BODIES,
  MAP_BODIES,
  LIST_BODIES,
  HASH_BODIES,
  SIGNATURE_BODIES,
  MERKLE_BODIES,
  LEDGER_BODIES,
  CONTEXT_BODIES,
  ENCODING_BODIES,
];

/** The code by the position in the table. */
const bodies: readonly BuiltinBody[] = BUILTINS.map(({ name }) => {
  const [body, ...others] = groups.flatMap((group) => group[name] ?? []);
  assert(body !== undefined && others.length === 0, `builtin ${name} has one body`);
  return body;
});

/**
 * Runs the builtin at `position` of the table, which looks at as many of the values as it has arguments.
 * What it takes is charged here, its base costs are the instruction's.
 *
 * @throws `Revert` Panic 0x01 for an argument of another kind
 */
export function runBuiltin(
  machine: Machine,
  position: number,
  first: Value,
  second: Value,
  third: Value,
  fourth: Value,
): Value {
  return (bodies[position] as BuiltinBody)(machine, first, second, third, fourth);
}
