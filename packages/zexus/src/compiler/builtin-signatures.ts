import { assert, present } from '@lucerna/base';
import { BUILTINS } from '../vm/builtin-table.ts';
import type { StaticType } from './types.ts';

/** What a builtin takes and gives. What it does, and how it is called, is the machine's table. */
export type BuiltinSignature = {
  readonly name: string;
  /** What the arguments are called in messages and on the page. */
  readonly parameterNames: readonly string[];
  /** The kinds that each argument may have; `undefined` takes any value. Null is for running to judge. */
  readonly parameters: readonly (readonly StaticType[] | undefined)[];
  /** How many of the last arguments may be left out; null stands for them. */
  readonly optional: number;
  readonly result: StaticType;
  /** What more than {@link result} can be said of the result when the type of an argument is known. */
  readonly resultOf: ResultRelation | undefined;
  /** The result may be null instead of a value of its type. */
  readonly isNullable: boolean;
  /** As in `Builtin`. */
  readonly writes: boolean;
  readonly reads: boolean;
  readonly mutates: boolean;
};

/**
 * `receiver`: the result is of the first argument's type. `entry`: it is a value of the first argument's
 * entries, or null where there is none. `keys`, `entries`: it is a list of the first argument's keys,
 * of the values of its entries. `arguments`: it is a signed integer when one of the arguments is.
 */
export type ResultRelation = 'arguments' | 'entries' | 'entry' | 'keys' | 'receiver';

type Kinds = readonly StaticType[];

const TEXT: Kinds = ['string'];
const INTEGER: Kinds = ['integer', 'signed'];
const BYTES: Kinds = ['bytes'];
const ADDRESS: Kinds = ['address'];
const LIST: Kinds = ['list'];
const MAP: Kinds = ['map'];
const CONTAINER: Kinds = ['list', 'map'];
const HASHED: Kinds = ['string', 'bytes'];
const SEQUENCE: Kinds = ['string', 'bytes', 'list'];
const MEASURED: Kinds = ['string', 'bytes', 'list', 'map'];
const ANY = undefined;

/** Parameters in order, each with its kinds; the result, and what it follows from. */
type Types = readonly [
  parameters: Readonly<Record<string, Kinds | undefined>>,
  result: StaticType,
  resultOf?: ResultRelation,
];

