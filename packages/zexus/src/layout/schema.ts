/**
 * What a cell of the state holds. Typed cells are one word, left-padded as in Solidity, and a zero
 * word is the type's zero. `untyped` cells hold any scalar value, text or bytes behind a head word.
 */
export type CellType =
  /** A natural number below 2²⁵⁶. */
  | 'integer'
  /** A two's complement number of 256 bits. */
  | 'signed'
  | 'bool'
  | 'address'
  /** 1 to 32 bytes, right-padded as in Solidity. */
  | `bytes${number}`
  | 'untyped';

/** How a variable, an entry of a map or an element of a list is stored. */
export type StateShape =
  | { readonly kind: 'cell'; readonly type: CellType }
  /**
   * A plain map: an entry touches its own cell only. It is never cleared, counted or iterated, and has
   * generation 0 and no head. Entries can be anything; those of a map within something that is cleared
   * are found behind the generation of that.
   */
  | { readonly kind: 'map'; readonly value: StateShape }
  /** A map with a head: it is counted, cleared, and iterated in the order of insertion. */
  | { readonly kind: 'enumerable'; readonly value: StateShape }
  /** A list with a head. */
  | { readonly kind: 'list'; readonly element: StateShape };

/** One variable of a contract's state. */
export type StateVariable = { readonly name: string; readonly shape: StateShape };

/** The variables of a contract in the order of their declaration; names are unique. */
export type StateSchema = readonly StateVariable[];

/** How many keys lead through plain maps, and to what. */
export function plainDepth(shape: StateShape): {
  readonly depth: number;
  readonly leaf: StateShape;
} {
  let depth = 0;
  let leaf = shape;
  while (leaf.kind === 'map') {
    leaf = leaf.value;
    depth += 1;
  }
  return { depth, leaf };
}
