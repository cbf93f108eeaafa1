import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { zexusLimits } from '../../src/limits.ts';
import { type DiagnosticCode, diagnosticCodes } from '../../src/syntax/diagnostic-codes.ts';
import { DiagnosticSink, formatDiagnostic, locate } from '../../src/syntax/diagnostics.ts';
import { parse } from '../../src/syntax/parser.ts';
import { codesOf, inAction, parseText, sourceOf } from './support.ts';

type GoldenCase = { readonly title: string; readonly text: string; readonly expected: string };

function goldenCases(): readonly GoldenCase[] {
  const file = readFileSync(new URL('diagnostics.golden.txt', import.meta.url), 'utf8');
  return file
    .split(/^==== /m)
    .slice(1)
    .map((section) => {
      const [head, expected] = section.split('\n----\n') as [string, string];
      const titleEnd = head.indexOf('\n');
      const title = head.slice(0, titleEnd);
      return { title, text: head.slice(titleEnd + 1), expected: expected.trimEnd() };
    });
}

/** Errors that cannot be shown in a text file. */
const invisible: readonly (readonly [DiagnosticCode, string])[] = [
  ['CHARACTER_FORBIDDEN', inAction('x = "a\u202eb"')],
  ['CHARACTER_FORBIDDEN', inAction('# \u2066')],
  ['CHARACTER_FORBIDDEN', inAction('/* \u0000 */')],
  ['CHARACTER_FORBIDDEN', inAction('x = "\ud83d"')],
  ['CHARACTER_FORBIDDEN', inAction("x = '\ude00\ud83d'")],
  ['CHARACTER_UNEXPECTED', inAction('x = \u0000')],
  ['CHARACTER_UNEXPECTED', inAction('x\u00a0= 1')],
  ['DIAGNOSTICS_LIMIT', inAction(') \n'.repeat(zexusLimits.values.diagnostics))],
  ['NAME_TOO_LONG', inAction(`let ${'a'.repeat(zexusLimits.values.containerNameBytes + 1)} = 1`)],
  ['NESTING_TOO_DEEP', inAction(`x = ${'('.repeat(40)}1${')'.repeat(40)}`)],
  ['SOURCE_TOO_LARGE', ' '.repeat(zexusLimits.values.sourceBytes + 1)],
  ['TOKENS_LIMIT', ';'.repeat(zexusLimits.values.sourceTokens)],
];

describe('the golden texts', () => {
  test.each(goldenCases())('$title', ({ title, text, expected }) => {
    const source = sourceOf(text);
    const messages = parse(source).diagnostics.map((each) => formatDiagnostic(each));
    expect(messages.join('\n')).toBe(expected);
    const code = /^[A-Z_]{4,}/.exec(title)?.[0];
    if (code !== undefined) expect(expected).toContain(`[${code}]`);
  });

  test.each(invisible)('%s', (code, text) => {
    expect(codesOf(text)).toContain(code);
  });

  it('show every code that the syntax can raise', () => {
    const folder = new URL('../../src/syntax/', import.meta.url);
    const files = readdirSync(folder).filter((name) => name !== 'diagnostic-codes.ts');
    const code = files.map((name) => readFileSync(new URL(name, folder), 'utf8')).join('\n');
    const raised = Object.keys(diagnosticCodes).filter((name) => code.includes(`'${name}'`));
    const shown = new Set(
      [...goldenCases(), ...invisible.map(([, text]) => ({ text }))].flatMap(({ text }) =>
        codesOf(text),
      ) as readonly string[],
    );
    expect(raised.length).toBeGreaterThan(30);
    expect(raised.filter((name) => !shown.has(name))).toEqual([]);
  });
});

