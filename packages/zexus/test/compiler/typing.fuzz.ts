import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { runs } from '../../../../tools/src/fuzz-runs.ts';
import { compile } from '../../src/compiler/compile.ts';
import { verifyContainer } from '../../src/vm/verifier.ts';

// Programs whose names all mean something and whose types may be anything: typing has an answer to each,
// and code without errors is code that the machine accepts.

const tally = { generated: 0, compiled: 0 };

afterAll(() => {
  console.log(`${tally.compiled} of ${tally.generated} programs of any types compiled`);
});

// Most are of unknown type, so that much of it may be right.
const name = fc.constantFrom('s0', 's1', 's2', 'this.s4', 'x', 'y', 'p', 'p', 'q', 'q');
const literal = fc.constantFrom('null', '0', '-1', '7', '"a"', '""', 'true', '0x1234', '[]', '{}');
const member = fc.constantFrom('name', 'left', 'size');
const method = fc.constantFrom(
  ...[
    'push',
    'pop',
    'len',
    'keys',
    'values',
    'has',
    'get',
    'set',
    'remove',
    'clear',
    'first',
    'join',
  ],
  ...['map', 'filter', 'reduce', 'sort', 'upper', 'slice', 'touch', 'peek', 'grow', 'missing'],
);

const { expression } = fc.letrec<{ expression: string }>((tie) => {
  const inner = tie('expression');
  const some = fc.array(inner, { maxLength: 2 }).map((values) => values.join(', '));
  const call = (format: (values: string) => string): fc.Arbitrary<string> => some.map(format);
  return {
    expression: fc.oneof(
      { maxDepth: 2, withCrossShrink: true },
      { arbitrary: name, weight: 12 },
      { arbitrary: literal, weight: 2 },
      fc.tuple(inner, inner).map(([object, key]) => `(${object})[${key}]`),
      fc.tuple(inner, member).map(([object, field]) => `(${object}).${field}`),
      fc
        .tuple(inner, fc.constantFrom('+', '-', '*', '<', '==', '!=', '&&', '??'), inner)
        .map(([left, operator, right]) => `(${left} ${operator} ${right})`),
      fc.tuple(inner, inner, inner).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
      fc
        .tuple(inner, method, some)
        .map(([object, called, values]) => `(${object}).${called}(${values})`),
      call((values) => `[${values}]`),
      inner.map((value) => `{name: ${value}, "k": 1}`),
      inner.map((value) => `Node(${value}, null)`),
      inner.map((value) => `Other(${value})`),
      inner.map((value) => `(v => [v, ${value}])`),
      fc.tuple(inner, some).map(([callee, values]) => `(${callee})(${values})`),
      fc.tuple(inner, inner).map(([a, b]) => `this.f(${a}, ${b})`),
      inner.map((value) => `len(${value})`),
      inner.map((value) => `(match (${value}) { 1, "a" => ${value}, _ => null })`),
      fc.tuple(inner, inner).map(([object, end]) => `(${object})[:${end}]`),
    ),
  };
});

const place = fc.oneof(
  name,
  fc.tuple(name, expression).map(([object, key]) => `${object}[${key}]`),
  fc.tuple(name, expression, member).map(([object, key, field]) => `${object}[${key}].${field}`),
);

const { statement } = fc.letrec<{ statement: string }>((tie) => {
  const body = fc
    .array(tie('statement'), { minLength: 1, maxLength: 2 })
    .map((all) => all.join('\n'));
  return {
    statement: fc.oneof(
      { maxDepth: 2 },
      fc
        .tuple(place, fc.constantFrom('=', '+=', '-='), expression)
        .map(([target, operator, value]) => `${target} ${operator} ${value}`),
      expression.map((value) => `require (${value}), "why"`),
      fc
        .tuple(name, method, expression)
        .map(([object, called, value]) => `${object}.${called}(${value})`),
      fc.tuple(expression, body).map(([condition, then]) => `if (${condition}) { ${then} }`),
      fc
        .tuple(expression, body)
        .map(([items, each]) => `for each _k, _v in (${items}) { ${each} }`),
      fc.tuple(body, body).map(([first, second]) => `try { ${first} } catch (_e) { ${second} }`),
      expression.map((value) => `throw (${value})`),
      expression.map((value) => `emit Noted(${value}, 1)`),
    ),
  };
});

const initial = fc.oneof(
  fc.constant('null'),
  literal,
  fc.constantFrom('Node("a", null)', '[1, "a"]', '{a: 1}'),
);
const declared = fc.constantFrom(
  ...[
    'integer',
    'string',
    'list',
    'map',
    'any',
    'Node',
    'Other',
    'list<Node>',
    'map<integer, integer>',
  ],
  ...['map<string, list<bool>>', 'list<map<address, Node>>'],
);

const program = fc
  .record({
    initials: fc.array(initial, { minLength: 3, maxLength: 3 }),
    declared,
    first: fc.array(statement, { minLength: 1, maxLength: 2 }),
    second: fc.array(statement, { minLength: 1, maxLength: 2 }),
    result: expression,
    parameter: fc.option(declared, { nil: undefined, freq: 1 }),
  })
  .map(({ initials, declared: type, first, second, result, parameter }) => {
    const data = initials.map((value, index) => `data s${index} = ${value}`).join('\n');
    const action = (header: string, statements: readonly string[]): string =>
      `action ${header} {\nlet x = p\nlet y = null\n${statements.join('\n')}\nreturn ${result}\n}`;
    return `entity Node { name: string; left: Node; size\n action grow(n) { this.size = n } }
protocol Other { action touch(n: integer)\n view action peek() -> list<Node> }
contract C {
${data}
data s4: ${type}
${action('f(p: any, q)', first)}
${action(`g(p${parameter === undefined ? '' : `: ${parameter}`}, q: any)`, second)}
}`;
  });

it('answers every program, within the limit of passes, with code that the verifier accepts', () => {
  fc.assert(
    fc.property(program, (text) => {
      tally.generated += 1;
      const { contracts, diagnostics } = compile({ name: 'c.zx', text });
      const codes = diagnostics.map(({ code }) => code);
      expect(codes).not.toContain('INFERENCE_LIMIT');
      expect(codes.filter((code) => code.startsWith('EXPECTED_'))).toEqual([]);
      for (const { container } of contracts) {
        tally.compiled += 1;
        verifyContainer(container);
      }
    }),
    runs(500),
  );
});
