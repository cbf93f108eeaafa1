import { vectorErrors } from '../errors.ts';
import { isInt64 } from '../json.ts';
import { vectorLimits } from '../limits.ts';
import type { MetadataScalar } from '../metadata.ts';
import { regexOf } from './regex.ts';
import type { Where, WhereDocument } from './where.ts';

/** Keys that mean the document and the id, not metadata. */
const DOCUMENT_KEY = '#document';
const ID_KEY = '#id';

const RANGES: ReadonlyMap<string, 'greater' | 'greaterOrEqual' | 'less' | 'lessOrEqual'> = new Map([
  ['$gt', 'greater'],
  ['$gte', 'greaterOrEqual'],
  ['$lt', 'less'],
  ['$lte', 'lessOrEqual'],
]);

/** Of one filter; the size is that of all its expressions, in instructions. */
type Counts = { conditions: number; regexes: number; regexSize: number };

/** What one filter has so far, and where in it the reader is. */
type Place = {
  readonly count: Counts;
  readonly path: string;
  readonly depth: number;
};

/**
 * Reads Chroma's `where`: `{key: scalar}`, `{key: {$eq | $ne | $gt | $gte | $lt | $lte: scalar}}`,
 * `{key: {$in | $nin: [scalars]}}`, `{key: {$contains | $not_contains: scalar}}` for lists,
 * `{$and | $or: [conditions]}`, `{"#document": {$contains | $not_contains | $regex | $not_regex: text}}`
 * and `{"#id": id | {$eq | $ne: id} | {$in | $nin: [ids]}}`. Numbers may be `bigint` or `number`: they
 * are compared by value. Unlike Chroma it takes integers and floats in one `$in`, which JavaScript
 * clients cannot tell apart. Null and undefined mean: no filter.
 *
 * @param value a plain object, such as `JSON.parse` or `parseExactJson` makes
 * @throws `FILTER_INVALID` with the path of the fault, `REGEX_INVALID`
 */
export function parseWhere(value: unknown): Where | undefined {
  if (value === undefined || value === null) return undefined;
  return condition(value, { count: noCounts(), path: 'where', depth: 0 });
}

/**
 * Reads Chroma's `where_document`: `{$contains | $not_contains | $regex | $not_regex: text}` or
 * `{$and | $or: [conditions]}`. Null and undefined mean: no filter.
 *
 * @throws `FILTER_INVALID` with the path of the fault, `REGEX_INVALID`
 */
export function parseWhereDocument(value: unknown): WhereDocument | undefined {
  if (value === undefined || value === null) return undefined;
  const place = { count: noCounts(), path: 'where_document', depth: 0 };
  return documentCondition(value, place);
}

function noCounts(): Counts {
  return { conditions: 0, regexes: 0, regexSize: 0 };
}

function condition(value: unknown, place: Place): Where {
  const [key, operand] = onlyMember(value, place);
  const inner = inside(place, key);
  if (key === '$and' || key === '$or') {
    const children = childrenOf(operand, inner).map((child, index) =>
      condition(child, inside(inner, index)),
    );
    return { kind: key === '$and' ? 'and' : 'or', children };
  }
  if (key.startsWith('$')) throw invalid('an operator stands inside the key that it tests', inner);
  if (key.length === 0) throw invalid('a key is not empty', inner);
  if (key === DOCUMENT_KEY) return documentOperator(operand, inner);
  if (key === ID_KEY) return idCondition(operand, inner);
  if (isScalar(operand)) return { kind: 'equal', key, value: scalarOf(operand, inner) };
  return operatorCondition(key, operand, inner);
}

function operatorCondition(key: string, value: unknown, place: Place): Where {
  const [operator, operand] = onlyMember(value, place);
  const inner = inside(place, operator);
  const range = RANGES.get(operator);
  if (range !== undefined) return { kind: range, key, value: numberOf(operand, inner) };
  switch (operator) {
    case '$eq':
      return { kind: 'equal', key, value: scalarOf(operand, inner) };
    case '$ne':
      return { kind: 'notEqual', key, value: scalarOf(operand, inner) };
    case '$in':
      return { kind: 'in', key, values: scalarsOf(operand, inner) };
    case '$nin':
      return { kind: 'notIn', key, values: scalarsOf(operand, inner) };
    case '$contains':
      return { kind: 'contains', key, value: scalarOf(operand, inner) };
    case '$not_contains':
      return { kind: 'notContains', key, value: scalarOf(operand, inner) };
    case '$regex':
    case '$not_regex':
      throw invalid(`${operator} tests only ${DOCUMENT_KEY}`, inner);
    default:
      throw invalid('there is no such operator', inner);
  }
}

/** `{"#document": {$contains: text}}`: the operators of `where_document` without `$and` and `$or`. */
function documentOperator(value: unknown, place: Place): WhereDocument {
  const [operator] = onlyMember(value, place);
  if (operator === '$and' || operator === '$or') {
    throw invalid(`${operator} stands outside of ${DOCUMENT_KEY}`, place);
  }
  return documentCondition(value, place);
}

