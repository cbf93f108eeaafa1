import type { CellType } from '../layout/schema.ts';

// `bytesN`, `uint8N` and `int8N` are these codes plus N.
const FIXED_BYTES = 0x20;
const UNSIGNED = 0x40;
const SIGNED = 0x60;
const UINT256 = UNSIGNED + 32;
const INT256 = SIGNED + 32;

/** The codes of all types, both ways. */
const codes: ReadonlyMap<string, number> = new Map(entries());
const names: ReadonlyMap<number, string> = new Map(entries().map(([name, code]) => [code, name]));

/** Code 0 stands where a type may be missing: no result, an untyped cell. */
export const NO_TYPE = 0;

/** In front of the type of the elements of a list. */
export const LIST_TYPE = 0x05;

/** In front of the components of a tuple: names and types. */
export const TUPLE_TYPE = 0x06;

/** `bytes` that are the canonical encoding of a value of any kind. */
export const ENCODED_TYPE = 0x07;

/**
 * The one byte that stands for an elementary type of the ABI in a container (docs/spec/zxc.md, "Types"),
 * such as 0x60 for `uint256`; undefined for all else, also for other spellings, such as `uint`.
 */
export function typeCode(type: string): number | undefined {
  return codes.get(type);
}

/** The elementary type of the ABI that a byte stands for. */
export function typeOfCode(code: number): string | undefined {
  return names.get(code);
}

/**
 * The byte that stands for a type of cells: those of `uint256` and `int256` for `integer` and
 * `signed`, 0 for `untyped`, otherwise that of the ABI's type.
 */
export function cellTypeCode(type: CellType): number | undefined {
  if (type === 'untyped') return NO_TYPE;
  if (type === 'integer') return UINT256;
  return type === 'signed' ? INT256 : codes.get(type);
}

/** The type of cells that a byte stands for. */
export function cellTypeOfCode(code: number): CellType | undefined {
  if (code === NO_TYPE) return 'untyped';
  if (code === UINT256) return 'integer';
  if (code === INT256) return 'signed';
  const name = names.get(code);
  if (name === 'bool' || name === 'address') return name;
  const size = code - FIXED_BYTES;
  return size >= 1 && size <= 32 ? `bytes${size}` : undefined;
}

function entries(): [name: string, code: number][] {
  const list: [string, number][] = [
    ['bool', 0x01],
    ['address', 0x02],
    ['string', 0x03],
    ['bytes', 0x04],
  ];
  for (let size = 1; size <= 32; size += 1) {
    list.push([`bytes${size}`, FIXED_BYTES + size]);
    list.push([`uint${8 * size}`, UNSIGNED + size]);
    list.push([`int${8 * size}`, SIGNED + size]);
  }
  return list;
}
