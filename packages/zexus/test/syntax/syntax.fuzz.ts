import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runs } from '../../../../tools/src/fuzz-runs.ts';
import { formatDiagnostic } from '../../src/syntax/diagnostics.ts';
import { CONTEXTUAL_WORDS, program, style } from './arbitrary.ts';
import { Printer } from './print.ts';
import { inAction, parseText, programOf, sourceOf, withoutSpans } from './support.ts';

/** Parses whatever the text is, and checks every place that the answer names. */
function checkParse(text: string): void {
  const { program: parsed, diagnostics } = parseText(text);
  checkSpans(parsed, text.length);
  for (const diagnostic of diagnostics) {
    checkSpans(diagnostic, text.length);
    const [head, , carets] = formatDiagnostic(sourceOf(text), diagnostic).split('\n');
    expect(head).toMatch(/^test\.zx:\d+:\d+: (?:error|warning): .+ \[[A-Z_]+\]$/);
    expect(carets).toMatch(/^… *\s*\^+$|^\s*\^+$/);
  }
}

function checkSpans(value: unknown, length: number): void {
  if (typeof value !== 'object' || value === null) return;
  if ('span' in value) {
    const { start, end } = value.span as { readonly start: number; readonly end: number };
    const isInside = start >= 0 && start <= end && end <= length;
    expect(isInside, `${start}…${end} of ${length}`).toBe(true);
  }
  for (const part of Object.values(value)) checkSpans(part, length);
}

/** Pieces of programs, right and wrong, in any order. */
const soup = fc
  .array(
    fc.oneof(
      fc.constantFrom(...CONTEXTUAL_WORDS),
      fc.constantFrom(
        ...['contract C {', 'action f() {', 'if', 'else', 'elif', 'while', 'for', 'each', 'in'],
        ...['let', 'const', 'return', 'break', 'match', 'case', 'try', 'catch', 'throw', 'lambda'],
        ...['true', 'null', 'this', 'and', 'or', 'not', 'await', 'async', 'print', 'use', 'import'],
      ),
      fc.constantFrom(
        ...['(', ')', '[', ']', '{', '}', '<', '>', '=', '==', '>=', '+', '-', '*', '/', '**', '!'],
        ...['&&', '||', '?', '??', '=>', '->', ':', ';', ',', '.', '\n', '\r\n', '#{', '#', '//'],
        ...['/*', '*/', '"', "'", '"""', '${', '\\', '@', '&', '++', '===', '\0', '\ud800', 'é'],
      ),
      fc.constantFrom('0', '12', '1.5', '0x', '0xab', '0xabc', '1e9', '1_0', '9'.repeat(90)),
    ),
    { maxLength: 60, size: 'max' },
  )
  .map((pieces) => pieces.join(' '));

it('answers any text, with places inside of it', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), checkParse), runs(1_000));
  const units = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 60 });
  const anything = units.map((codes) => String.fromCharCode(...codes));
  fc.assert(fc.property(anything, checkParse), runs(300));
});

it('answers pieces of programs in any order', () => {
  fc.assert(fc.property(soup, checkParse), runs(2_000));
  const asStatements = (text: string): void => checkParse(inAction(text));
  fc.assert(fc.property(soup, asStatements), runs(2_000));
});

it('parses what was printed to the tree that was printed', () => {
  fc.assert(
    fc.property(program, style, (tree, chosen) => {
      const text = new Printer(chosen).program(tree);
      const { program: parsed, diagnostics } = parseText(text);
      const errors = diagnostics.filter(({ severity }) => severity === 'error');
      expect(errors.map((error) => formatDiagnostic(sourceOf(text), error)).join('\n'), text).toBe(
        '',
      );
      expect(withoutSpans(parsed), text).toEqual(withoutSpans(tree));
    }),
    runs(1_000),
  );
});

it('answers every cut and every damage of a printed program', () => {
  const damaged = fc.record({
    tree: program,
    chosen: style,
    from: fc.nat(2_000),
    length: fc.nat(8),
    inserted: fc.oneof(
      fc.constant(''),
      soup.map((text) => text.slice(0, 12)),
    ),
  });
  fc.assert(
    fc.property(damaged, ({ tree, chosen, from, length, inserted }) => {
      const text = new Printer(chosen).program(tree);
      const at = from % (text.length + 1);
      checkParse(text.slice(0, at));
      checkParse(`${text.slice(0, at)}${inserted}${text.slice(at + length)}`);
    }),
    runs(500),
  );
});

it('gives an expression the text of its span', () => {
  const texts = ['a', '(a)', 'a + b', '(a + b) * c', '-a ** b', 'f(a, b)[c].d', 'this.x', '{}'];
  for (const text of texts) {
    const source = inAction(`  let value = ${text}`);
    const statement = programOf(source).contracts[0]!.actions[0]!.body.statements[0]!;
    if (statement.kind !== 'let') throw new Error(text);
    const { start, end } = statement.value.span;
    expect(source.slice(start, end)).toBe(text);
    expect(source.slice(statement.span.start, statement.span.end)).toBe(`let value = ${text}`);
  }
});