function documentCondition(value: unknown, place: Place): WhereDocument {
  const [operator, operand] = onlyMember(value, place);
  const inner = inside(place, operator);
  if (operator === '$and' || operator === '$or') {
    const children = childrenOf(operand, inner).map((child, index) =>
      documentCondition(child, inside(inner, index)),
    );
    return { kind: operator === '$and' ? 'and' : 'or', children };
  }
  if (typeof operand !== 'string') throw invalid('a text is expected', inner);
  switch (operator) {
    case '$contains':
      return { kind: 'documentContains', text: operand };
    case '$not_contains':
      return { kind: 'documentNotContains', text: operand };
    case '$regex':
      checkRegex(operand, inner);
      return { kind: 'documentMatches', pattern: operand };
    case '$not_regex':
      checkRegex(operand, inner);
      return { kind: 'documentNotMatches', pattern: operand };
    default:
      throw invalid('there is no such operator for documents', inner);
  }
}

/** @throws `REGEX_INVALID`, and `FILTER_INVALID` where there are too many */
function checkRegex(pattern: string, place: Place): void {
  place.count.regexes += 1;
  if (place.count.regexes > vectorLimits.values.filterRegexes) {
    throw invalid('the filter has too many regular expressions', place);
  }
  place.count.regexSize += regexOf(pattern).size;
  if (place.count.regexSize > vectorLimits.values.filterRegexSize) {
    throw invalid('the regular expressions of the filter are too large together', place);
  }
}

function idCondition(value: unknown, place: Place): Where {
  if (typeof value === 'string') return { kind: 'id', values: [value], isNegated: false };
  const [operator, operand] = onlyMember(value, place);
  const inner = inside(place, operator);
  const isNegated = operator === '$ne' || operator === '$nin';
  if (operator === '$eq' || operator === '$ne') {
    if (typeof operand !== 'string') throw invalid('an id is a text', inner);
    return { kind: 'id', values: [operand], isNegated };
  }
  if (operator === '$in' || operator === '$nin') {
    const values = listOf(operand, inner);
    if (!isTexts(values)) throw invalid('an id is a text', inner);
    return { kind: 'id', values: [...new Set(values)], isNegated };
  }
  throw invalid('ids take $eq, $ne, $in and $nin', inner);
}

/** The one member of an object, counted as a condition. */
function onlyMember(value: unknown, place: Place): readonly [string, unknown] {
  place.count.conditions += 1;
  if (place.count.conditions > vectorLimits.values.filterConditions) {
    throw invalid('the filter has too many conditions', place);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid('an object is expected', place);
  }
  const members = Object.entries(value);
  const [member] = members;
  if (member === undefined || members.length > 1) {
    throw invalid('an object with exactly one key is expected', place);
  }
  return member;
}

function childrenOf(value: unknown, place: Place): readonly unknown[] {
  if (!Array.isArray(value)) throw invalid('a list of conditions is expected', place);
  if (place.depth > vectorLimits.values.filterDepth * 2) {
    throw invalid('the filter is nested too deeply', place);
  }
  return value as readonly unknown[];
}

function inside(place: Place, step: string | number): Place {
  const path = typeof step === 'number' ? `${place.path}[${step}]` : `${place.path}.${step}`;
  return { count: place.count, path, depth: place.depth + 1 };
}

function isScalar(value: unknown): boolean {
  return ['boolean', 'bigint', 'number', 'string'].includes(typeof value);
}

function scalarOf(value: unknown, place: Place): MetadataScalar {
  if (typeof value === 'boolean' || typeof value === 'string') return value;
  return numberOf(value, place);
}

function numberOf(value: unknown, place: Place): bigint | number {
  if (typeof value === 'bigint' && isInt64(value)) return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (typeof value === 'bigint' || typeof value === 'number') {
    throw invalid('a number is finite, and an integer fits 64 bits', place);
  }
  throw invalid(
    RANGES.has(place.path.slice(place.path.lastIndexOf('.') + 1))
      ? 'a number is expected'
      : 'a boolean, a number or a text is expected',
    place,
  );
}

function listOf(value: unknown, place: Place): readonly unknown[] {
  if (!Array.isArray(value) || value.length === 0) {
    throw invalid('a list that is not empty is expected', place);
  }
  if (value.length > vectorLimits.values.filterValues) throw invalid('the list is too long', place);
  return value as readonly unknown[];
}

function scalarsOf(value: unknown, place: Place): readonly MetadataScalar[] {
  const values = listOf(value, place).map((item) => scalarOf(item, place));
  const types = new Set(values.map((item) => (typeof item === 'bigint' ? 'number' : typeof item)));
  if (types.size > 1) throw invalid('the values of a list are of one type', place);
  // Each is looked up: a value that comes again would cost as much as the first time.
  return [...new Set(values)];
}

function isTexts(values: readonly unknown[]): values is readonly string[] {
  return values.every((value) => typeof value === 'string');
}

function invalid(reason: string, place: Place): Error {
  return vectorErrors.create('FILTER_INVALID', `${reason} at ${place.path}`, { path: place.path });
}
