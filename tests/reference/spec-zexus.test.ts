import { existsSync, readFileSync } from 'node:fs';
import { toHex } from '@lucerna/base';
import { compile, type Diagnostic, formatDiagnostic, type SourceFile } from '@lucerna/zexus';
import type { Abi, AbiParameter } from 'viem';
import { describe, expect, it } from 'vitest';
import { type Instance, World } from '../../packages/zexus/test/support/world.ts';
import { account } from '../../packages/zexus/test/vm/support.ts';
import { type Claim, claimsOf, type Fence, fences, valueClaims } from './zexus-page.ts';

const page = readFileSync(new URL('../../docs/spec/zexus.md', import.meta.url), 'utf8');

/** Files of the page that others use: ```` ```zexus file NAME ````. */
const files = new Map(
  fences(page, 'zexus').flatMap(({ words: [word, name], text }) =>
    word === 'file' && name !== undefined ? [[name, { name, text }] as const] : [],
  ),
);
const options = { files: (path: string): SourceFile | undefined => files.get(path) };

/** The example as a file, and the lines that stand before it there. */
function sourceOf({ words: [word], text }: Fence): { text: string; before: number } {
  switch (word) {
    case 'members':
      return { text: `contract Example {\n${text}\n}`, before: 1 };
    case 'statements':
      return { text: `contract Example { action example() {\n${text}\n} }`, before: 1 };
    default:
      return { text, before: 0 };
  }
}

function errorsOf(text: string): readonly Diagnostic[] {
  const { diagnostics } = compile({ name: 'example.zx', text }, options);
  return diagnostics.filter(({ severity }) => severity === 'error');
}

function lineOf({ source, span }: Diagnostic): number {
  return source.text.slice(0, span.start).split('\n').length;
}

/** The contracts of a text, in the order in which they stand there. */
function contractNames(text: string): readonly string[] {
  return [...text.matchAll(/^(?:export )?contract (\w+)/gm)].map(([, name]) => name as string);
}

