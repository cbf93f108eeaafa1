import { bytesToBigInt, toHexKey } from '@lucerna/base';
import {
  canonicalKey,
  elementSlot,
  entrySlot,
  type Program,
  parseListHead,
  type Scalar,
  type StateShape,
} from '@lucerna/zexus';
import { fromZexusValue } from './contract-values.ts';
import { sdkLimits } from './limits.ts';

type ReadWord = (slot: Uint8Array) => Uint8Array;

/**
 * The names of slots of a contract's state: `total`, `items[3]`, `balances[0x…]`. The slot of a map's entry
 * is a hash of its key, so that only entries of known keys have a name.
 *
 * @param keys that may have been used: arguments, accounts
 * @param load the words after the change
 * @returns by the hex key of the slot
 */
export function slotNames(
  program: Program,
  keys: readonly Scalar[],
  load: ReadWord,
): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const { name, slot, shape } of program.variables) {
    addNames(names, name, slot, shape, keys.slice(0, sdkLimits.values.namedKeys), load);
  }
  return names;
}

function addNames(
  names: Map<string, string>,
  name: string,
  slot: Uint8Array,
  shape: StateShape,
  keys: readonly Scalar[],
  load: ReadWord,
): void {
  if (names.size >= sdkLimits.values.namedSlots) return;
  names.set(toHexKey(slot), name);
  if (shape.kind === 'map') {
    for (const key of keys) {
      const entry = entrySlot(slot, canonicalKey(key));
      addNames(names, `${name}[${keyName(key)}]`, entry, shape.value, keys, load);
    }
  } else if (shape.kind === 'enumerable') {
    // The generation is the first number of its head, as in that of a list.
    const generation = bytesToBigInt(load(slot).subarray(0, 8));
    for (const key of keys) {
      const entry = entrySlot(slot, canonicalKey(key), generation);
      addNames(names, `${name}[${keyName(key)}]`, entry, shape.value, keys, load);
    }
  } else if (shape.kind === 'list') {
    const head = parseListHead(load(slot));
    const length = Math.min(head?.length ?? 0, sdkLimits.values.namedKeys);
    for (let index = 0; index < length; index += 1) {
      const element = elementSlot(slot, index, head?.generation ?? 0n);
      addNames(names, `${name}[${index}]`, element, shape.element, keys, load);
    }
  }
}

function keyName(key: Scalar): string {
  const shown = fromZexusValue(key);
  return typeof shown === 'string' && typeof key === 'string'
    ? JSON.stringify(shown)
    : String(shown);
}
