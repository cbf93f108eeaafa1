import type { CellType, StateShape } from '../layout/schema.ts';
import { zexusLimits } from '../limits.ts';
import type { Contract } from './tree.ts';
import { holdsNull, isContainerType, isContract, type TypeVariable } from './types.ts';

/** Decides how each variable is stored, when inference has ended. */
export function setShapes({ variables }: Contract): void {
  for (const variable of variables) {
    variable.shape = shapeOf(variable.types, { isInner: false, isCleared: false, isShared: false });
  }
}

type Surroundings = {
  /** Within another map or list. */
  readonly isInner: boolean;
  /** What is around it can be cleared, so that it must be as well. */
  readonly isCleared: boolean;
  /** What is around it is handed on, so that anything can be written here. */
  readonly isShared: boolean;
  readonly depth?: number;
};

function shapeOf(types: TypeVariable, around: Surroundings): StateShape {
  const { type, entries, isDeclared } = types;
  const { isInner, isCleared, isShared, depth = 0 } = around;
  const isTooDeep = depth >= zexusLimits.values.containerMapDepth;
  if ((type !== 'map' && type !== 'list') || isTooDeep || isOneValue(types, isInner)) {
    return { kind: 'cell', type: cellType(types, isShared) };
  }
  const isEnumerable = isCleared || types.isWhole;
  const inner: Surroundings = {
    isInner: true,
    isCleared: isEnumerable || type === 'list',
    isShared: (isShared && !isDeclared) || types.isShared,
    depth: depth + 1,
  };
  const value: StateShape =
    entries === undefined ? { kind: 'cell', type: 'untyped' } : shapeOf(entries.value, inner);
  if (type === 'list') return { kind: 'list', element: value };
  return { kind: isEnumerable ? 'enumerable' : 'map', value };
}

/**
 * Whether a container without a written type is kept as one value in a cell: where it can also be null,
 * and within others where it is put as a whole.
 */
function isOneValue(
  { isDeclared, isNullable, isAssigned }: TypeVariable,
  isInner: boolean,
): boolean {
  if (isDeclared) return false;
  return isNullable || (isInner && isAssigned);
}

/**
 * What a cell of the type holds. Text and bytes of any length, entities, what has no type or several, and
 * what must keep null apart from zero stay untyped; so does what anyone can write who is handed what is
 * around it.
 */
export function cellType(types: TypeVariable, isShared = false): CellType {
  const { type, isDeclared, isNullable, isOpen, isFlexible } = types;
  const isAny = isNullable || isShared || (isOpen && isFlexible) || types.isMixed;
  if (!isDeclared && isAny) return 'untyped';
  if (isContract(type)) return 'address';
  if (holdsNull(type) || isContainerType(type) || type === 'function') return 'untyped';
  return type as CellType;
}
