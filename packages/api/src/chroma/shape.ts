import { apiErrors } from '../errors.ts';

/** JSON Schema of a shape, for the description of the interface. */
export type JsonSchema = { readonly [key: string]: unknown };

/** What one value of a request may be: the reader of it and its description. */
export type Shape<T> = {
  /** @throws `CHROMA_BODY_INVALID` with `path`, the place of the value in the body */
  readonly read: (value: unknown, path: string) => T;
  readonly schema: JsonSchema;
  /** True: the member may be missing; it is read as undefined then. */
  readonly isOptional?: boolean;
};

/** What a shape reads. */
export type Read<S> = S extends Shape<infer T> ? T : never;

/** The error for a value that is not what its place is for, in the words of Chroma's server. */
export function misfit(path: string, reason: string): Error {
  return apiErrors.create('CHROMA_BODY_INVALID', path === '' ? reason : `${path}: ${reason}`, {
    path,
  });
}

/** The error for a value of another type than `expected`. */
export function mistyped(path: string, value: unknown, expected: string): Error {
  return misfit(path, `invalid type: ${describe(value)}, expected ${expected}`);
}

/** A value as an error names it: never longer than a line. */
function describe(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'sequence';
  switch (typeof value) {
    case 'boolean':
      return `boolean \`${value}\``;
    case 'bigint':
      return `integer \`${value}\``;
    case 'number':
      return `${Number.isInteger(value) ? 'integer' : 'floating point'} \`${value}\``;
    case 'string':
      return `string ${JSON.stringify(value.slice(0, 64))}`;
    default:
      return 'map';
  }
}

/** True for a JSON object; lists and other objects are none. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !ArrayBuffer.isView(value)
  );
}

export const text: Shape<string> = {
  read: (value, path) => {
    if (typeof value === 'string') return value;
    throw mistyped(path, value, 'a string');
  },
  schema: { type: 'string' },
};

export const flag: Shape<boolean> = {
  read: (value, path) => {
    if (typeof value === 'boolean') return value;
    throw mistyped(path, value, 'a boolean');
  },
  schema: { type: 'boolean' },
};

const UINT32_MAX = 2 ** 32 - 1;

/** A whole number of 32 bits. */
export const count: Shape<number> = {
  read: (value, path) => {
    const number = typeof value === 'bigint' ? Number(value) : value;
    if (typeof number !== 'number') throw mistyped(path, value, 'u32');
    if (!Number.isInteger(number)) throw mistyped(path, value, 'u32');
    if (number < 0 || number > UINT32_MAX) {
      throw misfit(path, `invalid value: integer \`${value}\`, expected u32`);
    }
    return number;
  },
  schema: { type: 'integer', minimum: 0, maximum: UINT32_MAX },
};

/** A finite number. */
export const float: Shape<number> = {
  read: (value, path) => {
    const number = typeof value === 'bigint' ? Number(value) : value;
    if (typeof number === 'number' && Number.isFinite(number)) return number;
    throw mistyped(path, value, 'a finite number');
  },
  schema: { type: 'number' },
};

/** Anything: it is looked at by who knows more about it. */
export const anything: Shape<unknown> = { read: (value) => value, schema: {} };

/** One of some words. */
export function word<T extends string>(...words: readonly T[]): Shape<T> {
  const names = words.map((name) => `\`${name}\``).join(', ');
  return {
    read: (value, path) => {
      const string = text.read(value, path);
      const found = words.find((name) => name === string);
      if (found !== undefined) return found;
      const expected = words.length === 1 ? names : `one of ${names}`;
      throw misfit(path, `unknown variant \`${string.slice(0, 64)}\`, expected ${expected}`);
    },
    schema: { type: 'string', enum: words },
  };
}

export function list<T>(item: Shape<T>): Shape<readonly T[]> {
  return {
    read: (value, path) => {
      if (!Array.isArray(value)) throw mistyped(path, value, 'a sequence');
      return value.map((entry, index) => item.read(entry, `${path}[${index}]`));
    },
    schema: { type: 'array', items: item.schema },
  };
}

/** The same, or null, which is read as undefined. */
export function nullable<T>(inner: Shape<T>): Shape<T | undefined> {
  return {
    read: (value, path) =>
      value === null || value === undefined ? undefined : inner.read(value, path),
    schema: { anyOf: [inner.schema, { type: 'null' }] },
  };
}

/** A member that may be missing or null. */
export function optional<T>(inner: Shape<T>): Shape<T | undefined> {
  return { ...nullable(inner), isOptional: true };
}

/** A member that may be missing, but not null. */
export function withDefault<T>(inner: Shape<T>, fallback: T): Shape<T> {
  return {
    read: (value, path) => (value === undefined ? fallback : inner.read(value, path)),
    schema: { ...inner.schema, default: fallback },
    isOptional: true,
  };
}

/** Members by name. */
export type Members = { readonly [name: string]: Shape<unknown> };

/** What an object with these members is read as; members that were not given are undefined. */
export type ReadMembers<M extends Members> = { readonly [Name in keyof M]: Read<M[Name]> };

/** An object. Members that are not known are overlooked, or refused where `isStrict`. */
export function object<M extends Members>(
  members: M,
  options: { readonly isStrict?: boolean; readonly name?: string } = {},
): Shape<ReadMembers<M>> {
  const names = Object.keys(members);
  const known = names.map((name) => `\`${name}\``).join(', ');
  const expected = options.name === undefined ? 'a map' : `struct ${options.name}`;
  return {
    read: (value, path) => {
      if (!isObject(value)) throw mistyped(path, value, expected);
      const prefix = path === '' ? '' : `${path}.`;
      for (const name of options.isStrict ? Object.keys(value) : []) {
        if (Object.hasOwn(members, name)) continue;
        throw misfit(`${prefix}${name}`, `unknown field \`${name}\`, expected one of ${known}`);
      }
      const entries = names.map((name) => {
        const shape = members[name] as Shape<unknown>;
        const given = Object.hasOwn(value, name) ? value[name] : undefined;
        if (given === undefined && shape.isOptional !== true) {
          throw misfit(path, `missing field \`${name}\``);
        }
        return [name, shape.read(given, `${prefix}${name}`)];
      });
      return Object.fromEntries(entries) as ReadMembers<M>;
    },
    schema: {
      type: 'object',
      properties: Object.fromEntries(names.map((name) => [name, members[name]?.schema])),
      required: names.filter((name) => members[name]?.isOptional !== true),
      ...(options.isStrict ? { additionalProperties: false } : {}),
    },
  };
}
