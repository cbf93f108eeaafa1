import { unreachable } from '@lucerna/base';
import type { MetadataScalar, MetadataValue } from '../metadata.ts';
import { isSparseVector } from '../metadata-values.ts';
import type { StoredRecord } from '../record.ts';
import { compareNumbers, isNumeric, isSameScalar } from './compare.ts';
import { compileRegex, type Regex } from './regex.ts';
import type { Where } from './where.ts';

type Range = Extract<Where, { kind: 'greater' | 'greaterOrEqual' | 'less' | 'lessOrEqual' }>;

/**
 * Whether one record fulfils a condition. This is what the operators mean; the index agrees with it.
 * Numbers are compared by value whatever their type; a list equals nothing, and contains its items;
 * `notEqual`, `notIn`, `notContains` and the negated conditions on documents hold for records that
 * lack the key or the document, or hold another type.
 *
 * @param regexOf gives the expression of a pattern, from what is kept where many records are tested
 * @throws `REGEX_INVALID`, `FILTER_TOO_COSTLY`
 */
export function matches(
  record: StoredRecord,
  where: Where,
  regexOf: (pattern: string) => Regex = compileRegex,
): boolean {
  const hasMatch = (pattern: string): boolean =>
    record.document !== undefined && regexOf(pattern).test(record.document, { steps: 0 });
  switch (where.kind) {
    case 'and':
      return where.children.every((child) => matches(record, child, regexOf));
    case 'or':
      return where.children.some((child) => matches(record, child, regexOf));
    case 'equal':
      return isEqual(fieldOf(record, where.key), where.value);
    case 'notEqual':
      return !isEqual(fieldOf(record, where.key), where.value);
    case 'greater':
    case 'greaterOrEqual':
    case 'less':
    case 'lessOrEqual':
      return isInRange(fieldOf(record, where.key), where);
    case 'in':
      return isAnyOf(fieldOf(record, where.key), where.values);
    case 'notIn':
      return !isAnyOf(fieldOf(record, where.key), where.values);
    case 'contains':
      return hasItem(fieldOf(record, where.key), where.value);
    case 'notContains':
      return !hasItem(fieldOf(record, where.key), where.value);
    case 'id':
      return where.values.includes(record.id) !== where.isNegated;
    case 'documentContains':
      return record.document?.includes(where.text) === true;
    case 'documentNotContains':
      return record.document?.includes(where.text) !== true;
    case 'documentMatches':
      return hasMatch(where.pattern);
    case 'documentNotMatches':
      return !hasMatch(where.pattern);
    default:
      return unreachable(where);
  }
}

function fieldOf(record: StoredRecord, key: string): MetadataValue | undefined {
  return record.metadata?.get(key);
}

function isEqual(value: MetadataValue | undefined, wanted: MetadataScalar): boolean {
  return typeof value !== 'object' && isSameScalar(value, wanted);
}

function isAnyOf(value: MetadataValue | undefined, wanted: readonly MetadataScalar[]): boolean {
  return wanted.some((item) => isEqual(value, item));
}

function hasItem(value: MetadataValue | undefined, wanted: MetadataScalar): boolean {
  if (typeof value !== 'object' || isSparseVector(value)) return false;
  return value.some((item) => isSameScalar(item, wanted));
}

function isInRange(value: MetadataValue | undefined, range: Range): boolean {
  if (!isNumeric(value)) return false;
  const order = compareNumbers(value, range.value);
  if (range.kind === 'greater') return order > 0;
  if (range.kind === 'greaterOrEqual') return order >= 0;
  return range.kind === 'less' ? order < 0 : order <= 0;
}
