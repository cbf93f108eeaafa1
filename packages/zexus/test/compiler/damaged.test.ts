import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/compiler/compile.ts';
import { locate } from '../../src/syntax/diagnostics.ts';
import { parse } from '../../src/syntax/parser.ts';
import type { SourceFile } from '../../src/syntax/source.ts';

/** The errors of a source, each as its line and its code. */
function errorsOf(text: string, files: Readonly<Record<string, string>> = {}): readonly string[] {
  const { contracts, diagnostics } = compile(
    { name: 'c.zx', text },
    {
      files: (name) => {
        const found = files[name];
        return found === undefined ? undefined : { name, text: found };
      },
    },
  );
  expect(contracts).toEqual([]);
  return diagnostics
    .filter(({ severity }) => severity === 'error')
    .map(({ code, source, span }) => `${locate(source, span.start).line} ${code}`);
}

describe('a file with mistakes of every stage', () => {
  it('has all of them reported in one pass', () => {
    expect(
      errorsOf(`contract C {
  data a: integer = "text"
  data b: intger
  action f(n: integer) -> integer {
    let y = n +
    return y
  }
  action g() -> integer { return missingName }
  action h() { this.missing() }
  action i(s: string) { require s - 1 }
  action view j() { a = 2 }
  action k() -> integer { if a > 1 { return 1 } }
  action l() {
    emit Nope(1)
    emit Nope(1, 2)
  }
  action m() { require(TX.calller == TX.caller) }
  action n() { continue }
}
contract D {
  data z: bool
  action a( { z = 1 }
  action b() { z = 1 }
}`),
    ).toEqual([
      '2 TYPE_MISMATCH',
      '3 TYPE_UNKNOWN',
      '5 EXPECTED_EXPRESSION',
      '8 NAME_UNKNOWN',
      '9 NAME_UNKNOWN',
      '10 OPERAND_TYPE',
      '11 VIEW_WRITES',
      '12 RETURN_MISSING',
      '15 ARGUMENT_COUNT',
      '17 NAME_UNKNOWN',
      '18 LOOP_OUTSIDE',
      '22 EXPECTED_NAME',
      '23 TYPE_MISMATCH',
    ]);
  });
});

describe('what hangs on a part that is not understood', () => {
  it.each([
    ['a variable', 'data a: = 1\n action f() { a = 2 }', '2 EXPECTED_TYPE'],
    ['a variable without its name', 'data = 1\n action f() { a = 2 }', '2 EXPECTED_NAME'],
    [
      'an action without its name',
      'private action (a: bool) {}\n action g() { this.f(true) }',
      '2 EXPECTED_MEMBER',
    ],
    ['a local variable', 'action f() {\n let a = *\n require a }', '3 EXPECTED_EXPRESSION'],
    [
      'a result',
      'action f() {\n return * }\n action g() { let a = this.f() }',
      '3 EXPECTED_EXPRESSION',
    ],
    ['a declared result', 'action f() -> integer {\n return * }', '3 EXPECTED_EXPRESSION'],
    ['an action', 'action f(a b) {}\n action g() { this.f(1) }', '2 EXPECTED_SYMBOL'],
    ['an event', 'event E(a b)\n action g() { emit E(1, 2) }', '2 EXPECTED_SYMBOL'],
    ['an error', 'error E(a b)\n action g() { revert E(1, 2) }', '2 EXPECTED_SYMBOL'],
    ['a modifier', 'modifier m( { _ }\n action g() m {}', '2 EXPECTED_NAME'],
    ['a loop', 'action f() {\n while {\n break } }', '3 EXPECTED_EXPRESSION'],
    [
      'a brace too many',
      'action f() { } }\n data a: integer\n action g() { a = 1 }',
      '3 EXPECTED_CONTRACT',
    ],
    [
      'a brace too few',
      'action f() -> integer {\n if true {\n return 1 }\n action g() {}',
      '2 BRACE_UNCLOSED',
    ],
    [
      'a function in a variable',
      'action f() {\n let g x => x\n return [1].map(g) }',
      '3 EXPECTED_SYMBOL',
    ],
  ])('is not reported: %s', (_, members, error) => {
    expect(errorsOf(`contract C {\n ${members}\n}`)[0]).toBe(error);
    expect(errorsOf(`contract C {\n ${members}\n}`).slice(1).filter(isAnalysis)).toEqual([]);
  });

  it('is not reported about protocols, entities and other files', () => {
    const protocol = 'protocol P { action f() }\n';
    expect(errorsOf(`${protocol}contract C implements P { action f( {} }`)).toEqual([
      '2 EXPECTED_NAME',
    ]);
    expect(errorsOf('entity E { a: }\ncontract C { action f(e: E) { require e.a } }')).toEqual([
      '1 EXPECTED_TYPE',
    ]);
    const used = 'contract C { action f() { helper() } }';
    expect(errorsOf(`use "lib"\n${used}`, { lib: 'action helper( {}' })).toEqual([
      '1 EXPECTED_NAME',
    ]);
    expect(errorsOf(`use "gone"\n${used}`)).toEqual(['1 USE_MISSING']);
    expect(errorsOf(`use { helper } from "gone"\n${used}`)).toEqual(['1 USE_MISSING']);
    expect(
      errorsOf(`use { helper } from "gone"\n${used}\ncontract D { data a: bool = 1 }`),
    ).toEqual(['1 USE_MISSING', '3 TYPE_MISMATCH']);
  });
});

describe('a right program in which one token is broken', () => {
  const folder = new URL('./golden/', import.meta.url);
  const programs = readdirSync(folder).filter((name) => name.endsWith('.zx'));
  const readFile = (name: string): string => readFileSync(new URL(name, folder), 'utf8');
  const files = (path: string, from: SourceFile): SourceFile => {
    const name = new URL(path, new URL(from.name, folder)).pathname.slice(folder.pathname.length);
    return { name, text: readFile(name) };
  };

  it.each([
    ['taken out', (): string => ' '],
    ['followed by another brace', (token: string): string => `${token} } `],
    ['doubled', (token: string): string => `${token} ${token}`],
  ])('has hardly any error but that of the token: %s', (_, replace) => {
    let broken = 0;
    let following = 0;
    for (const name of programs) {
      const text = readFile(name);
      const tokens = [...text.matchAll(/\w+|[^\s\w]/g)];
      for (let at = broken % STEP; at < tokens.length; at += STEP) {
        const { index, 0: token } = tokens[at] as RegExpExecArray;
        const rest = text.slice(index + token.length);
        const source = { name, text: text.slice(0, index) + replace(token) + rest };
        const own = parse(source).diagnostics.filter(({ severity }) => severity === 'error');
        if (own.length === 0) continue;
        const { contracts, diagnostics } = compile(source, { files });
        const errors = diagnostics.filter(({ severity }) => severity === 'error');
        expect(contracts).toEqual([]);
        expect(errors.length).toBeGreaterThanOrEqual(own.length);
        broken += 1;
        if (errors.length > own.length) following += 1;
      }
    }
    expect(broken).toBeGreaterThan(100);
    expect(following / broken).toBeLessThan(0.03);
  });
});

/** Every token with this distance from the one before is broken. */
const STEP = 23;

function isAnalysis(error: string): boolean {
  return !error.includes('EXPECTED_') && !error.includes('BRACE_');
}