const types: Readonly<Record<string, Types>> = {
  string: [{ value: ANY }, 'string'],
  len: [{ value: MEASURED }, 'integer'],
  is_empty: [{ value: MEASURED }, 'bool'],
  upper: [{ text: TEXT }, 'string'],
  lower: [{ text: TEXT }, 'string'],
  trim: [{ text: TEXT }, 'string'],
  split: [{ text: TEXT, separator: TEXT }, 'list'],
  join: [{ list: LIST, separator: TEXT }, 'string'],
  replace: [{ text: TEXT, from: TEXT, to: TEXT }, 'string'],
  starts_with: [{ text: TEXT, prefix: TEXT }, 'bool'],
  ends_with: [{ text: TEXT, suffix: TEXT }, 'bool'],
  contains: [{ value: ['string', 'list', 'map'], part: ANY }, 'bool'],
  index_of: [{ value: ['string', 'list'], part: ANY }, 'integer'],
  substring: [{ text: TEXT, start: INTEGER, end: INTEGER }, 'string'],
  char_at: [{ text: TEXT, index: INTEGER }, 'string'],
  chars: [{ text: TEXT }, 'list'],
  repeat: [{ text: TEXT, count: INTEGER }, 'string'],
  concat: [{ first: SEQUENCE, second: ANY }, 'unknown', 'receiver'],
  reverse: [{ value: SEQUENCE }, 'unknown', 'receiver'],
  slice: [{ value: SEQUENCE, start: INTEGER, end: INTEGER }, 'unknown', 'receiver'],

  int: [{ value: ['integer', 'signed', 'bool', 'string', 'bytes'] }, 'integer', 'arguments'],
  bool: [{ value: ANY }, 'bool'],
  bytes: [{ value: ['string', 'bytes', 'address'] }, 'bytes'],
  hex: [{ value: ['bytes', 'address', 'integer', 'signed'] }, 'string'],
  utf8: [{ bytes: BYTES }, 'string'],
  address: [{ value: ['address', 'bytes', 'string', 'integer', 'signed'] }, 'address'],
  type: [{ value: ANY }, 'string'],

  abs: [{ number: INTEGER }, 'integer'],
  min: [
    { first: [...INTEGER, 'list'], second: INTEGER, third: INTEGER, fourth: INTEGER },
    'integer',
    'arguments',
  ],
  max: [
    { first: [...INTEGER, 'list'], second: INTEGER, third: INTEGER, fourth: INTEGER },
    'integer',
    'arguments',
  ],
  pow: [{ base: INTEGER, exponent: INTEGER }, 'integer', 'arguments'],
  sqrt: [{ number: INTEGER }, 'integer'],
  sum: [{ list: LIST }, 'integer'],
  range: [{ start: INTEGER, end: INTEGER, step: INTEGER }, 'list'],

  keys: [{ map: MAP }, 'list', 'keys'],
  values: [{ map: MAP }, 'list', 'entries'],
  entries: [{ map: MAP }, 'list'],
  has: [{ map: MAP, key: ANY }, 'bool'],
  get: [{ container: CONTAINER, key: ANY, default: ANY }, 'unknown', 'entry'],
  first: [{ list: LIST }, 'unknown', 'entry'],
  last: [{ list: LIST }, 'unknown', 'entry'],
  sort: [{ list: LIST }, 'list', 'receiver'],
  unique: [{ list: LIST }, 'list', 'receiver'],
  flatten: [{ list: LIST }, 'list'],
  copy: [{ value: ANY }, 'unknown', 'receiver'],
  set: [{ container: CONTAINER, key: ANY, value: ANY }, 'unknown', 'receiver'],
  remove: [{ map: MAP, key: ANY }, 'bool'],
  clear: [{ container: CONTAINER }, 'unknown', 'receiver'],
  push: [{ list: LIST, value: ANY }, 'list', 'receiver'],
  pop: [{ list: LIST }, 'unknown', 'entry'],
  insert: [{ list: LIST, index: INTEGER, value: ANY }, 'list', 'receiver'],
  remove_at: [{ list: LIST, index: INTEGER }, 'unknown', 'entry'],

  keccak256: [{ data: HASHED }, 'bytes32'],
  sha256: [{ data: HASHED }, 'bytes32'],
  blake3: [{ data: HASHED }, 'bytes32'],
  hash: [{ data: ANY, algorithm: TEXT }, 'bytes32'],
  recover_address: [{ digest: BYTES, signature: BYTES }, 'address'],
  derive_address: [{ publicKey: BYTES }, 'address'],
  merkle_root: [{ items: LIST }, 'bytes32'],
  merkle_verify: [{ item: ANY, proof: LIST, root: BYTES, index: INTEGER }, 'bool'],

  balance_of: [{ account: ADDRESS }, 'integer'],
  transfer: [{ to: ADDRESS, wei: ['integer'] }, 'bool'],
  is_contract: [{ account: ADDRESS }, 'bool'],
  require_layout: [{ account: ADDRESS }, 'bool'],
  state_read: [{ key: ANY }, 'unknown'],
  state_write: [{ key: ANY, value: ANY }, 'null'],
  ledger_get: [{ index: INTEGER }, 'unknown'],
  ledger_length: [{}, 'integer'],

  time: [{}, 'integer'],
  now: [{}, 'integer'],
  block_number: [{}, 'integer'],
  block_hash: [{}, 'bytes32'],
  coinbase: [{}, 'address'],
  gas_limit: [{}, 'integer'],
  gas_price: [{}, 'integer'],
  chain_id: [{}, 'integer'],
  caller: [{}, 'address'],
  origin: [{}, 'address'],
  self_address: [{}, 'address'],

  encode: [{ value: ANY }, 'bytes'],
  decode: [{ bytes: BYTES }, 'unknown'],
  abi_encode: [{ types: TEXT, values: LIST }, 'bytes'],
  abi_decode: [{ types: TEXT, bytes: BYTES }, 'list'],
  selector: [{ signature: TEXT }, 'bytes4'],
};

/** Builtins of which null comes where there is no value of the type; of `unknown` it always may. */
const nullable: ReadonlySet<string> = new Set([
  'char_at',
  'derive_address',
  'max',
  'min',
  'recover_address',
  'utf8',
]);

/** The builtins by name. */
export const BUILTIN_SIGNATURES: ReadonlyMap<string, BuiltinSignature> = new Map(
  BUILTINS.map(({ name, arguments: count, optional, writes, reads, mutates }) => {
    const [parameters, result, resultOf] = present(types[name], `builtin ${name} has types`);
    const parameterNames = Object.keys(parameters);
    assert(parameterNames.length === count, `builtin ${name} takes ${count} arguments`);
    const signature: BuiltinSignature = {
      name,
      parameterNames,
      parameters: Object.values(parameters),
      optional,
      result,
      resultOf,
      isNullable: result === 'unknown' || nullable.has(name),
      writes,
      reads,
      mutates,
    };
    return [name, signature];
  }),
);

/** Other names of builtins. What is compiled has the first name only. */
export const BUILTIN_ALIASES: ReadonlyMap<string, string> = new Map([
  ['block_timestamp', 'time'],
  ['crypto_hash', 'hash'],
  ['delete', 'remove'],
  ['get_balance', 'balance_of'],
  ['length', 'len'],
  ['lowercase', 'lower'],
  ['str', 'string'],
  ['timestamp', 'time'],
  ['to_int', 'int'],
  ['to_string', 'string'],
  ['typeof', 'type'],
  ['uppercase', 'upper'],
]);

/** The builtin that a source calls by one of its names; undefined when there is none. */
export function builtinSignature(name: string): BuiltinSignature | undefined {
  return BUILTIN_SIGNATURES.get(BUILTIN_ALIASES.get(name) ?? name);
}
