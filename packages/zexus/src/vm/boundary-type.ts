import { type AbiType, abiArray, abiTuple, parseAbiType } from '@lucerna/protocol';
import type { AbiField } from '../bytecode/container.ts';

/** A type of the ABI, and what the language has for its values. */
export type BoundaryType = {
  readonly abi: AbiType;
  /** The bytes are the canonical encoding of a value of any kind. */
  readonly isEncoded: boolean;
  /** Of an array. */
  readonly element?: BoundaryType;
  /** Of a tuple: in the language a map with the names as keys, or a list where they have none. */
  readonly components?: readonly BoundaryComponent[];
};

/** A component of a tuple; without a name: ''. */
export type BoundaryComponent = { readonly name: string; readonly type: BoundaryType };

/** What a field of a container stands for. @throws `ABI_TYPE_INVALID`, `ABI_TYPE_LIMIT` */
export function boundaryTypeOf(field: AbiField): BoundaryType {
  const bracket = field.type.indexOf('[');
  const base = bracket < 0 ? field.type : field.type.slice(0, bracket);
  const brackets = bracket < 0 ? '' : field.type.slice(bracket);
  let type: BoundaryType =
    base === 'tuple'
      ? namedTuple(field.components ?? [])
      : { ...boundaryOfAbi(parseAbiType(base)), isEncoded: field.isEncoded === true };
  for (const [, length] of brackets.matchAll(/\[(\d*)\]/g)) {
    const abi = abiArray(type.abi, length === '' ? undefined : Number(length));
    type = { abi, isEncoded: false, element: type };
  }
  return type;
}

function namedTuple(fields: readonly AbiField[]): BoundaryType {
  const components = fields.map((field) => ({ name: field.name, type: boundaryTypeOf(field) }));
  return { abi: abiTuple(components.map(({ type }) => type.abi)), isEncoded: false, components };
}

/** What a type of the ABI stands for whose components have no names. */
export function boundaryOfAbi(abi: AbiType): BoundaryType {
  switch (abi.kind) {
    case 'array':
      return { abi, isEncoded: false, element: boundaryOfAbi(abi.element) };
    case 'tuple':
      return {
        abi,
        isEncoded: false,
        components: abi.components.map((component) => ({
          name: '',
          type: boundaryOfAbi(component),
        })),
      };
    default:
      return { abi, isEncoded: false };
  }
}
