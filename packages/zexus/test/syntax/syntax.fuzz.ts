import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runs } from '../../../../tools/src/fuzz-runs.ts';
import { formatDiagnostic } from '../../src/syntax/diagnostics.ts';
import { CONTEXTUAL_WORDS } from './arbitrary.ts';
import { program, style } from './arbitrary-program.ts';
import { Printer } from './print-program.ts';
import { inAction, parseText, programOf, withoutSpans } from './support.ts';

/** Parses whatever the text is, and checks every place that the answer names. */
function checkParse(text: string): void {
  const { program: parsed, diagnostics } = parseText(text);
  checkSpans(parsed, text.length);
  for (const diagnostic of diagnostics) {
    checkSpans(diagnostic, text.length);
    const [head, , carets] = formatDiagnostic(diagnostic).split('\n');
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
      expect(errors.map((error) => formatDiagnostic(error)).join('\n'), text).toBe('');
      expect(withoutSpans(parsed), text).toEqual(withoutSpans(tree));
    }),
    runs(400),
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
    runs(300),
  );
});

/** A text with every form, as it is written by people. */
const everything = readFileSync(new URL('everything.zx', import.meta.url), 'utf8');

it('knows every form', () => {
  const { contracts, ...others } = programOf(everything);
  for (const [kind, found] of [contracts[0] ?? {}, others].flatMap(Object.entries<unknown>)) {
    if (Array.isArray(found)) expect(found.length, kind).toBeGreaterThan(0);
  }
});

it('answers every cut of a text with every form', () => {
  const { numRuns } = runs(1_000);
  const step = Math.max(1, Math.floor(everything.length / numRuns));
  for (let end = 0; end < everything.length; end += step) checkParse(everything.slice(0, end));
});

it('answers mutations of a text with every form', () => {
  const place = fc.nat(everything.length);
  const edit = fc.oneof(
    // A stretch is left out, doubled, moved, or replaced by pieces.
    fc.record({ from: place, length: fc.nat(20), to: place, isCopy: fc.boolean() }),
    fc.record({ from: place, length: fc.nat(8), to: place, text: soup }),
  );
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 12 }), (edits) => {
      let text = everything;
      for (const { from, length, to, ...rest } of edits) {
        const piece = 'text' in rest ? rest.text.slice(0, 20) : text.slice(from, from + length);
        const isKept = 'isCopy' in rest && rest.isCopy;
        if (!isKept) text = text.slice(0, from) + text.slice(from + length);
        text = text.slice(0, to) + piece + text.slice(to);
      }
      checkParse(text);
    }),
    runs(500),
  );
});

it('gives an expression the text of its span', () => {
  const texts = [
    ...['a', '(a)', 'a + b', '(a + b) * c', '-a ** b', 'f(a, b)[c].d', 'this.x', '{}', '[a, b]'],
    ...['{a: 1}', 'a ? b : (c)', '(a) ?? b', 'a[1:2]', 'P{a: 1}', 'f{a: 1}(b)', 'x => (a)'],
    ...[
      '(a, b) => { return a }',
      'lambda(a) b',
      'action(a) { }',
      'match a { 1 => b }',
      `"a \${b}"`,
    ],
  ];
  for (const text of texts) {
    const source = inAction(`  let value = ${text}`);
    const statement = programOf(source).contracts[0]!.actions[0]!.body.statements[0]!;
    if (statement.kind !== 'let') throw new Error(text);
    const { start, end } = statement.value.span;
    expect(source.slice(start, end)).toBe(text);
    expect(source.slice(statement.span.start, statement.span.end)).toBe(`let value = ${text}`);
  }
});
