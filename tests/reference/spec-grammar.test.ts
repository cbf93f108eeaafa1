import { globSync, readFileSync } from 'node:fs';
import { formatDiagnostic } from '@lucerna/zexus';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DiagnosticSink } from '../../packages/zexus/src/syntax/diagnostics.ts';
import { tokenize } from '../../packages/zexus/src/syntax/lexer.ts';
import { parse } from '../../packages/zexus/src/syntax/parser.ts';
import { parseGrammar, type SentenceMaker, sentence, undefinedNames } from './ebnf.ts';
import { recognise } from './recogniser.ts';
import { fences } from './zexus-page.ts';

const page = readFileSync(new URL('../../docs/spec/zexus.md', import.meta.url), 'utf8');
const grammar = parseGrammar(
  fences(page, 'ebnf')
    .map(({ text }) => text)
    .join('\n'),
);

const TERMINALS: Readonly<Record<string, readonly string[]>> = {
  NAME: ['a', 'b', 'from', 'data', 'limits', 'x1', '_y'],
  WORD: ['a', 'match', 'in', 'event', 'true'],
  INTEGER: [
    '0',
    '7',
    '115792089237316195423570985008687907853269984665640564039457584007913129639935',
  ],
  HEX: ['0xff', '0x00112233445566778899aabbccddeeff00112233'],
  STRING: ['"s"', "'s\\n'", '"""a\nb"""', '""'],
  TEMPLATE: [`"a\${b}c"`, `"\${ f("x") }"`],
  LINE: ['\n'],
};

/** Rules about which more is said than the notation can: what they lead to is put in brackets for it. */
const BRACKETED: Readonly<Record<string, RegExp>> = {
  head: /[{_]|=>/,
  expression: /^(?:\{|match\b|lambda\s*:)/,
  object: /^(?:\{|match\b)|=>|\blambda\b/,
  condition: /^[([]/,
  returned: /^\{/,
};

/** What is wrong with a sentence, but not with its form. */
const NOT_OF_THE_FORM = ['MODIFIER_DUPLICATE', 'NESTING_TOO_DEEP'];

function maker(choices: readonly number[]): SentenceMaker {
  let next = 0;
  const choose = (count: number): number => {
    const choice = choices[next] ?? 0;
    next += 1;
    return choice % count;
  };
  return {
    choose,
    isEnding: () => next >= choices.length,
    terminal: (name) => {
      const texts = TERMINALS[name] as readonly string[];
      return texts[choose(texts.length)] as string;
    },
    made: (rule, text) => {
      // A new line is an end only where no operator follows: that is said of lines, not by a rule.
      if (rule === 'end') return ';';
      return BRACKETED[rule]?.test(text) ? `(${text})` : text;
    },
  };
}

function wrongIn(text: string): readonly string[] {
  const { diagnostics } = parse({ name: 'sentence.zx', text });
  return diagnostics
    .filter(({ severity, code }) => severity === 'error' && !NOT_OF_THE_FORM.includes(code))
    .map((diagnostic) => formatDiagnostic(diagnostic));
}

/** Sources of this tree that the parser takes. */
const sources = ['packages/zexus/{std,test}/**/*.zx', 'examples/**/*.zx', 'tests/**/*.zx']
  .flatMap((pattern) => globSync(pattern, { cwd: new URL('../..', import.meta.url) }))
  .map((path) => ({
    path,
    text: readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'),
  }))
  .filter(({ text }) => wrongIn(text).length === 0);

describe('the grammar of docs/spec/zexus.md', () => {
  it('has a rule for every name', () => {
    expect(undefinedNames(grammar, Object.keys(TERMINALS))).toEqual([]);
    expect(grammar.size).toBeGreaterThan(60);
  });

  it.each(sources)('leads to $path', ({ path, text }) => {
    const source = { name: path, text };
    const tokens = tokenize(source, new DiagnosticSink(source)) ?? [];
    const { isWhole, furthest } = recognise(grammar, 'file', tokens);
    const rest = text.slice(tokens[furthest - 3]?.start ?? 0, (tokens[furthest]?.end ?? 0) + 40);
    expect([isWhole, isWhole ? '' : rest]).toEqual([true, '']);
  });

  it.each([
    ['file', (text: string) => `${text}\ncontract Z { }`],
    ['member', (text: string) => `contract C { ${text} }`],
    ['statement', (text: string) => `contract C { action f() { ${text} } }`],
    ['value', (text: string) => `contract C { data d = ${text} }`],
  ] as const)('leads to what the parser takes, from %s', (rule, around) => {
    const choices = fc.array(fc.nat({ max: 5_039 }), { maxLength: 250, size: 'max' });
    fc.assert(
      fc.property(choices, (numbers) => {
        expect(wrongIn(around(sentence(grammar, rule, maker(numbers))))).toEqual([]);
      }),
      { numRuns: 800 },
    );
  });
});
