import { describe, expect, it } from 'vitest';
import { compile } from '../src/compiler/compile.ts';
import { STANDARD_LIBRARY, standardLibraryFile } from '../src/std/standard-library.ts';
import { formatDiagnostic } from '../src/syntax/diagnostics.ts';
import { World } from './support/world.ts';

const contracts: Readonly<Record<string, readonly string[]>> = {
  introspection: [],
  ownable: [],
  proxy: ['Proxy'],
  zx1155: ['ZX1155'],
  zx20: ['ZX20'],
  zx721: ['ZX721'],
};

describe('the standard library', () => {
  it('has these files', () => {
    expect([...STANDARD_LIBRARY.keys()]).toEqual(Object.keys(contracts));
    expect(standardLibraryFile('nothing')).toBeUndefined();
  });

  it.each(Object.entries(contracts))('%s compiles without a word', (name, expected) => {
    const source = standardLibraryFile(name);
    if (source === undefined) throw new Error(name);
    expect(source.name).toBe(`zexus:${name}`);
    const compilation = compile(source);
    expect(compilation.diagnostics.map((diagnostic) => formatDiagnostic(diagnostic))).toEqual([]);
    expect(compilation.contracts.map((contract) => contract.name)).toEqual(expected);
  });

  /** What `go` returns in a contract that uses the file. */
  const run = (use: string, type: string, value: string): unknown =>
    new World()
      .deploy(`${use}\ncontract C { action go() -> ${type} { return ${value} } }`, [], 'C')
      .call('go');

  it('has the selectors that receivers of tokens answer with', () => {
    const answers = [
      ['zx721', 'ERC721_RECEIVED', 'onERC721Received(address,address,uint256,bytes)'],
      ['zx1155', 'ERC1155_RECEIVED', 'onERC1155Received(address,address,uint256,uint256,bytes)'],
      [
        'zx1155',
        'ERC1155_BATCH_RECEIVED',
        'onERC1155BatchReceived(address,address,uint256[],uint256[],bytes)',
      ],
    ] as const;
    for (const [file, name, signature] of answers) {
      const use = `use { ${name} } from "zexus:${file}"`;
      expect(run(use, 'bool', `${name} == selector("${signature}")`), name).toBe(true);
    }
  });

  it('has the largest integer as the allowance that is not used up', () => {
    const use = 'use { WITHOUT_END } from "zexus:zx20"';
    expect(run(use, 'integer', 'WITHOUT_END')).toBe(2n ** 256n - 1n);
  });

  it('gives a contract with an owner the event and the errors that it uses', () => {
    const { contracts: compiled, diagnostics } = compile({
      name: 'c.zx',
      text: 'use { first_owner } from "zexus:ownable"\ncontract C { init() { first_owner(TX.caller) } }',
    });
    expect(diagnostics).toEqual([]);
    const { events = [], errors = [] } = compiled[0]?.container ?? {};
    expect(events.map(({ name }) => name)).toEqual(['OwnershipTransferred']);
    expect(errors.map(({ name }) => name)).toEqual([
      'InvalidInitialization',
      'OwnableInvalidOwner',
    ]);
  });
});
