import { present, unreachable } from '@lucerna/base';
import { vectorLimits } from '../limits.ts';
import type { MetadataScalar } from '../metadata.ts';
import type { StoredRecord } from '../record.ts';
import type { DocumentIndex, Requirement } from './document-index.ts';
import { chargeSteps, chargeText, type FilterBudget } from './filter-budget.ts';
import { matches } from './matches.ts';
import { regexOf } from './regex.ts';
import type { NumberRange, ValueIndex } from './value-index.ts';
import type { Where } from './where.ts';
import {
  countRows,
  intersectWords,
  keepRows,
  markRow,
  subtractWords,
  uniteWords,
} from './words.ts';

/** What one key of metadata has: scalars, and the items of lists. */
export type KeyIndex = { scalars: ValueIndex | undefined; items: ValueIndex | undefined };

/** What a filter is evaluated on. */
export type EvaluationSource = {
  readonly records: readonly (StoredRecord | undefined)[];
  readonly keys: ReadonlyMap<string, KeyIndex>;
  readonly documents: DocumentIndex;
  /** The row of an id, where a lookup is possible. */
  readonly rowOf: ((id: string) => number | undefined) | undefined;
};

/** A condition on a key that holds only where there is something, which can be looked up. */
type KeyCondition =
  | { readonly kind: 'equal'; readonly key: string; readonly value: MetadataScalar }
  | { readonly kind: 'contains'; readonly key: string; readonly value: MetadataScalar }
  | { readonly kind: 'in'; readonly key: string; readonly values: readonly MetadataScalar[] }
  | (NumberRange & { readonly key: string });

/** How many rows a lookup marks in the time that one record is looked at. */
const MARKS_PER_RECORD = 16;
/** Up to so many documents are looked through without asking their index. */
const FEW_DOCUMENTS = 64;
/** What a document costs to look through, in rows that are marked. */
const CONTAINS_COST = 500;
/** Steps of the budget to look for a text in a document: for any, and for its characters. */
const DOCUMENT_STEPS = 40;
const CHARS_PER_STEP = 8;
const REGEX_COST = 5_000;

// What is counted of the budget, in its steps (measured).
/** To begin a condition, and for each word of the sets that it is evaluated with. */
const CONDITION_STEPS = 50;
const STEPS_PER_WORD = 1.5;
/** To look a value or an id up. */
const LOOKUP_STEPS = 100;
/** To mark a row, and to look at a record. */
const MARK_STEPS = 0.6;
const RECORD_STEPS = 25;
/** To look a text up in a block of the index of documents. */
const BLOCK_STEPS = 200;
/** To compile an instruction of a regular expression. */
const COMPILE_STEPS = 1_500;

/** The evaluation of one filter. Sets of rows are words as in RowSet, all equally long. */
export class Evaluation {
  readonly #source: EvaluationSource;
  readonly #budget: FilterBudget = { steps: 0 };
  readonly #costs = new Map<Where, number>();
  #indexedChars = 0;

  constructor(source: EvaluationSource) {
    this.#source = source;
  }

