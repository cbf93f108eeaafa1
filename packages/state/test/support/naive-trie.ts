import { RLP } from '@ethereumjs/rlp';
import { toHexKey } from '@lucerna/base';
import { keccak_256 } from '@noble/hashes/sha3.js';

/** An entry of the model: key and value as hex without prefix. */
export type NaiveMap = ReadonlyMap<string, string>;

/** Root of a trie and the rows a node store holds for it: path (one hex digit a nibble) → node in hex. */
export type NaiveTrie = { readonly root: string; readonly rows: ReadonlyMap<string, string> };

type Entry = { readonly path: string; readonly value: Uint8Array };
type Item = Uint8Array | Item[];

/**
 * The trie over `map` by the definition of the yellow paper (appendix D): builds everything from the
 * sorted entries, top down, and shares nothing with the real trie, not even RLP.
 */
export function naiveTrie(map: NaiveMap): NaiveTrie {
  const entries = [...map].map(([path, value]) => ({ path, value: Buffer.from(value, 'hex') }));
  if (entries.length === 0) return { root: hashHex(RLP.encode('')), rows: new Map() };
  const rows = new Map<string, string>();
  const encoded = RLP.encode(build(entries, '', rows));
  rows.set('', toHexKey(encoded));
  return { root: hashHex(encoded), rows };
}

/** The structure of the node at `path`; the rows of the nodes below go to `rows`. */
function build(entries: readonly Entry[], path: string, rows: Map<string, string>): Item {
  const [first] = entries;
  if (first === undefined) throw new Error('a node has entries');
  if (entries.length === 1) return [compact(first.path.slice(path.length), true), first.value];
  let common = path.length;
  while (entries.every((entry) => entry.path[common] === first.path[common])) common += 1;
  if (common > path.length) {
    const below = first.path.slice(0, common);
    return [compact(below.slice(path.length), false), refer(entries, below, rows)];
  }
  const items: Item[] = [];
  for (const nibble of '0123456789abcdef') {
    const inside = entries.filter((entry) => entry.path[path.length] === nibble);
    items.push(inside.length === 0 ? new Uint8Array(0) : refer(inside, path + nibble, rows));
  }
  const own = entries.find((entry) => entry.path.length === path.length);
  return [...items, own?.value ?? new Uint8Array(0)];
}

function refer(entries: readonly Entry[], path: string, rows: Map<string, string>): Item {
  const item = build(entries, path, rows);
  const encoded = RLP.encode(item);
  if (encoded.length < 32) return item;
  rows.set(path, toHexKey(encoded));
  return keccak_256(encoded);
}

function compact(nibbles: string, terminal: boolean): Uint8Array {
  const odd = nibbles.length % 2;
  const flags = (2 * Number(terminal) + odd).toString(16);
  return Buffer.from(flags + (odd === 1 ? nibbles : `0${nibbles}`), 'hex');
}

function hashHex(bytes: Uint8Array): string {
  return toHexKey(keccak_256(bytes));
}
