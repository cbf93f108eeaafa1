import { LruCache } from '@lucerna/base';
import { RE2JS } from 're2js';
import { vectorErrors } from '../errors.ts';
import { vectorLimits } from '../limits.ts';
import type { Requirement } from './document-index.ts';
import { chargeText, type FilterBudget } from './filter-budget.ts';
import { estimateRegexSize } from './regex-size.ts';

/** A compiled regular expression. */
export type Regex = {
  /**
   * True when it is found anywhere in `text`.
   *
   * @throws `FILTER_TOO_COSTLY` when the budget is spent
   */
  readonly test: (text: string, budget: FilterBudget) => boolean;
  /** What every text has to hold in which it is found; undefined: nothing is known. */
  readonly requirement: Requirement | undefined;
  /** Instructions that it compiles to. */
  readonly size: number;
};

/** Steps for one instruction, when a state of the automaton is made (measured). */
const CLOSURE_STEPS = 20;
/** What a state costs besides its instructions, in instructions. */
const CLOSURE_OVERHEAD = 10;
/** Steps for one instruction and character, when the expression is simulated (measured). */
const SIMULATION_STEPS = 4;
/** Steps for a text besides its characters. */
const TEXT_STEPS = 25;

/** For all filters: the same one is compiled when it is read, and looked for afterwards. */
const compiledRegexes = new LruCache<string, Regex>(vectorLimits.values.regexCache);

/** The expression as {@link compileRegex} makes it, from those that were used last. */
export function regexOf(pattern: string): Regex {
  const kept = compiledRegexes.get(pattern);
  if (kept !== undefined) return kept;
  const compiled = compileRegex(pattern);
  compiledRegexes.set(pattern, compiled);
  return compiled;
}

/**
 * Compiles a regular expression of RE2 (Cox, "Regular Expression Matching Can Be Simple And Fast",
 * 2007): the time of a test is linear in the text, whatever the expression.
 *
 * @throws `REGEX_INVALID`
 */
export function compileRegex(pattern: string): Regex {
  if (pattern.length > vectorLimits.values.regexChars) {
    throw vectorErrors.create('REGEX_INVALID', 'it is too long', { chars: pattern.length });
  }
  // Repetitions multiply while it is compiled, which has no limit of its own that is low enough.
  if (estimateRegexSize(pattern) > vectorLimits.values.regexSize) throw tooLarge();
  const compiled = parse(pattern);
  const size = compiled.programSize();
  if (size > vectorLimits.values.regexSize) throw tooLarge();
  const meter = new Meter(compiled, pattern);
  return {
    test: (text, budget): boolean => {
      meter.start(text, budget);
      return compiled.test(text);
    },
    requirement: requirementOf(compiled.re2().prefilter),
    size,
  };
}

function parse(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw vectorErrors.create('REGEX_INVALID', reason, {}, error);
  }
}

function tooLarge(): Error {
  return vectorErrors.create('REGEX_INVALID', 'it compiles to too many instructions');
}

/**
 * Counts the steps of a compiled expression, and throws when the budget is spent. RE2JS builds an
 * automaton while it reads; states that many instructions make up, of which hostile expressions have
 * very many, cost far more than reading on, and where it gives up, all instructions are simulated for
 * each character. The library has no bound of its own, therefore these two calls inside of it, of
 * typed and public methods, are watched.
 */
class Meter {
  readonly #pattern: string;
  #text = '';
  #budget: FilterBudget = { steps: 0 };

  constructor(compiled: RE2JS, pattern: string) {
    this.#pattern = pattern;
    const size = compiled.programSize();
    const automaton = compiled.re2().dfa;
    const match = automaton.match.bind(automaton);
    automaton.match = (input: unknown, position: unknown, anchor: unknown): unknown => {
      const found: unknown = match(input, position, anchor);
      if (found === null) this.#charge(this.#text.length * size * SIMULATION_STEPS);
      return found;
    };
    const closure = automaton.closure.bind(automaton);
    automaton.closure = (pcs: unknown, flag: unknown): ReturnType<typeof closure> => {
      const found = closure(pcs, flag);
      this.#charge((found.pcs.length + CLOSURE_OVERHEAD) * CLOSURE_STEPS);
      return found;
    };
  }

  start(text: string, budget: FilterBudget): void {
    this.#text = text;
    this.#budget = budget;
    this.#charge(text.length + TEXT_STEPS);
  }

  #charge(steps: number): void {
    chargeText(this.#budget, steps, this.#pattern);
  }
}

/** Kinds of RE2JS's prefilter: a tree of literals that are necessary for a match. */
const PREFILTER_TEXT = 1;
const PREFILTER_ALL = 2;
const PREFILTER_ANY = 3;

function requirementOf(prefilter: unknown): Requirement | undefined {
  if (typeof prefilter !== 'object' || prefilter === null) return undefined;
  const { type, str, subs } = prefilter as { type?: unknown; str?: unknown; subs?: unknown };
  if (type === PREFILTER_TEXT && typeof str === 'string') return { kind: 'text', text: str };
  if ((type !== PREFILTER_ALL && type !== PREFILTER_ANY) || !Array.isArray(subs)) return undefined;
  const parts: Requirement[] = [];
  for (const sub of subs) {
    const part = requirementOf(sub);
    if (part !== undefined) parts.push(part);
    else if (type === PREFILTER_ANY) return undefined;
  }
  return parts.length === 0 ? undefined : { kind: type === PREFILTER_ALL ? 'all' : 'any', parts };
}
