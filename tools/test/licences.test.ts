import { expect, test } from 'vitest';
import { licenceProblems } from '../src/licences.ts';

const problems = (licence: string | undefined, dev = false): readonly string[] =>
  licenceProblems([{ path: 'node_modules/a', licence, dev }]);

test.each(['MIT', 'Apache-2.0', '(MIT OR GPL-3.0)', 'GPL-3.0 OR ISC', 'MIT AND BSD-3-Clause'])(
  '%s may be used anywhere',
  (licence) => {
    expect(problems(licence)).toEqual([]);
  },
);

test.each(['GPL-3.0', 'MIT AND GPL-3.0', 'SEE LICENSE IN FILE', 'MPL-2.0', undefined])(
  '%s is named',
  (licence) => {
    expect(problems(licence)).toEqual([
      `node_modules/a: the licence ${licence ?? '(none)'} is not on the list`,
    ]);
  },
);

test('file-wise copyleft is fine for tools only', () => {
  expect(problems('MPL-2.0', true)).toEqual([]);
  expect(problems('GPL-3.0', true)).toHaveLength(1);
});
