import { expect, test } from 'vitest';
import { builtinsPage, opcodesPage } from '../src/docs/language-pages.ts';

const signature = {
  name: 'cut',
  parameterNames: ['text', 'start', 'end'],
  parameters: [['string'], ['integer'], ['integer']],
  optional: 1,
  result: 'unknown',
  resultOf: undefined,
  isNullable: true,
  writes: false,
  reads: false,
  mutates: false,
} as const;

test('functions stand in their groups with other names, methods by the kind of value', () => {
  const page = builtinsPage({
    docs: [
      {
        name: 'cut',
        group: 'Text',
        meaning: 'Cuts a|b.',
        gas: '3',
        errors: '',
        example: 'cut("a", 0)',
        gives: '"a"',
      },
    ],
    signatures: new Map([['cut', signature]]),
    aliases: new Map([
      ['snip', 'cut'],
      ['other', 'else'],
    ]),
    methods: new Map([
      [
        'string',
        new Map([
          [
            'cut',
            { ...signature, receiver: 'string', parameterNames: ['start', 'end'], isWhole: true },
          ],
        ]),
      ],
    ]),
    methodAliases: new Map([['clip', 'cut']]),
    forms: { 'go(x)': 'Goes.' },
    forbidden: new Map([['random', 'no']]),
  });
  expect(page.slice(page.indexOf('## Text'))).toBe(
    [
      '## Text',
      '',
      '| Function | Meaning | Gas | Errors | Example |',
      '| --- | --- | --- | --- | --- |',
      '| `cut(text, start, end?): any`<br>`snip` | Cuts a\\|b. | 3 |  | `cut("a", 0)` is `"a"` |',
      '',
      '## Methods of string',
      '',
      '| Method | Other names | Result |',
      '| --- | --- | --- |',
      '| `.cut(start, end?)` | `clip` | any |',
      '',
      '## Forms of the language',
      '',
      '| Written | What it does |',
      '| --- | --- |',
      '| `go(x)` | Goes. |',
      '',
      '## Not available',
      '',
      '| Function | Why |',
      '| --- | --- |',
      '| `random` | no |',
      '',
    ].join('\n'),
  );
});

test('opcodes stand with their number, in hex from 0x0400 on, and all of their gas', () => {
  const opcode = {
    operand: 'none',
    pops: 0,
    pushes: 0,
    endsBlock: false,
    itemPops: 1,
    itemGas: 0,
    pushesAtTarget: undefined,
  } as const;
  const page = opcodesPage(
    [
      { ...opcode, code: 10, name: 'ADD', gas: 3 },
      { ...opcode, code: 0x40f, name: 'DUP2', gas: 2 },
    ],
    new Map([
      ['ADD', { operands: '', stack: 'a b → c', meaning: 'Sum.', gas: '3 more' }],
      ['DUP2', { operands: '', stack: 'a b → a b a b', meaning: '', gas: '' }],
    ]),
    ['caller'],
  );
  expect(page).toContain(
    [
      '| 10 | `ADD` |  | a b → c | 3; 3 more | Sum. |',
      '| 0x040f | `DUP2` |  | a b → a b a b | 2 |  |',
    ].join('\n'),
  );
  expect(page).toContain('| 0 | `caller` |');
});
