import { assert } from '@lucerna/base';
import { type Builtin, builtinPosition } from './builtin-table.ts';

/** The kinds of values that have methods; of the actions of contracts and entities nothing is said here. */
export const RECEIVERS = ['string', 'bytes', 'list', 'map'] as const;

export type Receiver = (typeof RECEIVERS)[number];

/**
 * The methods of each kind of value. Every one is the builtin of its name, whose first argument is the
 * value before the dot.
 */
export const METHODS: Readonly<Record<Receiver, readonly string[]>> = {
  string: [
    'address',
    'bytes',
    'char_at',
    'chars',
    'concat',
    'contains',
    'ends_with',
    'index_of',
    'int',
    'is_empty',
    'keccak256',
    'len',
    'lower',
    'repeat',
    'replace',
    'reverse',
    'sha256',
    'slice',
    'split',
    'starts_with',
    'string',
    'substring',
    'trim',
    'upper',
  ],
  bytes: [
    'address',
    'concat',
    'decode',
    'hex',
    'int',
    'is_empty',
    'keccak256',
    'len',
    'reverse',
    'sha256',
    'slice',
    'string',
    'utf8',
  ],
  list: [
    'clear',
    'concat',
    'contains',
    'copy',
    'encode',
    'first',
    'flatten',
    'get',
    'index_of',
    'insert',
    'is_empty',
    'join',
    'last',
    'len',
    'max',
    'min',
    'pop',
    'push',
    'remove_at',
    'reverse',
    'set',
    'slice',
    'sort',
    'string',
    'sum',
    'unique',
  ],
  map: [
    'clear',
    'contains',
    'copy',
    'encode',
    'entries',
    'get',
    'has',
    'is_empty',
    'keys',
    'len',
    'remove',
    'set',
    'string',
    'values',
  ],
};

/**
 * Other names of methods, those of JavaScript and of upstream's samples. They are understood while a
 * program runs: before, the value may just as well be a contract with an action of that name.
 */
export const METHOD_ALIASES: ReadonlyMap<string, string> = new Map([
  ['append', 'push'],
  ['charAt', 'char_at'],
  // Without a function; with one it counts the items of which the function is true.
  ['count', 'len'],
  ['delete', 'remove'],
  ['endsWith', 'ends_with'],
  ['has_key', 'has'],
  ['includes', 'contains'],
  ['indexOf', 'index_of'],
  ['isEmpty', 'is_empty'],
  ['length', 'len'],
  ['lowercase', 'lower'],
  ['removeAt', 'remove_at'],
  ['size', 'len'],
  ['startsWith', 'starts_with'],
  ['str', 'string'],
  ['toLowerCase', 'lower'],
  ['toString', 'string'],
  ['toUpperCase', 'upper'],
  ['to_int', 'int'],
  ['to_string', 'string'],
  ['uppercase', 'upper'],
]);

/** Methods that compare the items of the value before the dot with each other, and with nothing else. */
const ALONE: ReadonlySet<string> = new Set(['max', 'min']);

/** How many arguments a method takes, beside the value before the dot. */
export type MethodCounts = { readonly fewest: number; readonly most: number };

/** The same for each builtin that is a method. */
export function methodCounts({ name, arguments: count, optional }: Builtin): MethodCounts {
  const most = ALONE.has(name) ? 0 : count - 1;
  return { fewest: Math.min(most, count - 1 - optional), most };
}

/** The positions in the table of builtins by receiver and name, other names included. */
const positions: Readonly<Record<Receiver, ReadonlyMap<string, number>>> = {
  string: positionsOf('string'),
  bytes: positionsOf('bytes'),
  list: positionsOf('list'),
  map: positionsOf('map'),
};

/**
 * The position in `BUILTINS` of what a method runs; undefined when values of the kind have none of the
 * name.
 */
export function methodPosition(receiver: Receiver, name: string): number | undefined {
  return positions[receiver].get(name);
}

function positionsOf(receiver: Receiver): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const name of METHODS[receiver]) {
    const position = builtinPosition(name);
    assert(position !== undefined, `the method ${name} is a builtin`);
    found.set(name, position);
  }
  for (const [alias, name] of METHOD_ALIASES) {
    const position = found.get(name);
    if (position !== undefined) found.set(alias, position);
  }
  return found;
}
