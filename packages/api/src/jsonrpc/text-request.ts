import type { Eq64Group, IndexBits, SimHashGenerator, Zoq64Form } from '@lucerna/q64';
import { apiLimits } from '../limits.ts';
import { looseQuantity, toSafeNumber } from './forms.ts';
import { arrayOf, flag, formError, objectOf, type ParamSchema, paramError } from './params.ts';

const ENCODINGS = ['q64', 'eq64', 'shq64', 't8q64', 'zoq64', 'mq64'] as const;
const GENERATORS: readonly SimHashGenerator[] = ['chacha8', 'pcg64'];
const FORMS: readonly Zoq64Form[] = ['packed', 'interleaved'];
const GROUPS: readonly Eq64Group[] = [4, 8];
const INDEX_BITS: readonly IndexBits[] = [8, 16];

/** The encodings by their names. */
export type TextEncoding = (typeof ENCODINGS)[number];

/** Which encoding a text has, `q64` unless it is said, and the options of that encoding. */
export type TextRequest = {
  readonly encoding?: TextEncoding;
  readonly group?: Eq64Group;
  readonly planes?: number;
  readonly generator?: SimHashGenerator;
  readonly seed?: bigint;
  readonly k?: number;
  readonly indexBits?: IndexBits;
  readonly pad?: boolean;
  readonly clamp?: boolean;
  readonly form?: Zoq64Form;
  readonly levels?: readonly number[];
  readonly truncate?: boolean;
};

/** How much of an unknown name an error repeats. */
const MAX_NAME_CHARS = 32;

/** Encodings by the options that are theirs. */
const ENCODING_OF_OPTION: Readonly<Record<Exclude<keyof TextRequest, 'encoding'>, TextEncoding>> = {
  group: 'eq64',
  planes: 'shq64',
  generator: 'shq64',
  seed: 'shq64',
  k: 't8q64',
  indexBits: 't8q64',
  pad: 't8q64',
  clamp: 't8q64',
  form: 'zoq64',
  levels: 'mq64',
  truncate: 'mq64',
};

const count: ParamSchema<number> = {
  ...looseQuantity,
  parse: (value, path): number => toSafeNumber(looseQuantity.parse(value, path)),
};

const fields = objectOf({
  encoding: oneOf(ENCODINGS),
  group: oneOf(GROUPS),
  planes: count,
  generator: oneOf(GENERATORS),
  seed: looseQuantity,
  k: count,
  indexBits: oneOf(INDEX_BITS),
  pad: flag,
  clamp: flag,
  form: oneOf(FORMS),
  levels: arrayOf(count, apiLimits.values.q64Levels),
  truncate: flag,
});

/**
 * Argument of the `lucerna_q64…` methods. Another encoding's option, or a misspelt one, would be passed
 * over and give texts that fit no others, so it is refused.
 */
export const textRequest: ParamSchema<TextRequest> = {
  expected: fields.expected,
  schema: { ...fields.schema, additionalProperties: false },
  parse: (value, path): TextRequest => {
    const request: TextRequest = fields.parse(value, path);
    const { encoding = 'q64' } = request;
    for (const [name, given] of Object.entries(value as object)) {
      if (name === 'encoding' || given === undefined || given === null) continue;
      const owner = ownerOf(name);
      if (owner === undefined) {
        throw paramError(`${path}: no option is called ${name.slice(0, MAX_NAME_CHARS)}`);
      }
      if (owner !== encoding)
        throw paramError(`${path}.${name}: for ${owner}, not for ${encoding}`);
    }
    return request;
  },
};

/** The encoding that has an option of that name. */
function ownerOf(name: string): TextEncoding | undefined {
  const owners: Readonly<Record<string, TextEncoding>> = ENCODING_OF_OPTION;
  return Object.hasOwn(owners, name) ? owners[name] : undefined;
}

/** One of a few values. */
function oneOf<T extends number | string>(values: readonly T[]): ParamSchema<T> {
  const expected = `one of ${values.join(', ')}`;
  return {
    expected,
    schema: { enum: [...values] },
    parse: (value, path): T => {
      const known = values.find((each) => each === value);
      if (known === undefined) throw formError(path, expected, value);
      return known;
    },
  };
}
