/**
 * A value of a program as one of a `SourceRow`: whole numbers become `bigint`, moments milliseconds
 * since 1970, and what is absent null. Arrays of bytes and of floats stay what they are.
 */
export function plainToExact(value: unknown): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof value !== 'object' || value === null) return value ?? null;
  if (value instanceof Date) return BigInt(value.getTime());
  if (value instanceof Uint8Array || isFloats(value)) return value;
  if (ArrayBuffer.isView(value))
    return Array.from(value as unknown as ArrayLike<unknown>, plainToExact);
  if (Array.isArray(value)) return value.map(plainToExact);
  const members = Object.entries(value).map(([key, item]) => [key, plainToExact(item)] as const);
  return Object.fromEntries(members);
}

function isFloats(value: object): boolean {
  return value instanceof Float32Array || value instanceof Float64Array;
}