  /**
   * Those of `candidates`, which are rows with records, that fulfil the condition; a set of the caller's
   * own.
   *
   * @throws `REGEX_INVALID`, `FILTER_TOO_COSTLY`
   */
  select(where: Where, candidates: Uint32Array): Uint32Array {
    this.#charge(CONDITION_STEPS + candidates.length * STEPS_PER_WORD);
    switch (where.kind) {
      case 'and':
        return this.#selectAll(where.children, candidates);
      case 'or':
        return this.#selectAny(where.children, candidates);
      case 'notEqual':
        return this.#selectOthers({ ...where, kind: 'equal' }, candidates);
      case 'notIn':
        return this.#selectOthers({ ...where, kind: 'in' }, candidates);
      case 'notContains':
        return this.#selectOthers({ ...where, kind: 'contains' }, candidates);
      case 'documentNotContains':
        return this.#selectOthers({ ...where, kind: 'documentContains' }, candidates);
      case 'documentNotMatches':
        return this.#selectOthers({ ...where, kind: 'documentMatches' }, candidates);
      case 'id':
        if (where.isNegated) return this.#selectOthers({ ...where, isNegated: false }, candidates);
        return this.#selectIds(where.values, candidates);
      case 'documentContains':
        return this.#selectContaining(where.text, candidates);
      case 'documentMatches':
        return this.#selectMatching(where.pattern, candidates);
      // The kinds are repeated because the compiler does not narrow a union of literals by a case.
      case 'equal':
        return this.#selectByKey({ ...where, kind: 'equal' }, candidates);
      case 'contains':
        return this.#selectByKey({ ...where, kind: 'contains' }, candidates);
      case 'in':
        return this.#selectByKey({ ...where, kind: 'in' }, candidates);
      case 'greater':
      case 'greaterOrEqual':
      case 'less':
      case 'lessOrEqual':
        return this.#selectByKey(where, candidates);
      default:
        return unreachable(where);
    }
  }

  /** The cheapest conditions first, each among what the ones before it have left. */
  #selectAll(children: readonly Where[], candidates: Uint32Array): Uint32Array {
    const ordered = children.map((child) => ({ child, cost: this.#cost(child) }));
    ordered.sort((left, right) => left.cost - right.cost);
    let selected: Uint32Array = candidates.slice();
    for (const { child } of ordered) {
      if (countRows(selected, 0) === 0) break;
      selected = this.select(child, selected);
    }
    return selected;
  }

  #selectAny(children: readonly Where[], candidates: Uint32Array): Uint32Array {
    const selected = new Uint32Array(candidates.length);
    const rest = candidates.slice();
    for (const child of children) {
      if (countRows(rest, 0) === 0) break;
      const found = this.select(child, rest);
      uniteWords(selected, found);
      subtractWords(rest, found);
    }
    return selected;
  }

  #selectOthers(where: Where, candidates: Uint32Array): Uint32Array {
    const others = candidates.slice();
    subtractWords(others, this.select(where, candidates));
    return others;
  }

