import { describe, expect, it } from 'vitest';
import { parse } from '../../src/syntax/parser.ts';

/** The errors of a text, each as its code and its hint. */
function errorsOf(text: string): readonly (readonly [code: string, hint: string | undefined])[] {
  return parse({ name: 'c.zx', text }).diagnostics.map(({ code, hint }) => [code, hint]);
}

describe('members as other languages have them', () => {
  it.each([
    ['uint256 x;', 'EXPECTED_MEMBER', 'write data x: uint256'],
    ['uint256 public constant x = 1;', 'EXPECTED_MEMBER', 'write data x: uint256'],
    ['mapping(address => uint) balances;', 'EXPECTED_MEMBER', 'write data name: map<key, value>'],
    ['struct Point { int x; }', 'EXPECTED_MEMBER', 'write entity Name { field: type }'],
    ['def f() { }', 'EXPECTED_MEMBER', 'write action name(parameters) { … }'],
    ['require(x)', 'EXPECTED_MEMBER', 'statements stand in an action'],
    ['action f() returns (bool ok) { return true }', 'EXPECTED_SYMBOL', 'write -> bool'],
    ['action f(uint256 a) {}', 'EXPECTED_SYMBOL', 'write the name first: a: uint256'],
  ])('%s', (member, code, hint) => {
    expect(errorsOf(`contract C { ${member} }`)).toEqual([[code, hint]]);
  });

  it('have no hint where what they mean is not clear', () => {
    expect(errorsOf('contract C { only action f() {} }')[0]).toEqual([
      'EXPECTED_MEMBER',
      undefined,
    ]);
  });
});

describe('declarations of files as other languages have them', () => {
  it.each([
    ['pragma solidity 8;', 'remove it: a file does not name a version'],
    ['class C { }', 'write contract Name { … }, or entity Name { … } for data'],
    ['contract C: ', 'write the members in braces: { … }'],
  ])('%s', (text, hint) => {
    expect(errorsOf(text).at(-1)?.[1]).toBe(hint);
  });
});

describe('statements as other languages have them', () => {
  it.each([
    ['address a = b;', 'EXPECTED_END', 'write let a: address = value'],
    [
      'delete balances[a];',
      'EXPECTED_END',
      'write map.remove(key), or set the variable to its zero',
    ],
    ['x = 2 ether', 'EXPECTED_END', 'there are no units: write 2 * 10 ** 18'],
    ['x = 5 days', 'EXPECTED_END', 'there are no units: write 5 * 86400'],
    ['x = 7 wei', 'EXPECTED_END', 'there are no units: write 7'],
    ['x = new Token()', 'EXPECTED_END', 'contracts are deployed by transactions, not by contracts'],
    ['if (a) b = 1', 'EXPECTED_SYMBOL', 'a block stands in braces, also a single statement'],
    ['while (a) b += 1;', 'EXPECTED_SYMBOL', 'a block stands in braces, also a single statement'],
  ])('%s', (statement, code, hint) => {
    expect(errorsOf(`contract C { action f() { ${statement} } }`)).toEqual([[code, hint]]);
  });

  it('are understood where only the braces are missing', () => {
    const text = 'contract C { action f() { if (a) return 1; else return 2\n g() } action h() {} }';
    const { program, diagnostics } = parse({ name: 'c.zx', text });
    expect(diagnostics.map(({ code }) => code)).toEqual(['EXPECTED_SYMBOL', 'EXPECTED_SYMBOL']);
    const [f, h] = program.contracts[0]?.actions ?? [];
    expect(f?.body.statements.map(({ kind }) => kind)).toEqual(['if', 'expression']);
    expect(h?.name.name).toBe('h');
  });

  it('are the body of an action whose brace is missing', () => {
    const text = 'contract C { action f()\n require(a)\n emit B(1)\n } action h() {} }';
    const { program, diagnostics } = parse({ name: 'c.zx', text });
    expect(diagnostics.map(({ code }) => code)).toEqual(['EXPECTED_ACTION_BODY']);
    const [f, h] = program.contracts[0]?.actions ?? [];
    expect(f?.body.statements.map(({ kind }) => kind)).toEqual(['require', 'emit']);
    expect(h?.name.name).toBe('h');
  });

  it('are one mistake when they follow an action that has ended too early', () => {
    const text = 'contract C { action f() { }\n require(a)\n emit B(1)\n this.g()\n data d: bool }';
    expect(errorsOf(text).map(([code]) => code)).toEqual(['EXPECTED_MEMBER']);
  });
});
