import { readdirSync, readFileSync } from 'node:fs';
import { fromHex, toHexKey } from '@lucerna/base';
import { expect, it } from 'vitest';
import { decodeContainer } from '../src/bytecode/decode-container.ts';
import { disassemble } from '../src/bytecode/disassemble.ts';
import { encodeContainer } from '../src/bytecode/encode-container.ts';

// Containers that were made before there were shapes, errors, entry points and several files, each with
// what the disassembler of then said about it. Chains have such code.

const folder = new URL('containers-before/', import.meta.url);

it.each(readdirSync(folder))('%s is read as it was, and has the same bytes', (name) => {
  const text = readFileSync(new URL(name, folder), 'utf8');
  const [digits = '', ...paragraphs] = text.split('\n\n');
  const bytes = fromHex(`0x${digits.replaceAll('\n', '')}`);
  const container = decodeContainer(bytes);
  expect(disassemble(container)).toBe(paragraphs.join('\n\n'));
  expect(toHexKey(encodeContainer(container))).toBe(toHexKey(bytes));
});
