import { describe, expect, it, test } from 'vitest';
import { zexusLimits } from '../../src/limits.ts';
import type { Expression } from '../../src/syntax/ast.ts';
import { formatDiagnostic } from '../../src/syntax/diagnostics.ts';
import { codesOf, inAction, parseText } from './support.ts';

const MEBIBYTE = zexusLimits.values.sourceBytes;
/** Generous for a slow machine: what is not linear takes minutes. */
const TIME_LIMIT_MS = 20_000;

function fill(piece: string, bytes = MEBIBYTE): string {
  return piece.repeat(Math.floor(bytes / piece.length));
}

/** Just under the limit on tokens, so that parsing itself has to cope. */
function fillTokens(piece: string, tokensEach: number): string {
  return piece.repeat(Math.floor((zexusLimits.values.sourceTokens - 100) / tokensEach));
}

const inValue = (text: string): string => inAction(`x = ${text}`);

const sources: readonly (readonly [name: string, text: string])[] = [
  ...['(', ')', '[', ']', '{', '}', '<', '>', '#{', '({[', ')]}', '"', "'", '"""', '/*', '*/'].map(
    (piece): readonly [string, string] => [`1 MiB of ${piece}`, fill(piece)],
  ),
  ...['(', ')', '[', ']', '{', '}', '-', '!', 'a(', 'a[', '{a:', '(a,', '(a)=>', 'a?', 'a=>'].map(
    (piece): readonly [string, string] => [
      `as many ${piece} as tokens in a value`,
      inValue(fillTokens(piece, piece.length)),
    ],
  ),
  ...[
    'not ',
    'a ** ',
    'a.b',
    'a + ',
    'a < b > ',
    'a && ',
    'a ?? ',
    'a ? b : ',
    'a ? ',
    'await ',
  ].map((piece): readonly [string, string] => [
    `a chain of ${piece}`,
    inValue(fillTokens(piece, 4)),
  ]),
  ...[
    'a => ',
    '(a) => ',
    'lambda a: ',
    'lambda(a) ',
    'action(a) { ',
    'match a { a => ',
    'match ',
  ].map((piece): readonly [string, string] => [
    `functions in ${piece}`,
    inValue(fillTokens(piece, 6)),
  ]),
  ...['[', '{a: ', 'a{b: ', 'a{b: c}', 'a[:', 'a[b:', '(a: b, ', 'action(', '(a, '].map(
    (piece): readonly [string, string] => [`literals of ${piece}`, inValue(fillTokens(piece, 6))],
  ),
  ...['match a { case b { ', 'match a {\n', 'case a: ', 'try { } finally { ', 'for a in b { '].map(
    (piece): readonly [string, string] => [`blocks of ${piece}`, inAction(fillTokens(piece, 7))],
  ),
  ...['let {a, ', 'let [a, ', 'emit a { b: ', 'require(', 'revert ', 'throw ', 'catch ', '_ '].map(
    (piece): readonly [string, string] => [`commands of ${piece}`, inAction(fillTokens(piece, 5))],
  ),
  ...['state { ', 'state { a: b<', 'entity a { ', 'enum a { b = ', 'error a(', 'modifier a { '].map(
    (piece): readonly [string, string] => [
      `members of ${piece}`,
      `contract C {\n${fillTokens(piece, 6)}`,
    ],
  ),
  ...['action a() only\n', 'action a() only(', 'action a()\nb(c) ', 'limit 5 ', '-> a '].map(
    (piece): readonly [string, string] => [
      `actions of ${piece}`,
      `contract C {\n${fillTokens(piece, 8)}`,
    ],
  ),
  ...['use { a ', 'use "a" as ', 'export ', 'export { ', 'from "a" ', 'protocol a { ', 'a(b) '].map(
    (piece): readonly [string, string] => [`a file of ${piece}`, fillTokens(piece, 4)],
  ),
  ...['if a { ', 'while a { ', 'if a { } else ', 'for x { ', 'try { ', '{', 'tx { '].map(
    (piece): readonly [string, string] => [`nested ${piece}`, inAction(fillTokens(piece, 6))],
  ),
  ...['view\n', 'view ', 'action\n', 'action ', 'data ', 'event a(\n', 'contract a {\n'].map(
    (piece): readonly [string, string] => [
      `lines of ${JSON.stringify(piece)}`,
      `contract C {\n${fillTokens(piece, 4)}`,
    ],
  ),
  ['an elif chain', inAction(`if a { }${fillTokens(' elif a { }', 4)}`)],
  ['nested types', `contract C { data x: ${fillTokens('map<', 2)}`],
  ['types that end in >=', `contract C { ${fillTokens('data x: map<a, b>= {}\n', 12)} }`],
  ['a call of 100,000 values', inValue(`f(${fillTokens('a,', 2)})`)],
  ['100,000 statements', inAction(fillTokens('x = 1\n', 3))],
  ['action( without end', inAction(fillTokens('let x = action(=\n', 6))],
  ['nested interpolations', inValue(fillTokens('"${', 1))],
  ['closed nested interpolations', inValue(`${'"${'.repeat(100_000)}${'}"'.repeat(100_000)}`)],
  ['interpolations in a row', inValue(`"${fillTokens(`\${a}`, 2)}"`)],
  ['braces in an interpolation', inValue(`"${'${'}${'{'.repeat(200_000)}`)],
  ['lines of interpolations', inAction(fillTokens('x = "${a\n', 5))],
  ['a list of 100,000 values', inValue(`[${fillTokens('a,', 2)}]`)],
  ['a map of 60,000 entries', inValue(`{${fillTokens('a: b,', 4)}}`)],
  ['a match of 60,000 arms', inAction(`match a {${fillTokens('a => b,', 4)}}`)],
  ['a match of 60,000 patterns', inAction(`match a { case ${fillTokens('a,', 2)}`)],
  ['an enum of 100,000 names', `enum E {${fillTokens('a\n', 1)}}`],
  ['tuples that are no parameters', inValue(fillTokens('(a, b, c, d, ', 9))],
  ['a parameter list without end', inValue(`(${fillTokens('a,', 2)}`)],
  ['types without end', `contract C { state { a: ${fillTokens('b<', 2)} } }`],
  ['interpolations without end', inValue(`"${fill('${', MEBIBYTE - 100)}"`)],
  ['strings of interpolations without end', inValue(fill('"${" ', MEBIBYTE - 100))],
  ['a string of 1 MiB', inValue(`"${'a'.repeat(MEBIBYTE - 100)}"`)],
  ['escapes', inValue(`"${fill('\\q', MEBIBYTE - 100)}"`)],
  ['a string without end', inValue(`"${'a'.repeat(MEBIBYTE - 100)}`)],
  ['digits', inValue('9'.repeat(MEBIBYTE - 100))],
  ['zeros', inValue('0'.repeat(MEBIBYTE - 100))],
  ['hex digits', inValue(`0x${'f'.repeat(MEBIBYTE - 101)}`)],
  ['a name', inValue('a'.repeat(MEBIBYTE - 100))],
  ['spaces', fill(' ')],
  ['line breaks', fill('\r\n')],
  ['nested comments', `${fill('/*', MEBIBYTE / 2)}${fill('*/', MEBIBYTE / 2)}`],
  ['NUL', fill('\0')],
  ['lone surrogates', '\udc00'.repeat(Math.floor(MEBIBYTE / 3))],
  ['lone surrogates in a string', inValue(`"${'\ud800'.repeat(300_000)}"`)],
  ['emoji', '😀'.repeat(Math.floor(MEBIBYTE / 4))],
  ['bad characters one by one', fill('$ ')],
];

