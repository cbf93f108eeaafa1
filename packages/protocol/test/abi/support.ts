import fc from 'fast-check';
import { type AbiType, type AbiValue, abiArray, abiTuple, parseAbiType } from '../../src/index.ts';

const widths = fc.integer({ min: 1, max: 32 });

const elementaryType: fc.Arbitrary<AbiType> = fc
  .oneof(
    fc.constantFrom('address', 'bool', 'bytes', 'string', 'uint256', 'int256'),
    widths.map((bytes) => `uint${8 * bytes}`),
    widths.map((bytes) => `int${8 * bytes}`),
    widths.map((bytes) => `bytes${bytes}`),
  )
  .map(parseAbiType);

/** Types of all kinds, a few levels deep. */
export const abiType: fc.Arbitrary<AbiType> = fc.letrec<{ type: AbiType }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    elementaryType,
    tie('type').map((element) => abiArray(element)),
    fc
      .tuple(tie('type'), fc.integer({ min: 1, max: 3 }))
      .map(([element, length]) => abiArray(element, length)),
    fc.array(tie('type'), { minLength: 1, maxLength: 4 }).map(abiTuple),
  ),
})).type;

/** Values of a type. */
export function abiValueOf(type: AbiType): fc.Arbitrary<AbiValue> {
  switch (type.kind) {
    case 'uint':
      return integerBetween(0n, 2n ** BigInt(type.bits) - 1n);
    case 'int':
      return integerBetween(-(2n ** BigInt(type.bits - 1)), 2n ** BigInt(type.bits - 1) - 1n);
    case 'bool':
      return fc.boolean();
    case 'address':
      return fc.uint8Array({ minLength: 20, maxLength: 20 });
    case 'fixedBytes':
      return fc.uint8Array({ minLength: type.length, maxLength: type.length });
    case 'bytes':
      return fc.uint8Array({ maxLength: 70 });
    case 'string':
      return fc.string({ unit: 'binary', maxLength: 40 });
    case 'array':
      return fc.array(abiValueOf(type.element), {
        minLength: type.length ?? 0,
        maxLength: type.length ?? 3,
      });
    case 'tuple':
      return fc.tuple(...type.components.map(abiValueOf));
  }
}

function integerBetween(min: bigint, max: bigint): fc.Arbitrary<bigint> {
  return fc.oneof(fc.bigInt({ min, max }), fc.constantFrom(min, max, 0n, 1n));
}

/** Parameter lists with values for them. */
export const abiArguments: fc.Arbitrary<{
  readonly types: readonly AbiType[];
  readonly values: readonly AbiValue[];
}> = fc.array(abiType, { maxLength: 4 }).chain((types) =>
  fc.tuple(...types.map(abiValueOf)).map((values): { types: AbiType[]; values: AbiValue[] } => ({
    types,
    values,
  })),
);
