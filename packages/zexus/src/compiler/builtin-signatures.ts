import { assert, present } from '@lucerna/base';
import { BUILTINS } from '../vm/builtin-table.ts';
import type { ScalarType } from './types.ts';

/** What a builtin takes and gives; how many arguments and whether it writes is the machine's table. */
export type BuiltinSignature = {
  readonly name: string;
  /** The kinds that each argument may have; `undefined` takes any scalar. */
  readonly parameters: readonly (readonly ScalarType[] | undefined)[];
  readonly result: ScalarType;
  readonly writes: boolean;
};

const types: Readonly<Record<string, readonly [BuiltinSignature['parameters'], ScalarType]>> = {
  string: [[undefined], 'string'],
  len: [[['string', 'bytes']], 'integer'],
  bytes: [[['string', 'bytes', 'address']], 'bytes'],
  hex: [[['bytes', 'address']], 'string'],
  keccak256: [[['string', 'bytes']], 'bytes32'],
  sha256: [[['string', 'bytes']], 'bytes32'],
  balance_of: [[['address']], 'integer'],
  transfer: [[['address'], ['integer']], 'bool'],
  time: [[], 'integer'],
  now: [[], 'integer'],
  block_number: [[], 'integer'],
};

/** The builtins by name. */
export const BUILTIN_SIGNATURES: ReadonlyMap<string, BuiltinSignature> = new Map(
  BUILTINS.map(({ name, arguments: count, writes }) => {
    const [parameters, result] = present(types[name], `builtin ${name} has types`);
    assert(parameters.length === count, `builtin ${name} takes ${count} arguments`);
    return [name, { name, parameters, result, writes }];
  }),
);