describe('hostile input is answered, fast and shortly', () => {
  test.each(sources)(
    '%s',
    (_name, text) => {
      const { diagnostics } = parseText(text);
      expect(diagnostics.length).toBeLessThanOrEqual(zexusLimits.values.diagnostics);
      const lengths = diagnostics.map((each) => formatDiagnostic(each).length);
      expect(Math.max(0, ...lengths)).toBeLessThan(1_000);
    },
    TIME_LIMIT_MS,
  );
});

describe('limits', () => {
  it('nesting: 32 levels are allowed, 33 are not', () => {
    // The contract and the action take two of them.
    const rest = zexusLimits.values.nestingLevels - 2;
    const nest = (levels: number): string => inValue(`${'('.repeat(levels)}1${')'.repeat(levels)}`);
    expect(codesOf(nest(rest))).toEqual([]);
    expect(codesOf(nest(rest + 1))).toEqual(['NESTING_TOO_DEEP']);
    const blocks = (levels: number): string =>
      inAction(`${'if a { '.repeat(levels)}${'}'.repeat(levels)}`);
    expect(codesOf(blocks(rest))).toEqual([]);
    expect(codesOf(blocks(rest + 1))).toEqual(['NESTING_TOO_DEEP']);
  });

  it('levels that are closed, or given up, do not count', () => {
    expect(codesOf(inValue(`((a))${' + ((a))'.repeat(100)}`))).toEqual([]);
    const broken = inAction('x = ((((((((((\nlet y = 1\n'.repeat(20));
    expect(codesOf(broken)).not.toContain('NESTING_TOO_DEEP');
  });

  it('nesting: everything that holds itself counts', () => {
    const deep = zexusLimits.values.nestingLevels;
    const forms: readonly (readonly [open: string, close: string])[] = [
      ...([
        ['[', ']'],
        ['{a: ', '}'],
        ['f(', ')'],
        ['x => ', ''],
        ['lambda(x) ', ''],
      ] as const),
      ...([
        ['a ? ', ' : b'],
        ['"${', '}"'],
        ['A{b: ', '}'],
        ['a[', ']'],
        ['a ** ', ''],
      ] as const),
      ...([
        ['match ', ' { }'],
        ['match a { 1 => ', ' }'],
        ['x => { return ', ' }'],
      ] as const),
    ];
    for (const [open, close] of forms) {
      const text = (levels: number): string => `${open.repeat(levels)}1${close.repeat(levels)}`;
      expect(codesOf(inValue(text(10))), open).toEqual([]);
      expect(codesOf(inValue(text(deep))), open).toEqual(['NESTING_TOO_DEEP']);
    }
    const blocks = ['tx { ', '{ ', 'for a in b { ', 'try { } finally { ', 'match a { case 1 { '];
    for (const open of blocks) {
      const close = open.startsWith('match') ? '} }' : '}';
      const text = (levels: number): string => `${open.repeat(levels)}${close.repeat(levels)}`;
      expect(codesOf(inAction(text(10))), open).toEqual([]);
      expect(codesOf(inAction(text(deep))), open).toEqual(['NESTING_TOO_DEEP']);
    }
  });

  it('chains that are loops may be long', () => {
    const long = 200;
    for (const piece of ['a ? b : ', 'a ?? ', 'a || ', 'a + ']) {
      expect(codesOf(inValue(`${piece.repeat(long)}a`)), piece).toEqual([]);
    }
    for (const piece of ['.b', '[b]', '(b)', '[b:c]']) {
      expect(codesOf(inValue(`a${piece.repeat(long)}`)), piece).toEqual([]);
    }
    expect(codesOf(`contract C { data a: b${'[]'.repeat(long)} }`)).toEqual([]);
    expect(codesOf(`contract C { data a: b${'[]'.repeat(2 * long)} }`)).toEqual([
      'NESTING_TOO_DEEP',
    ]);
  });

  it('the tree: as high as its limit and no higher', () => {
    // The operands are leaves; the assignment, the block around it, and one level to spare.
    const operators = zexusLimits.values.syntaxHeight - 3;
    const text = (count: number): string => inValue(`a${' + a'.repeat(count)}`);
    expect(codesOf(text(operators))).toEqual([]);
    expect(codesOf(text(operators + 1))).toEqual(['NESTING_TOO_DEEP']);
    const parsed = parseText(text(operators)).program.contracts[0]!.actions[0]!.body.statements[0]!;
    if (parsed.kind !== 'assign') throw new Error('no assignment');
    expect(height(parsed.value)).toBe(operators + 1);
  });

  it('size: counted in bytes of UTF-8', () => {
    const filled = (comment: string): string => `contract C { }#${comment}`;
    const room = MEBIBYTE - filled('').length;
    expect(codesOf(filled('a'.repeat(room)))).toEqual([]);
    expect(codesOf(filled('a'.repeat(room + 1)))).toEqual(['SOURCE_TOO_LARGE']);
    expect(codesOf(filled('é'.repeat(Math.floor(room / 2))))).toEqual([]);
    expect(codesOf(filled('é'.repeat(Math.floor(room / 2) + 1)))).toEqual(['SOURCE_TOO_LARGE']);
    expect(codesOf(filled('😀'.repeat(Math.floor(room / 4))))).toEqual([]);
    expect(codesOf(filled('😀'.repeat(Math.floor(room / 4) + 1)))).toEqual(['SOURCE_TOO_LARGE']);
  });

  it('tokens: up to the limit, the end included', () => {
    const text = (count: number): string => `contract C {${';'.repeat(count)}}`;
    const room = zexusLimits.values.sourceTokens - 5;
    expect(codesOf(text(room))).toEqual([]);
    expect(codesOf(text(room + 1))).toEqual(['TOKENS_LIMIT']);
  });

  it('a text that is too much has no program', () => {
    expect(parseText(fill(';')).program.contracts).toEqual([]);
  });
});

function height(expression: Expression): number {
  let levels = 1;
  for (let inner = expression; inner.kind === 'binary'; inner = inner.left) levels += 1;
  return levels;
}
