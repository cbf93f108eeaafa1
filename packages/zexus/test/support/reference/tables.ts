import type { CallContext } from '../../../src/vm/host.ts';
import { Address } from '../../../src/vm/value.ts';
import type { Library } from './library.ts';
import { order, type RefFunction, RefList, type RefValue, truth } from './values.ts';

type HigherOrder = (
  items: readonly RefValue[],
  f: RefFunction,
  others: readonly RefValue[],
  library: Library,
) => RefValue;

/** Methods that take a function, of the values that a walk over theirs comes to. */
export const HIGHER_ORDER: Readonly<Record<string, HigherOrder>> = {
  map: (items, f) => new RefList(items.map((item) => f.call([item]))),
  filter: (items, f, _, library) =>
    new RefList(items.filter((item) => truth(f.call([item]), library))),
  reduce: (items, f, others) =>
    others.length > 0
      ? items.reduce((sum, item) => f.call([sum, item]), others[0] as RefValue)
      : items.length === 0
        ? null
        : items.reduce((sum, item) => f.call([sum, item])),
  each: (items, f) => {
    for (const item of items) f.call([item]);
    return null;
  },
  find: (items, f, _, library) => items.find((item) => truth(f.call([item]), library)) ?? null,
  any: (items, f, _, library) => items.some((item) => truth(f.call([item]), library)),
  all: (items, f, _, library) => items.every((item) => truth(f.call([item]), library)),
  count: (items, f, _, library) =>
    BigInt(items.filter((item) => truth(f.call([item]), library)).length),
  sort_by: (items, f) => {
    const keyed = items.map((item) => ({ item, key: f.call([item]) }));
    return new RefList(keyed.sort((x, y) => order(x.key, y.key)).map(({ item }) => item));
  },
};

/** Fields of the call's circumstances. */
export const CONTEXT: Readonly<Record<string, (context: CallContext) => RefValue>> = {
  'TX.caller': ({ caller }) => new Address(caller),
  'msg.sender': ({ caller }) => new Address(caller),
  'TX.value': ({ value }) => value,
  'msg.value': ({ value }) => value,
  'TX.origin': ({ origin }) => new Address(origin),
  'TX.timestamp': ({ timestamp }) => BigInt(timestamp),
  'TX.block_number': ({ height }) => BigInt(height),
  'TX.chain_id': ({ chainId }) => chainId,
  'TX.coinbase': ({ coinbase }) => new Address(coinbase),
  'TX.gas_price': ({ gasPrice }) => gasPrice,
};