  #selectIds(ids: readonly string[], candidates: Uint32Array): Uint32Array {
    const { rowOf } = this.#source;
    this.#charge(ids.length * LOOKUP_STEPS);
    if (rowOf === undefined) {
      const wanted = new Set(ids);
      return keepRows(candidates, (row) => wanted.has(this.#recordToTest(row).id));
    }
    const selected = new Uint32Array(candidates.length);
    for (const id of ids) {
      const row = rowOf(id);
      if (row !== undefined) markRow(selected, row);
    }
    intersectWords(selected, candidates);
    return selected;
  }

  #selectByKey(condition: KeyCondition, candidates: Uint32Array): Uint32Array {
    const values = condition.kind === 'in' ? condition.values.length : 1;
    this.#charge(values * LOOKUP_STEPS);
    const marks = this.#cost(condition);
    this.#charge(marks * MARK_STEPS);
    const few = Math.floor(marks / (MARKS_PER_RECORD * values));
    if (few > 0 && countRows(candidates, few) <= few) {
      return keepRows(candidates, (row) => matches(this.#record(row), condition));
    }
    const selected = new Uint32Array(candidates.length);
    this.#mark(selected, condition);
    intersectWords(selected, candidates);
    return selected;
  }

  #mark(selected: Uint32Array, condition: KeyCondition): void {
    const index = this.#source.keys.get(condition.key);
    const verifyBy = (tested: KeyCondition) => {
      return (row: number): boolean => matches(this.#recordToTest(row), tested);
    };
    const verify = verifyBy(condition);
    if (condition.kind === 'equal') index?.scalars?.markEqual(selected, condition.value, verify);
    else if (condition.kind === 'contains') {
      index?.items?.markEqual(selected, condition.value, verify);
    } else if (condition.kind === 'in') {
      const { key } = condition;
      for (const value of condition.values) {
        // By this value: by all of them, a row would be compared with each of them for each of them.
        const verifyOne = verifyBy({ kind: 'equal', key, value });
        index?.scalars?.markEqual(selected, value, verifyOne);
      }
    } else index?.scalars?.markRange(selected, condition, verify);
  }

  #selectContaining(text: string, candidates: Uint32Array): Uint32Array {
    const narrowed = this.#narrow({ kind: 'text', text }, candidates, text);
    return keepRows(narrowed, (row) => {
      const document = this.#document(row);
      if (document === undefined) return false;
      const steps = DOCUMENT_STEPS + document.length / CHARS_PER_STEP;
      chargeText(this.#budget, steps, text);
      return document.includes(text);
    });
  }

  #selectMatching(pattern: string, candidates: Uint32Array): Uint32Array {
    const { test, requirement, size } = regexOf(pattern);
    chargeText(this.#budget, size * COMPILE_STEPS, pattern);
    const narrowed = this.#narrow(requirement, candidates, pattern);
    return keepRows(narrowed, (row) => {
      const document = this.#document(row);
      return document !== undefined && test(document, this.#budget);
    });
  }

  /** @param text what is looked for */
  #narrow(
    requirement: Requirement | undefined,
    candidates: Uint32Array,
    text: string,
  ): Uint32Array {
    if (requirement === undefined) return candidates;
    if (countRows(candidates, FEW_DOCUMENTS) <= FEW_DOCUMENTS) return candidates;
    return this.#source.documents.narrow(candidates, requirement, (blocks) => {
      chargeText(this.#budget, blocks * BLOCK_STEPS + candidates.length * STEPS_PER_WORD, text);
    });
  }

  /** The document of a row, which is about to be looked through; so it is put into the index, too. */
  #document(row: number): string | undefined {
    const { document } = this.#record(row);
    if (document === undefined || this.#source.documents.has(row)) return document;
    if (this.#indexedChars + document.length <= vectorLimits.values.documentIndexChars) {
      this.#indexedChars += document.length;
      this.#source.documents.add(row, document);
    }
    return document;
  }

  /** About how many rows are marked to evaluate the condition. */
  #cost(where: Where): number {
    const known = this.#costs.get(where);
    if (known !== undefined) return known;
    const cost = this.#estimate(where);
    this.#costs.set(where, cost);
    return cost;
  }

  #estimate(where: Where): number {
    switch (where.kind) {
      case 'and':
        return where.children.reduce(
          (least, child) => Math.min(least, this.#cost(child)),
          this.#source.records.length,
        );
      case 'or':
        return where.children.reduce((sum, child) => sum + this.#cost(child), 0);
      case 'id':
        return this.#source.rowOf === undefined ? this.#source.records.length : where.values.length;
      case 'equal':
      case 'notEqual':
        return this.#source.keys.get(where.key)?.scalars?.countEqual(where.value) ?? 0;
      case 'in':
      case 'notIn': {
        const index = this.#source.keys.get(where.key)?.scalars;
        if (index === undefined) return 0;
        return where.values.reduce<number>((sum, value) => sum + index.countEqual(value), 0);
      }
      case 'contains':
      case 'notContains':
        return this.#source.keys.get(where.key)?.items?.countEqual(where.value) ?? 0;
      case 'greater':
      case 'greaterOrEqual':
      case 'less':
      case 'lessOrEqual':
        return this.#source.keys.get(where.key)?.scalars?.countRange(where) ?? 0;
      case 'documentContains':
      case 'documentNotContains':
        return this.#source.records.length * CONTAINS_COST;
      case 'documentMatches':
      case 'documentNotMatches':
        return this.#source.records.length * REGEX_COST;
      default:
        return unreachable(where);
    }
  }

  #charge(steps: number): void {
    chargeSteps(this.#budget, steps);
  }

  #recordToTest(row: number): StoredRecord {
    this.#charge(RECORD_STEPS);
    return this.#record(row);
  }

  #record(row: number): StoredRecord {
    return present(this.#source.records[row], 'a candidate has a record');
  }
}
