import type { Tape } from './tape.ts';

/** The kinds of scalars that a program tells apart; the widths of numbers are one kind. */
export type ScalarKind =
  | 'address'
  | 'bool'
  | 'bytes'
  | 'bytes32'
  | 'bytes4'
  | 'integer'
  | 'signed'
  | 'string';

/** A type as a program can write it. */
export type ProgramType = {
  /** Values of types with the same one can stand for each other. */
  readonly id: string;
  /** Its name in the source. */
  readonly written: string;
  /** Its name in the ABI; undefined where inference decides. */
  readonly abi: string | undefined;
  readonly shape: TypeShape;
};

export type TypeShape =
  | { readonly kind: 'scalar'; readonly scalar: ScalarKind }
  | { readonly kind: 'list'; readonly element: ProgramType }
  | { readonly kind: 'map'; readonly key: ProgramType; readonly value: ProgramType }
  | { readonly kind: 'entity'; readonly entity: ProgramEntity }
  | { readonly kind: 'any' };

/** An entity that a program declares. */
export type ProgramEntity = {
  readonly name: string;
  readonly fields: readonly { readonly name: string; readonly type: ProgramType }[];
  readonly actions: readonly {
    readonly name: string;
    readonly parameter: ProgramType | undefined;
    readonly result: ProgramType | undefined;
  }[];
};

const scalar = (kind: ScalarKind, written: string, abi: string): ProgramType => ({
  id: kind,
  written,
  abi,
  shape: { kind: 'scalar', scalar: kind },
});

/** The scalar types, the usual ones first. */
export const SCALARS: readonly ProgramType[] = [
  scalar('integer', 'integer', 'uint256'),
  scalar('address', 'address', 'address'),
  scalar('bool', 'bool', 'bool'),
  scalar('string', 'string', 'string'),
  scalar('signed', 'signed', 'int256'),
  scalar('bytes', 'bytes', 'bytes'),
  scalar('bytes32', 'hash', 'bytes32'),
  scalar('bytes4', 'bytes4', 'bytes4'),
  scalar('integer', 'uint64', 'uint64'),
  scalar('integer', 'int', 'uint256'),
  scalar('signed', 'int128', 'int128'),
  scalar('bool', 'boolean', 'bool'),
  scalar('address', 'Address', 'address'),
];

/** The type of each kind that takes all of its values. */
export const SCALAR_TYPES: Readonly<Record<ScalarKind, ProgramType>> = Object.fromEntries(
  SCALARS.toReversed().map((type) => [type.id, type]),
) as Record<ScalarKind, ProgramType>;

/** Without widths, which are checked where they are written. */
export function wholeType(type: ProgramType): ProgramType {
  return type.shape.kind === 'scalar' ? SCALAR_TYPES[type.shape.scalar] : type;
}

/**
 * Whether the uses of values tell their type where it is not written: not of entities, of what may be
 * anything, nor of a list or map in another one, which is a map wherever it is used with keys.
 */
export function isTelling({ shape }: ProgramType): boolean {
  if (shape.kind === 'list') return shape.element.shape.kind === 'scalar';
  if (shape.kind === 'map') return shape.value.shape.kind === 'scalar';
  return shape.kind === 'scalar';
}

export const ANY: ProgramType = { id: 'any', written: 'any', abi: 'bytes', shape: { kind: 'any' } };

export function listOf(element: ProgramType): ProgramType {
  const abi = element.abi === undefined ? undefined : `${element.abi}[]`;
  return {
    id: `list<${element.id}>`,
    written: `list<${element.written}>`,
    abi,
    shape: { kind: 'list', element },
  };
}

export function mapOf(key: ProgramType, value: ProgramType): ProgramType {
  return {
    id: `map<${key.id}, ${value.id}>`,
    written: `map<${key.written}, ${value.written}>`,
    abi: 'bytes',
    shape: { kind: 'map', key, value },
  };
}

export function entityType(entity: ProgramEntity): ProgramType {
  return { id: entity.name, written: entity.name, abi: 'tuple', shape: { kind: 'entity', entity } };
}

const KEYS = ['string', 'integer', 'address', 'bool', 'bytes4'] as const;

/** A random type: mostly a scalar, and lists, maps and entities of such up to `depth`. */
export function pickType(
  tape: Tape,
  entities: readonly ProgramEntity[],
  depth: number = 2,
): ProgramType {
  const choice = depth <= 0 ? 0 : tape.below(10);
  switch (choice) {
    case 5:
    case 6:
      return listOf(wholeType(pickType(tape, entities, depth - 1)));
    case 7:
    case 8: {
      const key = SCALAR_TYPES[tape.pick(KEYS)];
      return mapOf(key, wholeType(pickType(tape, entities, depth - 1)));
    }
    case 9:
      return entities.length > 0 ? entityType(tape.pick(entities)) : ANY;
    default:
      return tape.pick(SCALARS);
  }
}
