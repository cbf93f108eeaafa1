import { describe, expect, it } from 'vitest';
import { Constants } from '../../src/compiler/constants.ts';
import { loadModules } from '../../src/compiler/modules.ts';
import { type ResolvedContract, resolve } from '../../src/compiler/resolve.ts';
import type { Action, Contract, Expression, Statement } from '../../src/compiler/tree.ts';
import { DiagnosticSink } from '../../src/syntax/diagnostics.ts';

/** The last contract of a text in which names mean something. */
function resolved(text: string): Contract {
  const source = { name: 'test.zx', text };
  const sink = new DiagnosticSink(source);
  const [module] = loadModules(source, undefined, sink);
  const name = module?.program.contracts.at(-1)?.name.name ?? '';
  const declared = module?.scope.own(name);
  if (declared?.kind !== 'contract') throw new Error('no contract');
  const result: ResolvedContract = resolve(declared, new Constants(sink), sink);
  expect(sink.sorted().filter(({ severity }) => severity === 'error')).toEqual([]);
  return result.contract;
}

/** The contract with an action `go` of the body, behind other members and what stands outside. */
function around(body: string, members = '', outside = ''): Contract {
  return resolved(`${outside}\ncontract C { ${members}\n action go(p, q) { ${body} } }`);
}

function action(contract: Contract, name: string): Action {
  const found = contract.actions.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no ${name} in ${namesOf(contract).join()}`);
  return found;
}

function namesOf({ actions }: Contract): readonly string[] {
  return actions.map(({ name }) => name);
}

const go = (body: string, members = '', outside = ''): Action =>
  action(around(body, members, outside), 'go');

/** The value of the last `return` or the last statement's expression, as a short text. */
function value(body: string, members = '', outside = ''): string {
  const last = go(`return ${body}`, members, outside).body.at(-1);
  return last?.kind === 'return' && last.value !== undefined ? show(last.value) : 'nothing';
}

/** The tree as text: like the source, with what names were resolved to. */
function show(expression: Expression): string {
  const list = (items: readonly Expression[]): string => items.map(show).join(', ');
  switch (expression.kind) {
    case 'literal':
      return typeof expression.value === 'string'
        ? `"${expression.value}"`
        : String(expression.value);
    case 'hex':
      return expression.text;
    case 'local':
      return expression.local.name;
    case 'state':
      return `state.${expression.variable.name}${expression.keys.map((key) => `[${show(key)}]`).join('')}`;
    case 'index': {
      const key = show(expression.key);
      const place = expression.isMember ? `.${key}` : `[${key}]`;
      return `${show(expression.object)}${place}`;
    }
    case 'context':
      return `tx${expression.field}`;
    case 'list':
      return `[${list(expression.items)}]`;
    case 'map': {
      const entries = expression.entries.map(({ key, value: of }) => `${show(key)}: ${show(of)}`);
      return `${expression.entity?.name ?? ''}{${entries.join(', ')}}`;
    }
    case 'slice':
      return `${show(expression.object)}[${expression.start && show(expression.start)}:${expression.end && show(expression.end)}]`;
    case 'builtin':
      return `${expression.builtin.name}(${list(expression.arguments)})`;
    case 'operation':
      return `${expression.opcode}(${list(expression.arguments)})`;
    case 'action':
      return `action ${expression.action.name}(${list(expression.arguments)})`;
    case 'method':
      return `${show(expression.object)}.${expression.name}${options(expression)}(${list(expression.arguments)})`;
    case 'contractCall': {
      const { callKind, target, signature, arguments: values } = expression;
      return `${callKind}${options(expression)}(${list([target, signature, values])})`;
    }
    case 'function':
      return `function ${expression.action.name}(${expression.captures.map(({ name }) => name).join(', ')})`;
    case 'invoke':
      return `invoke ${show(expression.callee)}(${list(expression.arguments)})`;
    case 'cast':
      return `${expression.protocol.name}(${show(expression.value)})`;
    case 'unary':
      return `(${expression.operator}${show(expression.operand)})`;
    case 'binary':
    case 'logical':
      return `(${show(expression.left)} ${expression.operator} ${show(expression.right)})`;
    case 'conditional':
      return `(${show(expression.condition)} ? ${show(expression.then)} : ${show(expression.otherwise)})`;
    case 'match': {
      const arms = expression.arms.map(
        ({ patterns, body }) => `${patterns === undefined ? '_' : list(patterns)} => ${show(body)}`,
      );
      return `match ${expression.subject.local.name} = ${show(expression.prepare.value)} {${arms.join(', ')}}`;
    }
    case 'invalid':
      return 'invalid';
  }
}

function options({
  value: wei,
  gas,
}: {
  readonly value: Expression | undefined;
  readonly gas: Expression | undefined;
}): string {
  const given = [wei && `value ${show(wei)}`, gas && `gas ${show(gas)}`].filter(Boolean);
  return given.length === 0 ? '' : `{${given.join(', ')}}`;
}

/** Stores and evaluations as text, other statements by their kind. */
function lines(statements: readonly Statement[]): readonly string[] {
  return statements.map((statement) => {
    switch (statement.kind) {
      case 'store':
        return `${show(statement.target)} ${statement.operator ?? ''}= ${show(statement.value)}`;
      case 'evaluate':
        return show(statement.expression);
      case 'return':
        return statement.value === undefined ? 'return' : `return ${show(statement.value)}`;
      default:
        return statement.kind;
    }
  });
}

const locals = ({ locals: all }: Action): readonly string[] => all.map(({ name }) => name);

describe('local variables', () => {
  it('have names of their own in each action', () => {
    const subject = go(
      'if p { let a = 1\n p = a } else { let a = 2\n p = a }\n for each a in q { p = a }',
    );
    expect(locals(subject)).toEqual(['p', 'q', 'a', 'a$2', 'a$3']);
  });

  it('are known to be read and assigned', () => {
    const subject = go('let a = 1\n let b = 2\n let c = 3\n b = c\n a += 1');
    expect(subject.locals.map((each) => [each.name, each.isRead, each.isReassigned])).toEqual([
      ['p', true, false],
      ['q', true, false],
      ['a', false, true],
      ['b', false, true],
      ['c', true, false],
    ]);
  });

  it('come from lists and maps through one of the compiler’s own', () => {
    expect(lines(go('let [a, b] = q\n let {x, y: z} = p\n return a + b + x + z').body)).toEqual([
      '$1 = q',
      'a = $1[0]',
      'b = $1[1]',
      '$2 = p',
      'x = $2."x"',
      'z = $2."y"',
      'return (((a + b) + x) + z)',
    ]);
  });

  it('hold what is matched', () => {
    expect(value('match p { 1, 2 => q, _ => match q { 3 => 4, _ => 5 } }')).toBe(
      'match $1 = p {1, 2 => q, _ => match $2 = q {3 => 4, _ => 5}}',
    );
  });
});

describe('names', () => {
  it('are local, then of the state, then of the contract, then of the file', () => {
    const outside = 'const A = 1\nconst B = 2\nconst C1 = 3';
    const members = 'data A = 10\nconst B = 20';
    expect(value('[p, A, B, C1, this.A]', members, outside)).toBe('[p, state.A, 20, 3, state.A]');
    // A parameter hides whatever has its name.
    const contract = resolved(
      `const A = 1\ncontract C { data A = 2\n action go(A) { return A + this.A } }`,
    );
    expect(lines(action(contract, 'go').body)).toEqual(['return (A + state.A)']);
  });

  it('of members lead into values, of places in brackets into the state', () => {
    const members = 'data m = {}';
    expect(value('[m[p][q], m[p].x, this.m[p], p.x.y, p[q].z]', members)).toBe(
      '[state.m[p][q], state.m[p]."x", state.m[p], p."x"."y", p[q]."z"]',
    );
  });

  it('of what the call is like', () => {
    const names = ['TX.caller', 'msg.sender', 'msg["sender"]', 'TX.block_hash', 'msg.data', 'this'];
    expect(value(`[${names.join(', ')}]`)).toBe('[tx0, tx0, tx0, tx9, tx11, tx8]');
    // A local variable may be called msg.
    expect(value('p.sender', '', '')).toBe('p."sender"');
    expect(lines(go('let msg = p\n return msg.sender').body)).toEqual([
      'msg = p',
      'return msg."sender"',
    ]);
  });
});

describe('values that are known when compiling', () => {
  const constant = (text: string): string => value('X', `const X = ${text}`);

  it.each([
    ['1 + 2 * 3', '7'],
    ['-7 / 2', '(-4)'],
    ['-7 % 3', '2'],
    ['7 % -3', '(-2)'],
    ['7 / -2', '(-4)'],
    ['2 ** 200 - 1', String(2n ** 200n - 1n)],
    ['0 ** 0', '1'],
    ['(-1) ** 3', '(-1)'],
    ['3 - 5 < 0', 'true'],
    ['"a" + "b"', '"ab"'],
    ['"a" == "b"', 'false'],
    ['1 == 1 ? "yes" : "no"', '"yes"'],
    ['null ?? 3', '3'],
    ['!0', 'true'],
    ['"" || 5', 'true'],
    ['[1 + 1, {a: 2 + 2}]', '[2, {"a": 4}]'],
    ['0xff', '0xff'],
    ['keccak256("A" + "B")', 'keccak256("AB")'],
    // What fails, or is too large, is left for running to fail.
    ['1 / 0', '(1 / 0)'],
    ['1 % 0', '(1 % 0)'],
    ['2 ** 256', '(2 ** 256)'],
    ['2 ** -1', '(2 ** (-1))'],
    ['2 ** 1000000', '(2 ** 1000000)'],
    ['1 == "1"', '(1 == "1")'],
    ['"a" * 2', '("a" * 2)'],
  ])('%s is %s', (text, expected) => {
    expect(constant(text)).toBe(expected);
  });

  it('are other constants and members of enums', () => {
    const outside = 'const A = 5\nenum E { X, Y = A + 2, Z }\nlet B = E.Z * A';
    expect(value('[A, B, E.X, E.Y, E.Z, OWN]', 'const OWN = B + 1', outside)).toBe(
      '[5, 40, 0, 7, 8, 41]',
    );
  });

  it('are members of the same enum, and enums of the contract', () => {
    expect(value('[E.A, E.B, E.C]', 'enum E { A = -2, B, C = E.A * 3 }')).toBe(
      '[(-2), (-1), (-6)]',
    );
  });

  it('stand where they are used', () => {
    const text = 'const A = [1]\ncontract C { action go() { return A } }';
    const [statement] = action(resolved(text), 'go').body;
    const at = text.lastIndexOf('A');
    expect(statement).toMatchObject({
      value: { span: { start: at, end: at + 1 }, items: [{ span: { start: at } }] },
    });
  });
});

describe('texts with values', () => {
  it('begin with text', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: interpolation of the language
    expect(value('"${p}${q}"')).toBe('(("" + p) + q)');
    // biome-ignore lint/suspicious/noTemplateCurlyInString: interpolation of the language
    expect(value('"a ${p} b ${q + 1}!"')).toBe('(((("a " + p) + " b ") + (q + 1)) + "!")');
  });
});

describe('calls', () => {
  it('of actions, functions, functions as values and builtins are different things', () => {
    const members = 'action f(x) { return x }';
    const outside = 'action g(x) { return x }';
    expect(value('[this.f(p), g(p), p(q), len(p), (x => x)(q)]', members, outside)).toBe(
      '[action f(p), action g(p), invoke p(q), len(p), invoke function __lambda1()(q)]',
    );
  });

  it('pad what is left out with null', () => {
    expect(value('[split(p), min(p, q), range(3)]')).toBe(
      '[split(p, null), min(p, q, null, null), range(3, null, null)]',
    );
  });

  it('of contracts name them in several ways', () => {
    const outside = 'protocol P { view action f(x: integer) -> integer }';
    expect(value('[P(p).f(q), p.f(1), p.f{value: 2, gas: q}(1)]', '', outside)).toBe(
      '[P(p).f(q), p.f(1), p.f{value 2, gas q}(1)]',
    );
    expect(value('[contract_call(p, "f"), contract_call(p, "f", [q], 1, 2)]')).toBe(
      '[call(p, "f", []), call{value 1, gas 2}(p, "f", [q])]',
    );
    expect(value('[static_call(p, "f", [], q), delegate_call{gas: 5}(p, null, q)]')).toBe(
      '[static{gas q}(p, "f", []), delegate{gas 5}(p, null, q)]',
    );
  });

  it('of operations of the machine', () => {
    expect(value('[hash(p), crypto_hash(p), hash(p, "sha256"), set_of(p, q)]')).toBe(
      '[HASH_BLOCK(p), HASH_BLOCK(p), hash(p, "sha256"), BUILD_SET(p, q)]',
    );
    expect(value('[merkle_root(p, q), merkle_root(p), verify_sig(p, q, 1)]')).toBe(
      '[MERKLE_ROOT(p, q), merkle_root(p), VERIFY_SIGNATURE(p, q, 1)]',
    );
    const body =
      'ledger_append(p)\n audit_log("a")\n audit("a", q)\n gas_charge(40 * 1)\n log(p, q)\n emit("N", p)';
    const { body: statements } = go(body.replace('40 * 1', 'COST'), 'const COST = 20 * 2');
    expect(statements).toMatchObject([
      { kind: 'operation', opcode: 'LEDGER_APPEND' },
      { kind: 'operation', opcode: 'AUDIT_LOG', arguments: [{ value: 'a' }, { value: null }] },
      { kind: 'operation', opcode: 'AUDIT_LOG' },
      { kind: 'gasCharge', amount: 40 },
      { kind: 'emitValue', name: 'Log', value: { kind: 'list' } },
      { kind: 'emitValue', name: 'N', value: { kind: 'local' } },
    ]);
  });

  it('are those of the source before those of the language', () => {
    const outside = 'action len(x) { return 1 }\naction log(x) { return x }';
    expect(value('len(log(p))', '', outside)).toBe('action len(action log(p))');
  });
});

describe('methods that take a function', () => {
  it('are hidden actions, one for all calls', () => {
    const contract = around('return [p.map(x => x), q.map(x => x), p.reduce((a, b) => a, 0)]');
    expect(namesOf(contract)).toEqual([
      'go',
      '__lambda1',
      '__map',
      '__lambda2',
      '__lambda3',
      '__reduce',
    ]);
    expect(contract.actions.filter(({ isHidden }) => isHidden)).toHaveLength(5);
  });

  it('are only those whose argument may be a function', () => {
    const outside =
      'protocol P { action find(x: integer) }\nentity E { a, action map(f) { return f } }\naction f(x) { return x }';
    const body =
      '[p.find(1), p.find(q), P(p).find(q), E(1).map(q), p.map(f), p.count(), p.any(x => x)]';
    expect(value(body, '', outside)).toBe(
      '[p.find(1), action __find(p, q), P(p).find(q), E{"a": 1}.map(q), action __map(p, function f()), p.count(), action __any(p, function __lambda1())]',
    );
  });
});

describe('functions as values', () => {
  it('are hidden actions that take what they use from around first', () => {
    const contract = around('let a = 1\n let f = (x) => x + a + p\n return f(2)');
    const lambda = action(contract, '__lambda1');
    expect(lambda.parameters.map(({ name }) => name)).toEqual(['a', 'p', 'x']);
    expect(lines(lambda.body)).toEqual(['return ((x + a) + p)']);
    expect(lines(action(contract, 'go').body)).toEqual([
      'a = 1',
      'f = function __lambda1(a, p)',
      'return invoke f(2)',
    ]);
    // What is known of the variable's type is known on both sides.
    expect(lambda.parameters[0]?.types).toBe(action(contract, 'go').locals[2]?.types);
  });

  it('within functions take what they use through those around them', () => {
    const contract = around('let f = () => { let g = () => { p += 1 }\n g() }\n f()');
    expect(action(contract, '__lambda2').parameters.map(({ name }) => name)).toEqual(['p']);
    expect(action(contract, '__lambda1').parameters.map(({ name }) => name)).toEqual(['p']);
    const variables = contract.actions.flatMap((each) =>
      each.locals.filter(({ name }) => name === 'p'),
    );
    expect(variables.map(({ isCaptured, isReassigned }) => [isCaptured, isReassigned])).toEqual([
      [true, true],
      [true, true],
      [true, true],
    ]);
  });

  it('share what is assigned to after they were made, too', () => {
    const contract = around('let a = 1\n let f = () => a\n a = 2\n return f()');
    expect(action(contract, '__lambda1').parameters[0]).toMatchObject({ isReassigned: true });
  });

  it('can call themselves', () => {
    const contract = around('let f = n => n < 2 ? 1 : n * f(n - 1)\n return f(p)');
    expect(lines(action(contract, 'go').body)).toEqual([
      'f = null',
      'f = function __lambda1(f)',
      'return invoke f(p)',
    ]);
    expect(action(contract, '__lambda1').parameters[0]).toMatchObject({ isReassigned: true });
  });

  it('are functions outside of contracts too', () => {
    expect(value('[f, p]', '', 'action f(x) { return x }')).toBe('[function f(), p]');
  });

  it('in actions of entities use the entity', () => {
    const outside = 'entity E { a, action f() { return () => this.a + a } }';
    const contract = around('return E(1).f()', '', outside);
    expect(action(contract, '__lambda1').parameters.map(({ name }) => name)).toEqual(['self']);
    expect(lines(action(contract, '__lambda1').body)).toEqual(['return (self."a" + self."a")']);
  });
});

describe('actions of the compiler’s own', () => {
  it('come behind those of the source, functions only if something calls them', () => {
    const outside = 'action a(x) { return b(x) }\naction b(x) { return x }\naction unused() {}';
    const contract = around('return a(p)', 'data x = 1\n action b(x) { return x }', outside);
    expect(namesOf(contract)).toEqual(['b', 'go', 'init', 'a', 'b2']);
    expect(contract.actions.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4]);
    expect(lines(action(contract, 'a').body)).toEqual(['return action b2(x)']);
    expect(contract.actions.map(({ isExported }) => isExported)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it('are actions of entities', () => {
    const outside = `entity Point { x: integer, y = 2 + 3
      action sum() -> integer { return this.x + y }
      action twice() -> integer { return this.sum() * 2 } }`;
    const contract = around('let a = Point(1)\n return Point{x: 3, y: p}', '', outside);
    expect(namesOf(contract)).toEqual(['go', '__Point_sum', '__Point_twice']);
    expect(lines(action(contract, 'go').body)).toEqual([
      'a = Point{"x": 1, "y": 5}',
      'return Point{"x": 3, "y": p}',
    ]);
    expect(lines(action(contract, '__Point_sum').body)).toEqual(['return (self."x" + self."y")']);
    expect(lines(action(contract, '__Point_twice').body)).toEqual([
      'return (action __Point_sum(self) * 2)',
    ]);
    expect([...(contract.entities.get('Point')?.actions.keys() ?? [])]).toEqual(['sum', 'twice']);
  });

  it('are the parts of modifiers and the bodies of actions that have some', () => {
    const members = `
      data n = 0
      modifier low(limit) { require(n < limit); _ }
      modifier counted(by, at) { n += by\n _\n n -= at }
      action view plain() { return 1 }
      payable action f(a: integer) -> integer low(a) counted(a * 2, 3) limit 900 { return a }`;
    const contract = resolved(`contract C { ${members.replace('limit 900', '')} }`);
    expect(namesOf(contract)).toEqual([
      'plain',
      'f',
      'init',
      '__f_body',
      '__low_before',
      '__counted_before',
      '__counted_after',
    ]);
    expect(lines(action(contract, 'f').body)).toEqual([
      'action __low_before(a)',
      '$1 = (a * 2)',
      '$2 = 3',
      'action __counted_before($1, $2)',
      '$3 = action __f_body(a)',
      'action __counted_after($1, $2)',
      'return $3',
    ]);
    expect(action(contract, 'f')).toMatchObject({
      isPayable: true,
      isExported: true,
      returnsValue: true,
    });
    expect(action(contract, '__f_body')).toMatchObject({ isHidden: true, isExported: false });
    expect(lines(action(contract, '__counted_after').body)).toEqual(['state.n -= at']);
  });

  it('leave modifiers alone that no action has', () => {
    expect(
      namesOf(around('return 1', 'modifier m() { require(p2()); _ }', 'action p2() {}')),
    ).toEqual(['go']);
  });
});

describe('what actions do', () => {
  const did = (subject: Action): readonly string[] => subject.writes.map(({ what }) => what);

  it('is known of writes', () => {
    const members = 'data n = 0\n data m = {}\n data l = []\n event E(a: integer)';
    const body = `n = 1\n m[1].x = 2\n l.push(1)\n push(l, 2)\n emit E(1)\n transfer(p, 1)\n p.push(3)
      contract_call(p, "f")\n ledger_append(1)\n log(1)`;
    expect(did(go(body, members))).toEqual([
      'sets n',
      'sets m',
      'changes l',
      'changes l',
      'emits E',
      'calls transfer',
      'calls another contract',
      'appends to the ledger',
      'logs',
    ]);
  });

  it('is known of reads, calls and the value that is sent', () => {
    const members = 'data n = 0\n action f() {}';
    const subject = go(
      'let a = n + TX.value\n this.f()\n let g = () => n\n return [a, g, time(), this]',
      members,
    );
    expect(subject.reads.map(({ what }) => what)).toEqual([
      'reads n',
      'reads TX.value',
      'calls time',
      "reads the contract's own address",
    ]);
    expect(subject.calls.map(({ target }) => target.name)).toEqual(['f', '__lambda1']);
    expect(subject.valueReads).toHaveLength(1);
  });

  it('of an action with modifiers is what its body does', () => {
    const members = 'data n = 0\n modifier m() { _ }\n action f() m { n = TX.value }';
    const contract = resolved(`contract C { ${members} }`);
    expect(did(action(contract, 'f'))).toEqual(['sets n']);
    expect(action(contract, 'f').valueReads).toHaveLength(1);
    expect(action(contract, '__f_body').valueReads).toHaveLength(0);
  });
});

describe('declarations', () => {
  it('take the types that a protocol promises where none are written', () => {
    const contract = resolved(`
      protocol P { view action f(a: uint8, b: address) -> bytes32 }
      contract C implements P { action view f(a, b: address) { return 0x00 } }`);
    const f = action(contract, 'f');
    expect(f.parameters.map(({ types }) => types.abiType)).toEqual(['uint8', 'address']);
    expect([f.result.abiType, f.returnsValue]).toEqual(['bytes32', true]);
    expect(contract.implemented.map(({ protocol }) => protocol.name)).toEqual(['P']);
  });

  it('know what runs when no action is called', () => {
    const contract = resolved(`contract C {
      action fallback(data) -> bytes { return data }
      payable action receive() {}
      action start() limit 500 {} }`);
    expect(contract.actions.map((each) => [each.name, each.entryPoint, each.isExported])).toEqual([
      ['fallback', 'fallback', false],
      ['receive', 'receive', false],
      ['start', undefined, true],
    ]);
    expect(action(contract, 'fallback').parameters[0]?.types.type).toBe('bytes');
    expect(action(contract, 'start').gasLimit).toBe(500);
    const ordinary = resolved(
      'contract C { action receive(n: integer) {}\n private action fallback(a, b) {} }',
    );
    expect(ordinary.actions.map(({ entryPoint }) => entryPoint)).toEqual([undefined, undefined]);
  });

  it('begin empty where nothing has to be stored', () => {
    const contract = resolved(`contract C {
      data a = {}\n data b = []\n data c = null\n data d: map<integer, integer> = {}
      data e: any = {}\n data f = {x: 1}\n data g = [1]\n data h: list<integer> = [] }`);
    expect(lines(contract.initials)).toEqual([
      'state.a = {}',
      'state.b = []',
      'state.e = {}',
      'state.f = {"x": 1}',
      'state.g = [1]',
    ]);
    expect(contract.variables.map(({ types }) => types.type)).toEqual([
      'map',
      'list',
      'unknown',
      'map',
      'unknown',
      'map',
      'list',
      'list',
    ]);
  });

  it('emit events that are not declared, as they are first used', () => {
    const { events } = around(
      'emit First(1, p)\n emit Second{a: 1, b: q}\n emit Second{b: 1, a: 2}',
    );
    expect(
      events.map(({ name, fields, isDeclared }) => [
        name,
        fields.map((field) => field.name),
        isDeclared,
      ]),
    ).toEqual([
      ['First', ['arg0', 'arg1'], false],
      ['Second', ['a', 'b'], false],
    ]);
  });

  it('of events and errors order values by the names of the fields', () => {
    const members = 'event E(a: integer, b: integer)\n error F(c: integer, d: integer)';
    const body = `emit E{b: 1, a: 2}\n emit("E", {b: 3, a: 4})\n emit("E", [5, 6])
      require(p, F{d: 7, c: 8})\n throw F(9, 10)\n revert F(11, 12)`;
    expect(go(body, members).body).toMatchObject([
      { kind: 'emit', arguments: [{ value: 2n }, { value: 1n }] },
      { kind: 'emit', arguments: [{ value: 4n }, { value: 3n }] },
      { kind: 'emit', arguments: [{ value: 5n }, { value: 6n }] },
      { kind: 'require', reason: { arguments: [{ value: 8n }, { value: 7n }] } },
      { kind: 'revert', reason: { arguments: [{ value: 9n }, { value: 10n }] } },
      { kind: 'revert', reason: { arguments: [{ value: 11n }, { value: 12n }] } },
    ]);
  });
});
