// `.zxc` version 1, upstream's format: docs/spec/zxc1.md. A module is the code of one action or script.

/** A constant of a module; each kind has a tag of its own, integers two. */
export type Zxc1Constant =
  | { readonly kind: 'null' }
  | { readonly kind: 'boolean'; readonly value: boolean }
  /** Of at most 64 bits with its sign. */
  | { readonly kind: 'integer'; readonly value: bigint }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  /** JSON of a function's description, and of every other dictionary of upstream's compiler. */
  | { readonly kind: 'description'; readonly json: string }
  | { readonly kind: 'list'; readonly items: readonly Zxc1Constant[] }
  | {
      readonly kind: 'map';
      readonly entries: readonly (readonly [key: Zxc1Constant, value: Zxc1Constant])[];
    };

/** What stands behind an opcode; numbers of `u32`, `pair` and `triple` have 32 bits without a sign. */
export type Zxc1Operand =
  | { readonly kind: 'none' }
  | { readonly kind: 'u32'; readonly value: number }
  | { readonly kind: 'i64'; readonly value: bigint }
  | { readonly kind: 'pair'; readonly values: readonly [number, number] }
  | { readonly kind: 'triple'; readonly values: readonly [number, number, number] };

/** An instruction; the opcode has 16 bits and may be one that nobody knows. */
export type Zxc1Instruction = { readonly opcode: number; readonly operand: Zxc1Operand };

/** What a file holds, without its header and checksum. */
export type Zxc1Module = {
  readonly constants: readonly Zxc1Constant[];
  readonly instructions: readonly Zxc1Instruction[];
};
