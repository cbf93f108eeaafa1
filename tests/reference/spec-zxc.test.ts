import { readFileSync } from 'node:fs';
import { toHexKey } from '@lucerna/base';
import { disassemble, encodeContainer, OPCODES } from '@lucerna/zexus';
import { describe, expect, it } from 'vitest';
import { counter } from '../../packages/zexus/test/support/containers.ts';
import { dumpContainer } from '../../packages/zexus/test/support/dump-container.ts';

/** Take as many more values as their second operand says. */
const COUNTED = new Set(['CALL_ACTION', 'CALL_BUILTIN', 'EMIT', 'MAP_READ', 'MAP_WRITE']);

describe('docs/spec/zxc.md', () => {
  const page = readFileSync(new URL('../../docs/spec/zxc.md', import.meta.url), 'utf8');

  it('lists all opcodes with their operands and what they take and leave', () => {
    for (const { code, name: text, operand, pops, pushes } of OPCODES) {
      const number = code < 0x0400 ? String(code) : `0x${code.toString(16).padStart(4, '0')}`;
      const stack = `${pops}${COUNTED.has(text) ? ' + n' : ''} → ${pushes}`;
      expect(page).toContain(`| ${number} | ${text} | ${operand} | ${stack} |`);
    }
  });

  it('shows the example byte for byte', () => {
    const lines = dumpContainer(encodeContainer(counter)).map(({ offset, bytes, meaning }) => {
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
  });

  it('shows its disassembly', () => {
    expect(page).toContain(`\`\`\`text\n${disassemble(counter)}\`\`\``);
  });
});
