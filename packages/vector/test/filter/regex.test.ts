import { describe, expect, it } from 'vitest';
import { compileRegex } from '../../src/filter/regex.ts';
import { estimateRegexSize } from '../../src/filter/regex-size.ts';
import { vectorLimits } from '../../src/limits.ts';

function codeOf(run: () => unknown): unknown {
  try {
    run();
    return undefined;
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
}

function isFound(pattern: string, text: string): boolean {
  return compileRegex(pattern).test(text, { steps: 0 });
}

describe('compileRegex', () => {
  it('finds a pattern anywhere in a text', () => {
    expect(isFound('b+', 'abbbc')).toBe(true);
    expect(isFound('^b', 'abc')).toBe(false);
    expect(isFound('(?i)ABC', 'xabcx')).toBe(true);
    expect(isFound('a.c', 'a\nc')).toBe(false);
    expect(isFound('(?s)a.c', 'a\nc')).toBe(true);
    expect(isFound('^.$', '😀')).toBe(true);
    expect(isFound('\\p{Greek}', 'αβγ')).toBe(true);
    expect(isFound('', '')).toBe(true);
    expect(isFound('^$', 'x')).toBe(false);
  });

  it('refuses what is too long or too large, before the time of compiling it is spent', () => {
    const { regexChars, regexSize } = vectorLimits.values;
    expect(codeOf(() => compileRegex('a'.repeat(regexChars)))).toBeUndefined();
    expect(codeOf(() => compileRegex('a'.repeat(regexChars + 1)))).toBe('REGEX_INVALID');
    const large = [
      '(?:abcdefghij){1000}',
      'a{1000}'.repeat(140),
      '((a|b){40}[c]){30}',
      '(?:a?){1000}b{1000}',
    ];
    for (const pattern of large) {
      expect(estimateRegexSize(pattern)).toBeGreaterThan(regexSize);
      expect(codeOf(() => compileRegex(pattern))).toBe('REGEX_INVALID');
    }
    expect(codeOf(() => compileRegex('[a-z]{1000}'))).toBeUndefined();
  });

  it('knows what a text has to hold', () => {
    expect(compileRegex('ab+cde').requirement).toMatchObject({ kind: 'all' });
    expect(compileRegex('(fox|dog)s').requirement).toMatchObject({ kind: 'all' });
    expect(compileRegex('fox|dog').requirement).toEqual({
      kind: 'any',
      parts: [
        { kind: 'text', text: 'fox' },
        { kind: 'text', text: 'dog' },
      ],
    });
    expect(compileRegex('needle').requirement).toEqual({ kind: 'text', text: 'needle' });
    for (const pattern of ['(?i)fox', 'a*', '[abc]+', 'fox|.', '']) {
      expect([pattern, compileRegex(pattern).requirement]).toEqual([pattern, undefined]);
    }
  });

  it('stops at the budget', () => {
    const regex = compileRegex('(?i)fox');
    const budget = { steps: vectorLimits.values.filterSteps - 5_000 };
    expect(regex.test('x'.repeat(100), budget)).toBe(false);
    expect(codeOf(() => regex.test('x'.repeat(10_000), budget))).toBe('FILTER_TOO_COSTLY');
    expect(regex.test('a fox', { steps: 0 })).toBe(true);
  });

  it('counts about a step a character where the automaton has few states', () => {
    const regex = compileRegex('[a-z]+ing\\b|\\d{4}-\\d{2}|(?i)fox');
    const budget = { steps: 0 };
    for (let document = 0; document < 100; document += 1)
      regex.test(`document ${document} `.repeat(100), budget);
    expect(budget.steps).toBeGreaterThan(100_000);
    expect(budget.steps).toBeLessThan(300_000);
  });

  it('counts the instructions of states, and of the simulation where there are too many states', () => {
    // As many states as there are sets of places of an a among the last 900 characters.
    const regex = compileRegex('a[ab]{900}[^ab]');
    const [text, other] = [scatteredLetters(2_500), scatteredLetters(3_000)];
    const budget = { steps: 0 };
    expect(regex.test(text, budget)).toBe(false);
    expect(budget.steps).toBeGreaterThan(text.length * 3_000);
    budget.steps = vectorLimits.values.filterSteps - text.length * 3_000;
    expect(codeOf(() => regex.test(other, budget))).toBe('FILTER_TOO_COSTLY');
    expect(regex.test('ab', { steps: 0 })).toBe(false);
    expect(regex.test(`${text}c`, { steps: 0 })).toBe(text.at(-901) === 'a');
  });
});

function scatteredLetters(length: number): string {
  let text = '';
  for (let seed = length; text.length < length; seed = (seed * 48_271) % 2_147_483_647) {
    text += seed % 2 === 0 ? 'a' : 'b';
  }
  return text;
}

describe('estimateRegexSize', () => {
  it('multiplies what is repeated', () => {
    expect(estimateRegexSize('')).toBe(0);
    expect(estimateRegexSize('abc')).toBe(3);
    expect(estimateRegexSize('a{10}')).toBe(10);
    expect(estimateRegexSize('ab{10}c')).toBe(12);
    expect(estimateRegexSize('(ab){10}')).toBe(40);
    expect(estimateRegexSize('a{2,30}')).toBe(30);
    expect(estimateRegexSize('a{5,}')).toBe(5);
    expect(estimateRegexSize('((a{3}){4}b){5}')).toBe(5 * (4 * 5 + 1 + 2));
  });

  it('takes escapes, classes and quotations for what they are', () => {
    expect(estimateRegexSize('\\({10}')).toBe(10);
    expect(estimateRegexSize('[(){}]{10}')).toBe(10);
    expect(estimateRegexSize('[]a]{3}')).toBe(3);
    expect(estimateRegexSize('[[:alpha:]]{3}')).toBe(3);
    expect(estimateRegexSize('\\p{Greek}{3}')).toBe(3);
    expect(estimateRegexSize('\\x{10FFFF}{3}')).toBe(3);
    expect(estimateRegexSize('a{,5}b{x}')).toBe(9);
    expect(estimateRegexSize('\\Q(a{9}\\E')).toBeLessThan(15);
    for (const malformed of ['(', ')', ')))(((', '[', '\\', 'a{', '{5}', '{5}{5}']) {
      expect(estimateRegexSize(malformed)).toBeLessThan(100);
    }
  });
});
