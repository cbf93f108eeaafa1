import { readFileSync } from 'node:fs';
import { toHexKey } from '@lucerna/base';
import {
  disassemble,
  disassembleModule,
  encodeContainer,
  OPCODES,
  serialize,
  upstreamModule,
  zexusLimits,
} from '@lucerna/zexus';
import { describe, expect, it } from 'vitest';
import { counter, full } from '../../packages/zexus/test/support/containers.ts';
import { dumpContainer } from '../../packages/zexus/test/support/dump-container.ts';

describe('docs/spec/zxc.md', () => {
  const page = readFileSync(new URL('../../docs/spec/zxc.md', import.meta.url), 'utf8');

  it('lists all opcodes with their operands and what they take and leave', () => {
    const rows = OPCODES.map((rules) => {
      const { code, name: text, operand, pops, pushes, itemPops, pushesAtTarget } = rules;
      const number = code < 0x0400 ? String(code) : `0x${code.toString(16).padStart(4, '0')}`;
      const isCounted = operand === 'count' || operand === 'pair';
      const items = isCounted ? ` + ${itemPops === 1 ? '' : itemPops}n` : '';
      const target = pushesAtTarget === undefined ? '' : `, ${pushesAtTarget}`;
      return `| ${number} | ${text} | ${operand} | ${pops}${items} → ${pushes}${target} |`;
    });
    expect(page).toContain(`| --- | --- | --- | --- |\n${rows.join('\n')}\n\n`);
  });

  it.each([
    ['the counter', counter],
    ['a contract with everything else', full],
  ])('shows %s byte for byte', (_, container) => {
    const lines = dumpContainer(encodeContainer(container)).map(({ offset, bytes, meaning }) => {
      const digits = toHexKey(bytes).replace(/(..)(?=.)/g, '$1 ');
      const rows = digits.match(/.{1,48}/g) as string[];
      return rows
        .map((row, index) => {
          const place = index === 0 ? String(offset).padStart(4) : '    ';
          return `${place}  ${row.trim().padEnd(48)}${index === 0 ? meaning : ''}`.trimEnd();
        })
        .join('\n');
    });
    expect(page).toContain(`\`\`\`text\n${lines.join('\n')}\n\`\`\``);
    expect(page).toContain(`\`\`\`text\n${disassemble(container)}\`\`\``);
  });

  it('names every section and every limit of lists', () => {
    const limits = zexusLimits.values;
    for (const limit of ['containerErrors', 'containerEvents', 'containerActions'] as const) {
      expect(page).toContain(`at most ${limits[limit].toLocaleString('en')} |`);
    }
    expect(page).toContain(`2 to ${limits.containerFiles}`);
  });
});

describe('docs/spec/zxc1.md', () => {
  const page = readFileSync(new URL('../../docs/spec/zxc1.md', import.meta.url), 'utf8');

  it('shows the example byte for byte, and its disassembly', () => {
    const module = upstreamModule(
      ['total', 5n, 2n ** 40n, [true, null]],
      [
        ['LOAD_CONST', 1],
        ['STATE_WRITE', 0],
        ['CALL_BUILTIN', [0, 2]],
        ['JUMP', -1],
      ],
    );
    const digits = toHexKey(serialize(module));
    const block = /## Example[\s\S]*?```text\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
    const shown = block
      .split('\n')
      .map((line) => line.slice(6, 54).replaceAll(' ', ''))
      .join('');
    expect(shown).toBe(digits);
    expect(page).toContain(`\`\`\`text\n${disassembleModule(module)}\`\`\``);
  });

  it('lists what scripts can run', () => {
    const list = /It can use these opcodes:\n\n([\s\S]*?)\n\n/.exec(page)?.[1] ?? '';
    const listed = [...list.matchAll(/`([A-Z_]+)`/g)].map(([, name]) => name);
    const usable = OPCODES.filter(({ code }) => code < 0x0400).map(({ name }) => name);
    expect(listed.sort()).toEqual([...usable, 'CALL_NAME'].sort());
  });
});
