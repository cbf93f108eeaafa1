import { q64Errors } from '../errors.ts';
import { q64Limits } from '../limits.ts';
import { checkQ64 } from './code-text.ts';
import { fragmentAlignment } from './fragment.ts';

/** A body of a request, or a part of one, ready for `JSON.stringify`. */
export type OpenSearchBody = {
  readonly [key: string]:
    | OpenSearchBody
    | boolean
    | number
    | string
    | readonly (OpenSearchBody | string)[];
};

/** Fields of an index by what is looked for in them. */
export type OpenSearchFields = {
  /** Whole q64 texts, in which pieces are found. */
  readonly texts?: readonly string[] | undefined;
  /** Lists of `positionTokens` or `topIndexTokens`. */
  readonly tokens?: readonly string[] | undefined;
  /** zoq64 codes, whose prefixes are found. */
  readonly prefixes?: readonly string[] | undefined;
};

const ANALYSIS = 'q64_fragments';
/** Characters of an n-gram: those after which the alphabets begin again. */
const GRAM = 4;

/**
 * The body of `PUT /INDEX` in OpenSearch and Elasticsearch. Texts are cut into n-grams of four at every
 * position, with their case: a filter `lowercase` would mix the alphabets. Tokens and codes are keywords.
 *
 * @throws `Q64_ARGUMENT_INVALID` for a name that is given twice
 */
export function openSearchIndex(fields: OpenSearchFields): OpenSearchBody {
  const properties: Record<string, OpenSearchBody> = {};
  const add = (names: readonly string[], mapping: OpenSearchBody): void => {
    for (const name of names) {
      if (Object.hasOwn(properties, name)) {
        throw q64Errors.create('Q64_ARGUMENT_INVALID', `two fields are called ${name}`);
      }
      properties[name] = mapping;
    }
  };
  add(fields.texts ?? [], { type: 'text', analyzer: ANALYSIS, norms: false });
  add(fields.tokens ?? [], { type: 'keyword' });
  add(fields.prefixes ?? [], { type: 'keyword' });
  const tokenizer = { [ANALYSIS]: { type: 'ngram', min_gram: GRAM, max_gram: GRAM } };
  const analyzer = { [ANALYSIS]: { type: 'custom', tokenizer: ANALYSIS, filter: [] } };
  return {
    settings: { analysis: { tokenizer, analyzer } },
    mappings: { properties },
  };
}

/**
 * The query that finds a piece of a q64 text of four characters or more. Its n-grams have to follow each
 * other, so what is found contains the piece.
 *
 * @throws `Q64_ARGUMENT_INVALID` for a shorter piece, others as `fragmentAlignment`
 */
export function openSearchFragment(field: string, fragment: string): OpenSearchBody {
  fragmentAlignment(fragment);
  if (fragment.length < GRAM) {
    const detail = `a piece of ${fragment.length} characters has no n-gram of ${GRAM}`;
    throw q64Errors.create('Q64_ARGUMENT_INVALID', detail, { length: fragment.length });
  }
  return { match_phrase: { [field]: fragment } };
}

/**
 * The query that finds what has at least some of the tokens. The score is how many: for
 * `topIndexTokens` the overlap, for `positionTokens` the number of equal pieces.
 *
 * @param options.least how many tokens have to be there. @default 1
 * @throws `Q64_ARGUMENT_INVALID` for no tokens, more than the limit `queryTokens`, or a `least` that cannot be
 */
export function openSearchTokens(
  field: string,
  tokens: readonly string[],
  options: { readonly least?: number | undefined } = {},
): OpenSearchBody {
  const distinct = [...new Set(tokens)];
  if (distinct.length === 0 || distinct.length > q64Limits.values.queryTokens) {
    throw q64Errors.create('Q64_ARGUMENT_INVALID', `a query of ${distinct.length} tokens`);
  }
  const { least = 1 } = options;
  if (!Number.isSafeInteger(least) || least < 1 || least > distinct.length) {
    throw q64Errors.create('Q64_ARGUMENT_INVALID', `${least} of ${distinct.length} tokens`);
  }
  const should = distinct.map((token) => ({
    // Without this a token would count the more the rarer it is.
    constant_score: { filter: { term: { [field]: token } }, boost: 1 },
  }));
  return { bool: { should, minimum_should_match: least } };
}

/**
 * The query that finds zoq64 codes with a prefix in common with `code`, in whole characters of four bits.
 *
 * @throws `Q64_ARGUMENT_INVALID` for a number of characters that the code has not, others as `validateQ64`
 *   says
 */
export function openSearchPrefix(field: string, code: string, characters: number): OpenSearchBody {
  checkQ64(code);
  if (!Number.isSafeInteger(characters) || characters < 1 || characters > code.length) {
    const detail = `a prefix of ${characters} characters of ${code.length}`;
    throw q64Errors.create('Q64_ARGUMENT_INVALID', detail, { characters });
  }
  return { prefix: { [field]: { value: code.slice(0, characters) } } };
}
