import { UNSUPPORTED_METHODS } from '@lucerna/api';
import { EXCEPTIONS } from './anvil-exceptions.ts';
import { ANVIL_METHODS } from './anvil-methods.ts';

/** The guide with the lists of differences as they are now, each between its two comments. */
export function withTables(guide: string): string {
  const differences = EXCEPTIONS.map(({ subject, anvil, here }) => [subject, anvil, here]);
  const leftOut = Object.entries(UNSUPPORTED_METHODS)
    .filter(([method]) => ANVIL_METHODS.includes(method))
    .map(([method, reason]) => [`\`${method}\``, reason]);
  return withTable(
    withTable(guide, 'differences', ['what', 'anvil', 'here'], differences),
    'left out',
    ['method', 'why'],
    leftOut,
  );
}

function withTable(
  guide: string,
  name: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const begin = `<!-- ${name}: written by tests/differential/anvil.test.ts -->\n`;
  const end = `<!-- end of ${name} -->`;
  const from = guide.indexOf(begin);
  const to = guide.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the guide has no place for: ${name}`);
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |\n`);
  return `${guide.slice(0, from + begin.length)}\n${lines.join('')}\n${guide.slice(to)}`;
}
