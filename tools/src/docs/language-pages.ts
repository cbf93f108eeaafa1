import type {
  BuiltinDoc,
  BuiltinSignature,
  MethodSignature,
  Opcode,
  OpcodeDoc,
} from '@lucerna/zexus';
import { page, section } from './markdown.ts';

/** What the page of the language's functions shows. */
export type DocumentedBuiltins = {
  readonly docs: readonly BuiltinDoc[];
  readonly signatures: ReadonlyMap<string, BuiltinSignature>;
  /** Other names of functions, and of methods. */
  readonly aliases: ReadonlyMap<string, string>;
  readonly methodAliases: ReadonlyMap<string, string>;
  /** By kind of value and name. */
  readonly methods: ReadonlyMap<string, ReadonlyMap<string, MethodSignature>>;
  /** Forms of the language that are written like functions. */
  readonly forms: Readonly<Record<string, string>>;
  /** Functions that there are not, and what to do instead. */
  readonly forbidden: ReadonlyMap<string, string>;
};

/** The reference page of the language's functions and methods. */
export function builtinsPage(builtins: DocumentedBuiltins): string {
  const { docs, signatures, aliases, methods, methodAliases } = builtins;
  const groups = [...new Set(docs.map(({ group }) => group))];
  const heads = ['Function', 'Meaning', 'Gas', 'Errors', 'Example'];
  const sections = groups.map((group) =>
    section(
      group,
      heads,
      docs
        .filter((doc) => doc.group === group)
        .map((doc) => [
          names(functionText(signatures, doc.name), doc.name, aliases),
          doc.meaning,
          doc.gas,
          doc.errors,
          `\`${doc.example}\`${doc.gives === undefined ? '' : ` is \`${doc.gives}\``}`,
        ]),
    ),
  );
  const receivers = [...methods].map(([receiver, ofReceiver]) =>
    section(
      `Methods of ${receiver}`,
      ['Method', 'Other names', 'Result'],
      [...ofReceiver.values()].map((method) => [
        `\`.${methodText(method)}\``,
        otherNames(method.name, methodAliases),
        kindText(method.result),
      ]),
    ),
  );
  return page('Functions and methods', INTRODUCTION, [
    ...sections,
    ...receivers,
    section('Forms of the language', ['Written', 'What it does'], rowsOf(builtins.forms)),
    section('Not available', ['Function', 'Why'], rowsOf(Object.fromEntries(builtins.forbidden))),
  ]);
}

const INTRODUCTION = [
  'The functions that contracts can call and the methods of their values. Names below one another mean',
  'the same. Arguments with a question mark may be left out: null stands for them. The first argument is',
  'what the function works on, so that each method is the function of its name. A call costs 8 gas and 2',
  'per argument, a method 10 and 2 per argument; the column says what comes on top. Bytes that are not',
  'whole words of 32 count as one more word. An argument of another kind is Panic 0x01, a method that a',
  'value does not have is Panic 0x51. Functions that make a text, bytes or a list make a new one; `set`,',
  '`remove`, `clear`, `push`, `pop`, `insert` and `remove_at` change the one that they are given, in the',
  'state as well.',
].join(' ');

/** The reference page of the instructions that contracts can use. */
export function opcodesPage(
  opcodes: readonly Opcode[],
  docs: ReadonlyMap<string, OpcodeDoc>,
  fields: readonly string[],
): string {
  const rows = opcodes.map(({ code, name, gas }) => {
    const doc = docs.get(name);
    const fixed = String(gas);
    const dynamic = doc?.gas ?? '';
    return [
      code < 0x400 ? String(code) : `0x${code.toString(16).padStart(4, '0')}`,
      `\`${name}\``,
      doc?.operands ?? '',
      doc?.stack ?? '',
      dynamic === '' ? fixed : `${fixed}; ${dynamic}`,
      doc?.meaning ?? '',
    ];
  });
  const introduction =
    'The instructions that deployed code can have. Numbers below 0x0400 and their fixed gas are those of ' +
    "upstream's machine. The stack is written before → after, the topmost value last; an item of a " +
    'count stands with `…`. Gas is the fixed cost, which is charged per basic block before it runs, and ' +
    'what depends on sizes and on the state, charged before the work. Bytes that are not whole words of ' +
    '32 count as one more word.';
  const heads = ['Code', 'Name', 'Operands', 'Stack', 'Gas', 'Meaning'];
  const fieldRows = fields.map((field, position) => [String(position), `\`${field}\``]);
  return page('Opcodes', introduction, [
    section('Instructions', heads, rows),
    section('Fields of TX_READ', ['Operand', 'Field'], fieldRows),
  ]);
}

function functionText(signatures: ReadonlyMap<string, BuiltinSignature>, name: string): string {
  const signature = signatures.get(name);
  return signature === undefined ? name : `${methodText(signature)}: ${kindText(signature.result)}`;
}

/** What is not known before a program runs may be anything. */
function kindText(type: string): string {
  return type === 'unknown' ? 'any' : type;
}

function methodText({
  name,
  parameterNames,
  optional,
}: Pick<BuiltinSignature, 'name' | 'optional' | 'parameterNames'>): string {
  const required = parameterNames.length - optional;
  const parameters = parameterNames.map((parameter, index) =>
    index < required ? parameter : `${parameter}?`,
  );
  return `${name}(${parameters.join(', ')})`;
}

function names(text: string, name: string, aliases: ReadonlyMap<string, string>): string {
  const others = otherNames(name, aliases);
  return others === '' ? `\`${text}\`` : `\`${text}\`<br>${others}`;
}

function otherNames(name: string, aliases: ReadonlyMap<string, string>): string {
  return [...aliases]
    .filter(([, meant]) => meant === name)
    .map(([alias]) => `\`${alias}\``)
    .join('<br>');
}

function rowsOf(record: Readonly<Record<string, string>>): readonly (readonly string[])[] {
  return Object.entries(record).map(([name, text]) => [`\`${name}\``, text]);
}
