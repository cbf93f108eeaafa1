import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { OPCODES } from '../../src/bytecode/opcodes.ts';
import { RARE_OPERATIONS } from '../../src/vm/rare-operations.ts';
import { LAST_INLINE, REGISTER_OPS } from '../../src/vm/register-code.ts';

const here = new URL('.', import.meta.url);
const sources = readdirSync(here)
  .filter((name) => /^opcodes-.*\.test\.ts$/.test(name))
  .map((name) => readFileSync(new URL(name, here), 'utf8'))
  .join('\n');

it.each(OPCODES.map(({ name }) => name))('%s has tests of its own', (name) => {
  const table = new RegExp(`^  ${name}: \\[\\s*\\{`, 'm');
  const block = new RegExp(`^describe\\('${name}', `, 'm');
  expect(table.test(sources) || block.test(sources)).toBe(true);
});

it('no two opcodes have the same number or the same name', () => {
  expect(new Set(OPCODES.map(({ code }) => code)).size).toBe(OPCODES.length);
  expect(new Set(OPCODES.map(({ name }) => name)).size).toBe(OPCODES.length);
});

it('the switch and the table have all operations between them, each once', () => {
  const text = readFileSync(new URL('../../src/vm/interpreter.ts', here), 'utf8');
  const cases = [...text.matchAll(/case (\d+):[ {\n]*\/\/ (\w+)/g)].map(
    ([, number, name]) => [name, Number(number)] as const,
  );
  const all = Object.entries(REGISTER_OPS);
  expect(all.map(([, number]) => number)).toEqual(all.map((_, index) => index));
  expect(cases).toEqual(all.filter(([, number]) => number <= LAST_INLINE));
  for (const [name, number] of all) {
    expect([name, RARE_OPERATIONS[number] === undefined]).toEqual([name, number <= LAST_INLINE]);
  }
});
