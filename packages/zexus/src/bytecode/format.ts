import type { ContainerAction, Mutability } from './container.ts';

// The numbers of the container's format, version 2: docs/spec/zxc.md.

/** What every contract of this language begins with; EVM code cannot begin with EF (EIP-3541). */
export const ZEXUS_PREFIX: Uint8Array = Uint8Array.of(0xef, 0x5a, 0x58);

/** The version of the format that is written and read. */
export const CONTAINER_VERSION = 2;

/** Where the total length stands: four bytes, big-endian. */
export const LENGTH_OFFSET = 4;
/** Where the code hash stands: 32 bytes. */
export const CODE_HASH_OFFSET = 8;
/** Where the sections begin. */
export const HEADER_BYTES = 40;
/** The checksum at the end: four bytes, big-endian. */
export const CRC_BYTES = 4;

/** The sections in their order. Those from the source map on are present only with something in them. */
export const SECTIONS = {
  contract: 1,
  constants: 2,
  state: 3,
  events: 4,
  actions: 5,
  code: 6,
  metadata: 7,
  /** Of code from one file. */
  sourceMap: 8,
  errors: 9,
  entryPoints: 10,
  /** Of code from several files; then there is no other. */
  filesMap: 11,
} as const;

/** How a variable of the state is written: a plain map leads to cells, everything else is a tree. */
export const VARIABLE_KINDS = { cell: 0, plainMap: 1, tree: 2 } as const;

/** What begins a shape in a tree: by the kind of the shape. */
export const SHAPE_KINDS = { cell: 0, map: 1, enumerable: 2, list: 3 } as const;

/** Whether an action is a function of the ABI, and under which name. */
export const EXPORT_KINDS = { none: 0, ownName: 1, otherName: 2 } as const;

/** The position is the number in an action's first byte. */
export const MUTABILITIES: readonly Mutability[] = ['nonpayable', 'view', 'payable', 'pure'];

/** Added to the mutability of an action that has a gas limit. */
export const GAS_LIMIT_FLAG = 4;

/** A log has four topics, and the first is the event. */
export const MAX_INDEXED_FIELDS = 3;

/** The parts of an action that the section of actions holds; its code is in a section of its own. */
export type ActionSignature = Omit<ContainerAction, 'code'>;
