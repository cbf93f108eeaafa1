import type { LucernaError } from '@lucerna/base';
import type { JsonObject, JsonValue } from '@lucerna/protocol';
import { apiErrors } from '../errors.ts';

/** How one argument is read: the type it becomes, its check and its JSON schema, in one place. */
export type ParamSchema<T> = {
  /** The form in words, for error messages: `20 bytes as 0x hex`. */
  readonly expected: string;
  /** JSON Schema of what is accepted, for the method documentation. */
  readonly schema: JsonObject;
  /**
   * The value that `value` spells.
   *
   * @throws `RPC_PARAMS_INVALID` naming `path`
   */
  readonly parse: (value: unknown, path: string) => T;
};

/** A positional parameter of a method. */
export type Param<T> = {
  readonly name: string;
  readonly summary: string;
  readonly form: ParamSchema<T>;
  readonly required: boolean;
  /** What a missing argument stands for; of no meaning for a required one. */
  readonly fallback: T | undefined;
};

/** The types of the values of a parameter list. */
export type ParamValues<P extends readonly Param<unknown>[]> = {
  [I in keyof P]: P[I] extends Param<infer T> ? T : never;
};

/** A parameter that the caller must give. */
export function required<T>(name: string, form: ParamSchema<T>, summary: string): Param<T> {
  return { name, summary, form, required: true, fallback: undefined };
}

/** A parameter that the caller may leave out, or give as null. */
export function optional<T>(
  name: string,
  form: ParamSchema<T>,
  fallback: T,
  summary: string,
): Param<T> {
  return { name, summary, form, required: false, fallback };
}

/**
 * The values of a method's arguments. `params` may be absent or null; missing trailing arguments, and
 * nulls in the place of optional ones, take their fallback.
 *
 * @throws `RPC_PARAMS_INVALID`: named arguments, too many, a required one missing, a wrong form
 */
export function parseParams(definitions: readonly Param<unknown>[], params: unknown): unknown[] {
  const given = params ?? [];
  if (!Array.isArray(given)) {
    throw paramError('arguments are an array in the order of the documentation, not named');
  }
  let count = given.length;
  while (count > 0 && (given[count - 1] ?? undefined) === undefined) count -= 1;
  if (count > definitions.length) {
    throw paramError(`too many arguments, want at most ${definitions.length}`);
  }
  return definitions.map((definition, index) => {
    const value: unknown = given[index];
    if (value !== undefined && value !== null) {
      return definition.form.parse(value, argumentPath(definition.name, index));
    }
    if (!definition.required) return definition.fallback;
    throw paramError(`missing value for required argument ${index} (${definition.name})`);
  });
}

/** How errors name the argument at `index`. */
function argumentPath(name: string, index: number): string {
  return `argument ${index} (${name})`;
}

/** An error about arguments; `detail` names the argument. */
export function paramError(detail: string): LucernaError {
  return apiErrors.create('RPC_PARAMS_INVALID', detail);
}

/** The error for a value that does not have the form it should have. Does not repeat the value. */
export function formError(path: string, expected: string, value: unknown): LucernaError {
  return paramError(`${path}: expected ${expected}, not ${kindOf(value, expected)}`);
}

function kindOf(value: unknown, expected: string): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'number') return numberKind(value);
  if (typeof value !== 'string') return `a ${typeof value}`;
  if (expected.includes('0x') && !value.startsWith('0x')) return 'text without 0x prefix';
  return `text of ${value.length} characters`;
}

function numberKind(value: number): string {
  if (!Number.isInteger(value)) return 'a fraction';
  if (value < 0) return 'a negative number';
  return Number.isSafeInteger(value) ? 'a number' : 'a number that JSON does not keep exactly';
}

/** A schema whose text form is matched by `pattern` before it is converted. */
export function textForm<T>(
  expected: string,
  pattern: RegExp,
  convert: (text: string, path: string) => T,
): ParamSchema<T> {
  return {
    expected,
    schema: { type: 'string', pattern: pattern.source, description: expected },
    parse: (value, path): T => {
      if (typeof value !== 'string' || !pattern.test(value)) throw formError(path, expected, value);
      return convert(value, path);
    },
  };
}

/** An array of at most `max` values of `item`. */
export function arrayOf<T>(item: ParamSchema<T>, max: number): ParamSchema<readonly T[]> {
  const expected = `an array of at most ${max} values`;
  return {
    expected,
    schema: { type: 'array', items: item.schema, maxItems: max },
    parse: (value, path): readonly T[] => {
      if (!Array.isArray(value) || value.length > max) throw formError(path, expected, value);
      return value.map((entry: unknown, index) => item.parse(entry, `${path}[${index}]`));
    },
  };
}

/** A boolean. */
export const flag: ParamSchema<boolean> = {
  expected: 'true or false',
  schema: { type: 'boolean' },
  parse: (value, path): boolean => {
    if (typeof value !== 'boolean') throw formError(path, 'true or false', value);
    return value;
  },
};

/** The fields of an object, each of which may be missing or null. */
export type OptionalFields<F extends Readonly<Record<string, ParamSchema<unknown>>>> = {
  -readonly [K in keyof F]?: F[K] extends ParamSchema<infer T> ? T : never;
};

/**
 * An object with the given fields, none of them obligatory. Other fields are ignored, as all nodes
 * do, except `refused` ones, which would change the meaning: they may only be null or empty.
 */
export function objectOf<F extends Readonly<Record<string, ParamSchema<unknown>>>>(
  fields: F,
  refused: readonly string[] = [],
): ParamSchema<OptionalFields<F>> {
  const names: readonly string[] = Object.keys(fields);
  const properties: Record<string, JsonValue> = {};
  for (const name of names) properties[name] = fields[name]?.schema ?? {};
  return {
    expected: 'an object',
    schema: { type: 'object', properties },
    parse: (value, path): OptionalFields<F> => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) {
        throw formError(path, 'an object', value);
      }
      const given = value as Readonly<Record<string, unknown>>;
      for (const name of refused) {
        if (Object.hasOwn(given, name) && !isVacant(given[name])) {
          throw paramError(`${path}.${name}: not supported`);
        }
      }
      const parsed: Record<string, unknown> = {};
      for (const name of names) {
        const field = Object.hasOwn(given, name) ? given[name] : undefined;
        if (field === undefined || field === null) continue;
        parsed[name] = fields[name]?.parse(field, `${path}.${name}`);
      }
      return parsed as OptionalFields<F>;
    },
  };
}

function isVacant(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}
