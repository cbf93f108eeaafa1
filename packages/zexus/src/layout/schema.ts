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

/** One variable of a contract's state. */
export type StateVariable =
  | { readonly kind: 'cell'; readonly name: string; readonly type: CellType }
  /**
   * A plain map: an entry touches its own cell only; `depth` keys lead to a cell of `type`.
   * Such a map is never cleared, counted or iterated, and has generation 0.
   */
  | {
      readonly kind: 'map';
      readonly name: string;
      readonly depth: number;
      readonly type: CellType;
    };

/** The variables of a contract in the order of their declaration; names are unique. */
export type StateSchema = readonly StateVariable[];