/** An action of its own for each claim, which `==` of the language decides. */
function withClaims(text: string, name: string, claims: readonly Claim[]): string {
  const actions = claims.map(({ kind, expression, expected }, index) => {
    const call = addressed(text, expression.replace(/^(?:\w+\.)?(?=\w+\()/, 'this.'));
    return kind === 'is'
      ? `action claim_${index}() -> bool { return (${call}) == (${addressed(text, expected)}) }`
      : `action claim_${index}() { ${call} }`;
  });
  const declared = new RegExp(`^((?:export )?contract ${name}\\b[^{]*\\{)`, 'm');
  return text.replace(declared, `$1 ${actions.join('; ')};`);
}

/** `@Name` in a claim is the address of that contract of the example. */
function addressed(text: string, expression: string): string {
  const names = contractNames(text);
  return expression.replace(/@(\w+)/g, (_, name: string) => {
    const position = names.indexOf(name);
    return toHex(account(FIRST_ADDRESS + position));
  });
}

/** Where the first contract of a world is. */
const FIRST_ADDRESS = 0xd0;

/** With the components of tuples in their place, as signatures have them. */
function typesOf(parameters: readonly AbiParameter[]): string {
  return parameters
    .map(({ type, ...rest }) =>
      'components' in rest ? type.replace('tuple', `(${typesOf(rest.components)})`) : type,
    )
    .join(',');
}

function check(answer: unknown, { kind, expression, expected }: Claim): void {
  const said = `${expression} ${kind}`;
  if (kind === 'is') expect([said, expected, answer]).toEqual([said, expected, true]);
  else if (kind === 'runs') expect([said, answer]).toEqual([said, undefined]);
  else expect([said, answer]).toEqual([said, `reverted: ${expected}`]);
}

const examples = fences(page, 'zexus');
const ofKind = (isValues: boolean): readonly Fence[] =>
  examples.filter(({ words }) => (words[0] === 'values') === isValues);

describe('docs/spec/zexus.md', () => {
  it.each(ofKind(false))('compiles the example of line $line', (fence) => {
    const { text, before } = sourceOf(fence);
    const expected = claimsOf(fence.text).filter(({ kind }) => kind === 'error');
    const errors = errorsOf(text);
    const found = errors.map((error) => `${lineOf(error) - before} ${error.code}`);
    expect(found, errors.map((error) => formatDiagnostic(error)).join('\n')).toEqual(
      expected.map(({ line, expected: code }) => `${line} ${code}`),
    );
  });

  it.each(ofKind(false))('runs the example of line $line', (fence) => {
    const { text } = sourceOf(fence);
    const claims = claimsOf(fence.text).filter(({ kind }) => kind !== 'error');
    if (claims.length === 0) return;
    const names = contractNames(text);
    const nameOf = ({ expression }: Claim): string =>
      /^(\w+)\.\w+\(/.exec(expression)?.[1] ?? (names.at(-1) as string);
    const world = new World();
    const instances = new Map<string, Instance>();
    for (const name of names) {
      const own = claims.filter((each) => nameOf(each) === name);
      instances.set(name, world.deploy(withClaims(text, name, own), [], name, options));
    }
    const counts = new Map<string, number>();
    for (const each of claims) {
      const name = nameOf(each);
      const count = counts.get(name) ?? 0;
      counts.set(name, count + 1);
      check(instances.get(name)?.call(`claim${count}`), each);
    }
  });

  it.each(ofKind(false))('has the ABI of line $line', (fence) => {
    const { text } = sourceOf(fence);
    const said = [...text.matchAll(/^ *\/\/ ABI (.*)$/gm)].map(([, signature]) => signature);
    if (said.length === 0) return;
    const [contract] = compile({ name: 'example.zx', text }, options).contracts;
    const functions = ((contract?.abi ?? []) as Abi).filter((item) => item.type === 'function');
    expect(
      functions.map(({ name, inputs, outputs }) => {
        const result = outputs.length === 0 ? '' : ` -> ${typesOf(outputs)}`;
        return `${name}(${typesOf(inputs)})${result}`;
      }),
    ).toEqual(said);
  });

  it.each(ofKind(true))('has the values of line $line', ({ text }) => {
    for (const each of valueClaims(text)) {
      const { expression, kind, expected } = each;
      if (kind === 'error') {
        const codes = errorsOf(
          `contract Example { action f() { let x = ${expression}; return x } }`,
        );
        expect([expression, ...codes.map(({ code }) => code)]).toEqual([expression, expected]);
        continue;
      }
      const answer = kind === 'is' ? `(${expression}) == (${expected})` : `[${expression}] == []`;
      const example = `contract Example { action claim() -> bool { return ${answer} } }`;
      check(new World().deploy(example).call('claim'), each);
    }
  });

  it('names tests that are there', () => {
    const rows = page
      .split('\n')
      .filter((line) => /^\|.*`[\w/-]+\.(?:test\.ts|fuzz\.ts|txt)`/.test(line));
    expect(rows.length).toBeGreaterThan(40);
    for (const row of rows) {
      const cell = row.replace(/ \|$/, '').split(' | ').at(-1) as string;
      for (const part of cell.split('; ')) {
        const [, path, ...titles] = /^`([^`]+)`(?:, (.+))?$/.exec(part) ?? [];
        expect([row, path]).not.toContain(undefined);
        const short = new URL(`../../packages/zexus/test/${path}`, import.meta.url);
        const file = existsSync(short) ? short : new URL(`../../${path}`, import.meta.url);
        expect([path, existsSync(file)]).toEqual([path, true]);
        const content = readFileSync(file, 'utf8');
        for (const title of titles) {
          if (title !== undefined)
            expect([path, title, content.includes(title)]).toEqual([path, title, true]);
        }
      }
    }
  });
});
