import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toHex } from '@lucerna/base';
import { describe, expect, it } from 'vitest';
import type { Container } from '../../src/bytecode/container.ts';
import { decodeContainer } from '../../src/bytecode/decode-container.ts';
import { disassemble } from '../../src/bytecode/disassemble.ts';
import { type CompileOptions, compile } from '../../src/compiler/compile.ts';
import { formatDiagnostic } from '../../src/syntax/diagnostics.ts';
import { parse } from '../../src/syntax/parser.ts';
import { verifyContainer } from '../../src/vm/verifier.ts';
import { runLines } from '../support/golden-run.ts';
import { gasLines, tokenLines, treeLines } from '../support/golden-text.ts';

const folder = fileURLToPath(new URL('golden/', import.meta.url));
const programs = readdirSync(folder).filter((name) => name.endsWith('.zx'));

/** Files that programs use lie in a folder beside them, wherever the programs are said to be. */
const files: NonNullable<CompileOptions['files']> = (path, from) => {
  const name = from.name.startsWith('lib/') ? join(dirname(from.name), path) : path;
  if (!existsSync(`${folder}${name}`)) return undefined;
  return { name, text: readFileSync(`${folder}${name}`, 'utf8') };
};

/** All that compiling a source gives, as text: diagnostics, code, ABI, gas; its tokens and its tree. */
function describeCompilation(name: string): string {
  const source = { name, text: readFileSync(`${folder}${name}`, 'utf8') };
  const { contracts, diagnostics } = compile(source, { files });
  const run = runLines(source.text, { files });
  return [
    ...diagnostics.map((diagnostic) => `${formatDiagnostic(diagnostic)}\n`),
    ...contracts.flatMap(({ container, abi }) => [
      disassemble(container),
      'ABI',
      ...abi.map((item) => `  ${JSON.stringify(item)}`),
      '',
      'gas of each basic block',
      ...gasLines(container),
      '',
    ]),
    ...(run.length === 0 ? [] : ['calls', ...run, '']),
    'tokens',
    ...tokenLines(source),
    '',
    'tree',
    ...treeLines(parse(source).program),
    '',
  ].join('\n');
}

// The texts are read by people in review: what a change of the compiler does to code, layout and ABI
// of a program is seen there. `vitest --update` writes them.
describe('what programs compile to', () => {
  it('covers the programs', () => {
    expect(programs.length).toBeGreaterThanOrEqual(24);
  });

  it.each(programs)('%s', async (name) => {
    const expected = `${folder}${name.replace(/\.zx$/, '.txt')}`;
    await expect(describeCompilation(name)).toMatchFileSnapshot(expected);
  });

  it.each(programs)('%s: the bytes are those of the container, which may run', (name) => {
    const source = { name, text: readFileSync(`${folder}${name}`, 'utf8') };
    const { contracts } = compile(source, { files });
    expect(contracts).not.toEqual([]);
    for (const { container, bytecode } of contracts) {
      expect(decodeContainer(bytecode)).toEqual(container);
      verifyContainer(container);
    }
  });

  it.each(programs)('%s: without a source map only the text counts', (name) => {
    const text = readFileSync(`${folder}${name}`, 'utf8');
    const hex = (file: string, sourceMap: boolean): readonly string[] =>
      compile({ name: file, text }, { files, sourceMap }).contracts.map(({ bytecode }) =>
        toHex(bytecode),
      );
    expect(hex('other.zx', false)).toEqual(hex(name, false));
    expect(hex('other.zx', true)).not.toEqual(hex(name, true));
    expect(hex(`/somewhere/${name}`, true)).toEqual(hex(name, true));
  });

  it.each(programs)('%s: with and without a source map the code is the same', (name) => {
    const source = { name, text: readFileSync(`${folder}${name}`, 'utf8') };
    const containers = (sourceMap: boolean): readonly Container[] =>
      compile(source, { files, sourceMap }).contracts.map(({ container }) => container);
    const bare = containers(true).map(({ sourceMap: _, ...container }) => container);
    expect(bare).toEqual(containers(false));
    for (const { sourceMap } of containers(false)) expect(sourceMap).toBeUndefined();
  });
});