describe('formatDiagnostic', () => {
  const warn = (text: string, start: number, end: number, message = 'no'): string =>
    formatDiagnostic({
      code: 'UNSUPPORTED',
      severity: 'warning',
      message,
      source: sourceOf(text),
      span: { start, end },
    });

  it('keeps tabs before the carets and counts code points', () => {
    expect(warn('\ta😀b = 1', 4, 5)).toBe(
      'test.zx:1:4: warning: no [UNSUPPORTED]\n\ta😀b = 1\n\t  ^',
    );
  });

  it('knows every line end and marks the first line of a stretch only', () => {
    const text = 'a\rb\r\nc\nd e\nf';
    expect(locate(sourceOf(text), text.indexOf('e'))).toEqual({ line: 4, column: 3 });
    expect(warn(text, 7, text.length).split('\n')).toEqual([
      'test.zx:4:1: warning: no [UNSUPPORTED]',
      'd e',
      '^^^',
    ]);
  });

  it('shows a window of a long line', () => {
    const text = `${'a'.repeat(5_000)}X${'b'.repeat(5_000)}`;
    const [head, line, carets] = warn(text, 5_000, 5_001).split('\n') as [string, string, string];
    expect(head).toBe('test.zx:1:5001: warning: no [UNSUPPORTED]');
    expect(line.length).toBeLessThan(zexusLimits.values.diagnosticLineCharacters + 8);
    expect(line.startsWith('… a') && line.endsWith('b …')).toBe(true);
    expect(line[carets.indexOf('^')]).toBe('X');
    expect(warn(text, 0, text.length).split('\n')[2]).toBe(
      '^'.repeat(zexusLimits.values.diagnosticLineCharacters),
    );
  });

  it('shows no character that a terminal would obey', () => {
    const text = 'a \u001b[31m \u202e \ud800 \u0000\u009b';
    const shown = warn(text, 0, 1, `bad ${text}`);
    expect(shown).not.toMatch(/(?!\n)\p{Cc}|\u202e/u);
    expect(shown.isWellFormed()).toBe(true);
  });

  it('marks the end of the text', () => {
    expect(warn('ab', 2, 2)).toBe('test.zx:1:3: warning: no [UNSUPPORTED]\nab\n  ^');
    expect(warn('', 0, 0)).toBe('test.zx:1:1: warning: no [UNSUPPORTED]\n\n^');
  });
});

describe('DiagnosticSink', () => {
  it('keeps the first error of a place, all different warnings, and the order of the text', () => {
    const source = sourceOf('');
    const sink = new DiagnosticSink(source);
    sink.report('EXPECTED_END', { start: 5, end: 6 }, 'first');
    sink.report('EXPECTED_NAME', { start: 5, end: 9 }, 'second');
    sink.report('NOT_BINDS_TIGHTER', { start: 5, end: 6 }, 'third', { severity: 'warning' });
    sink.report('EXPECTED_TYPE', { start: 1, end: 1 }, 'fourth', { hint: 'so' });
    expect(sink.sorted().map(({ message }) => message)).toEqual(['fourth', 'first', 'third']);
    expect(sink.sorted()[0]).toEqual({
      code: 'EXPECTED_TYPE',
      severity: 'error',
      message: 'fourth',
      source,
      span: { start: 1, end: 1 },
      hint: 'so',
    });
    expect(sink.hasErrors).toBe(true);
  });

  it('ends with a note at the limit', () => {
    const limit = zexusLimits.values.diagnostics;
    const sink = new DiagnosticSink(sourceOf(''));
    for (let start = 0; start < 2 * limit; start += 1) {
      sink.report('EXPECTED_END', { start, end: start }, 'again');
    }
    expect(sink.isFull).toBe(true);
    expect(sink.sorted()).toHaveLength(limit);
    expect(sink.sorted().at(-1)?.code).toBe('DIAGNOSTICS_LIMIT');
  });
});

it('a warning leaves the program whole', () => {
  const { program, diagnostics } = parseText(inAction('x = not a == b'));
  expect(diagnostics.map(({ severity }) => severity)).toEqual(['warning']);
  expect(program.contracts[0]!.actions[0]!.body.statements).toHaveLength(1);
});
