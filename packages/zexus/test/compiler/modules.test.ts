import { concatBytes, toHex } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import { describe, expect, it } from 'vitest';
import { type Compilation, compile } from '../../src/compiler/compile.ts';
import { loadModules } from '../../src/compiler/modules.ts';
import { zexusLimits } from '../../src/limits.ts';
import { DiagnosticSink, formatDiagnostic } from '../../src/syntax/diagnostics.ts';
import type { SourceFile } from '../../src/syntax/source.ts';
import { encodeUtf8 } from '../../src/utf8.ts';
import { Deployed } from '../support/deployed.ts';

type Files = Readonly<Record<string, string>>;

/** Compiles `main` with files that are found by their names. */
function compileFiles(main: string, files: Files = {}): Compilation {
  const source = { name: 'main.zx', text: main };
  return compile(source, { files: finder(files, source) });
}

/** Finds a file by its name, always the same one; `./` before the name changes nothing. */
function finder(
  files: Files,
  main?: SourceFile,
): (path: string, from: SourceFile) => SourceFile | undefined {
  const known = new Map<string, SourceFile>(main === undefined ? [] : [[main.name, main]]);
  return (path) => {
    const name = path.replace(/^\.\//, '');
    const text = files[name];
    if (text !== undefined && !known.has(name)) known.set(name, { name, text });
    return known.get(name);
  };
}

/** Code, file and place of each diagnostic. */
function found({ diagnostics }: Compilation): readonly string[] {
  return diagnostics.map(
    ({ code, source, span }) => `${code} ${source.name} ${source.text.slice(span.start, span.end)}`,
  );
}

/** What the action `run` of the first contract returns. */
function run(main: string, files: Files): unknown {
  const compilation = compileFiles(main, files);
  const [contract] = compilation.contracts;
  if (contract === undefined) {
    throw new Error(compilation.diagnostics.map((each) => formatDiagnostic(each)).join('\n'));
  }
  return new Deployed(contract).call('run');
}

const contract = (body: string): string =>
  `contract C { action view run() -> integer { ${body} } }`;

describe('use', () => {
  it('brings every exported name of a file', () => {
    const math = 'const TWO = 2\naction double(x: integer) -> integer { return x * TWO }';
    expect(run(`use "math.zx"\n${contract('return double(20) + TWO')}`, { 'math.zx': math })).toBe(
      42n,
    );
  });

  it('brings them behind an alias', () => {
    const math = `
      const TWO = 2
      enum Step { Small = 3, Large }
      entity Pair { a: integer, b: integer = TWO, action sum() -> integer { return this.a + b } }
      action double(x: integer) -> integer { return x * TWO }`;
    const body = `
      let pair: math.Pair = math.Pair(10)
      return math.double(math.TWO) + math.Step.Large + pair.sum() + math.Pair{a: 1, b: 2}.sum()`;
    expect(run(`use "math.zx" as math\n${contract(body)}`, { 'math.zx': math })).toBe(23n);
  });

  it('brings names one by one, under others if wanted', () => {
    const math = 'action one() -> integer { return 1 }\naction two() -> integer { return 2 }';
    const main = `use { one, two as deux } from "math.zx"\naction two() -> integer { return 20 }\n${contract('return one() + deux() + two()')}`;
    expect(run(main, { 'math.zx': math })).toBe(23n);
  });

  it('reads files three deep, each with names of its own', () => {
    const files = {
      'a.zx': 'use "b.zx" as b\naction value() -> integer { return b.value() * 10 + 1 }',
      'b.zx':
        'use { value as inner } from "c.zx"\naction value() -> integer { return inner() * 10 + 2 }',
      'c.zx': 'const START = 3\naction value() -> integer { return START }',
    };
    expect(run(`use "a.zx"\n${contract('return value()')}`, files)).toBe(321n);
  });

  it('reads a file once that several use, by whichever path', () => {
    const files = {
      'left.zx': 'use "base.zx"\naction left(p: Point) -> integer { return p.x }',
      'right.zx': 'use "./base.zx"\naction right() -> Point { return Point(7) }',
      'base.zx': 'entity Point { x: integer }',
    };
    const main = `use "left.zx"\nuse "right.zx"\nuse "base.zx"\n${contract('let p: Point = right()\nreturn left(p)')}`;
    expect(run(main, files)).toBe(7n);
    expect(compileFiles(main, files).sources.map(({ name }) => name)).toEqual([
      'main.zx',
      'left.zx',
      'base.zx',
      'right.zx',
    ]);
  });

  it('keeps what is not exported inside, and what is exported uses it', () => {
    const files = {
      'lib.zx': 'const HIDDEN = 5\nexport action shown() -> integer { return HIDDEN }',
    };
    expect(run(`use "lib.zx"\n${contract('return shown()')}`, files)).toBe(5n);
    expect(found(compileFiles(`use "lib.zx"\n${contract('return HIDDEN')}`, files))).toEqual([
      'NAME_UNKNOWN main.zx HIDDEN',
    ]);
    expect(found(compileFiles(`use { HIDDEN } from "lib.zx"\ncontract C {}`, files))).toEqual([
      'NAME_UNKNOWN main.zx HIDDEN',
    ]);
  });

  it('takes exports by a list, also of what comes from elsewhere', () => {
    const files = {
      'all.zx': 'use "inner.zx"\nexport { one }\naction other() -> integer { return 2 }',
      'inner.zx': 'action one() -> integer { return 1 }',
    };
    expect(run(`use "all.zx"\n${contract('return one()')}`, files)).toBe(1n);
    expect(found(compileFiles(`use "all.zx"\n${contract('return other()')}`, files))).toEqual([
      'NAME_UNKNOWN main.zx other',
    ]);
  });

  it('compiles the contracts of the first file only', () => {
    const files = { 'token.zx': 'contract Token { data n = 1\n action view get() { return n } }' };
    const { contracts } = compileFiles(
      'use "token.zx"\ncontract C { action view run(a: address) -> integer { return Token(a).get() } }',
      files,
    );
    expect(contracts.map(({ name }) => name)).toEqual(['C']);
  });

  it('has functions, entities and constants in the container of who uses them, and in the source map', () => {
    const files = { 'lib.zx': 'action helper(x: integer) -> integer { return x + 1 }' };
    const { contracts } = compileFiles(`use "lib.zx"\n${contract('return helper(1)')}`, files);
    const { container } = contracts[0] ?? expect.unreachable();
    expect(container.actions.map(({ name }) => name)).toEqual(['run', 'helper']);
    expect(container.actions[1]?.exportedAs).toBeUndefined();
    expect(container.sourceMap?.files).toEqual(['main.zx', 'lib.zx']);
    expect(container.sourceMap?.actions.map(({ file }) => file)).toEqual([0, 1]);
  });

  it('makes the same code of the same texts, wherever they lie', () => {
    const lib = 'action helper(x: integer) -> integer { return x + 1 }';
    const main = (path: string): SourceFile => ({
      name: 'main.zx',
      text: `use "${path}"\n${contract('return helper(1)')}`,
    });
    const once = compile(main('lib.zx'), { files: finder({ 'lib.zx': lib }), sourceMap: false });
    const again = compile(main('lib.zx'), {
      files: () => ({ name: '/elsewhere/lib.zx', text: lib }),
      sourceMap: false,
    });
    expect(again.contracts[0]?.bytecode).toEqual(once.contracts[0]?.bytecode);
    const changed = compile(main('lib.zx'), {
      files: finder({ 'lib.zx': `${lib} ` }),
      sourceMap: false,
    });
    // The container says which texts it is made of.
    expect(changed.contracts[0]?.container.metadata).not.toEqual(
      once.contracts[0]?.container.metadata,
    );
  });
});

describe('what is wrong with files', () => {
  it('is reported in the file where it is', () => {
    const files = {
      'a.zx': 'use "b.zx"\naction first() -> integer { return second() + nowhere }',
      'b.zx': 'action second() -> integer { return "text" }',
    };
    const compilation = compileFiles(`use "a.zx"\n${contract('return first()')}`, files);
    expect(found(compilation)).toEqual(['NAME_UNKNOWN a.zx nowhere', 'TYPE_MISMATCH b.zx "text"']);
    expect(formatDiagnostic(compilation.diagnostics[0] ?? expect.unreachable())).toMatch(
      /^a\.zx:2:47: error/,
    );
  });

  it('is found in what nobody uses, too', () => {
    const files = {
      'lib.zx': `
        const A = missing
        entity E { x: nothing }
        protocol P { action f(x: never) }
        action unused() { return gone }
        action fails() { emit Any(1); revert Whatever(1) }`,
    };
    expect(found(compileFiles('use "lib.zx"\ncontract C {}', files))).toEqual([
      'NAME_UNKNOWN lib.zx missing',
      'TYPE_UNKNOWN lib.zx nothing',
      'TYPE_UNKNOWN lib.zx never',
      'NAME_UNKNOWN lib.zx gone',
    ]);
  });

  it('is reported once when several contracts use it', () => {
    const files = { 'lib.zx': 'action f() { let unused = 1 }' };
    const main =
      'use "lib.zx"\ncontract A { action go() { f() } }\ncontract B { action go() { f() } }';
    const compilation = compileFiles(main, files);
    expect(found(compilation)).toEqual(['LOCAL_UNUSED lib.zx unused']);
    expect(compilation.contracts.map(({ warnings }) => warnings.length)).toEqual([1, 1]);
  });

  it('includes the syntax of all of them', () => {
    const files = { 'a.zx': 'use "b.zx"\naction f( {}', 'b.zx': 'contract { }' };
    const { diagnostics } = compileFiles('use "a.zx"\ncontract C {}', files);
    expect(new Set(diagnostics.map(({ source }) => source.name))).toEqual(
      new Set(['a.zx', 'b.zx']),
    );
  });

  it('is a file that is not there', () => {
    expect(found(compileFiles('use "gone.zx"\ncontract C {}'))).toEqual([
      'USE_MISSING main.zx "gone.zx"',
    ]);
    expect(found(compileFiles('use "zexus:gone"\ncontract C {}'))).toEqual([
      'USE_MISSING main.zx "zexus:gone"',
    ]);
    // Nobody was told how to find files.
    expect(compile({ name: 'c.zx', text: 'use "a.zx"\ncontract C {}' }).diagnostics).toHaveLength(
      1,
    );
  });

  it('is a circle, reported where it closes', () => {
    const files = { 'a.zx': 'use "b.zx"', 'b.zx': 'use "a.zx"' };
    expect(found(compileFiles('use "a.zx"\ncontract C {}', files))).toEqual([
      'USE_CYCLE b.zx "a.zx"',
    ]);
    expect(found(compileFiles('use "main.zx"\ncontract C {}'))).toEqual([
      'USE_CYCLE main.zx "main.zx"',
    ]);
  });

  it('is a name that comes twice', () => {
    const files = {
      'a.zx': 'action f() -> integer { return 1 }',
      'b.zx': 'action f() -> integer { return 2 }',
    };
    expect(found(compileFiles('use "a.zx"\nuse "b.zx"\ncontract C {}', files))).toEqual([
      'NAME_DUPLICATE main.zx "b.zx"',
    ]);
    expect(found(compileFiles('use "a.zx"\naction f() {}\ncontract C {}', files))).toEqual([
      'NAME_DUPLICATE main.zx "a.zx"',
    ]);
    expect(found(compileFiles('use "a.zx" as C\ncontract C {}', files))).toEqual([
      'NAME_DUPLICATE main.zx C',
    ]);
  });

  it('is a name that the file does not have, or that is not there to export', () => {
    const files = { 'a.zx': 'action f() {}', 'b.zx': 'export { nothing }' };
    expect(found(compileFiles('use { g } from "a.zx"\ncontract C {}', files))).toEqual([
      'NAME_UNKNOWN main.zx g',
    ]);
    expect(found(compileFiles('use "b.zx"\ncontract C {}', files))).toEqual([
      'NAME_UNKNOWN b.zx nothing',
    ]);
    expect(found(compileFiles(`use "a.zx" as a\n${contract('return a.g()')}`, files))).toEqual([
      'NAME_UNKNOWN main.zx g',
    ]);
    expect(found(compileFiles(`use "a.zx" as a\n${contract('return a.g')}`, files))).toEqual([
      'NAME_UNKNOWN main.zx g',
    ]);
  });

  it('is more files, or more text, than the limits allow', () => {
    const { sourceFiles, sourceTotalBytes } = zexusLimits.values;
    const many = Object.fromEntries(
      Array.from({ length: sourceFiles }, (_, index) => [`${index}.zx`, `use "${index + 1}.zx"`]),
    );
    expect(found(compileFiles('use "0.zx"\ncontract C {}', many))).toEqual([
      `LIMIT_EXCEEDED ${sourceFiles - 2}.zx "${sourceFiles - 1}.zx"`,
    ]);
    const large = `action f() {} //${'x'.repeat(sourceTotalBytes / 5)}`;
    const names = ['a.zx', 'b.zx', 'c.zx', 'd.zx', 'e.zx'];
    const uses = names.map((name, index) => `use "${name}" as n${index}`).join('\n');
    const files = Object.fromEntries(names.map((name) => [name, large]));
    expect(found(compileFiles(`${uses}\ncontract C {}`, files))).toEqual([
      'LIMIT_EXCEEDED main.zx "e.zx"',
    ]);
  });
});

describe('events and errors outside of contracts', () => {
  const FILES = {
    'a.zx': `
      entity Who { id: integer }
      export event Seen(by: address indexed, who: list<Who>)
      export error Bad(code: integer)
      export error Unused
      event Hidden()
      export action look(n: integer) {
        require(n > 0, Bad(n))
        emit Seen(TX.caller, [Who(n)])
      }`,
    'b.zx': 'error Bad(code: integer)\naction check(n: integer) { if n > 5 { revert Bad(n) } }',
    'c.zx': 'error Bad(code: string)\naction text(n: integer) { if n > 5 { revert Bad("x") } }',
    'd.zx': 'action free(n: integer) { require(n > 0, Bad(n)); emit Seen(TX.caller, []) }',
  };

  /** Names of the events and errors of the only contract, whose action `run` is then called. */
  function abiOf(main: string): readonly (readonly string[])[] {
    const compilation = compileFiles(main, FILES);
    expect(compilation.diagnostics.map((each) => formatDiagnostic(each))).toEqual([]);
    const { events = [], errors = [] } = compilation.contracts[0]?.container ?? {};
    return [events, errors].map((each) => each.map(({ name }) => name));
  }

  const using = (uses: string, body: string, members = ''): string =>
    `${uses}\ncontract C { ${members}\n action run() { ${body} } }`;

  it('are in the ABI of contracts that use them, and only there', () => {
    const local = `event E(a: integer)\nerror F\nerror G\n${using('', 'emit E(1)\nrevert F')}`;
    expect(abiOf(local)).toEqual([['E'], ['F']]);
    expect(abiOf(using('use "a.zx"', ''))).toEqual([[], []]);
    expect(abiOf(using('use "a.zx"', 'look(1)'))).toEqual([['Seen'], ['Bad']]);
    expect(abiOf(using('use { look } from "a.zx"', 'look(1)'))).toEqual([['Seen'], ['Bad']]);
    const two = `${using('use "a.zx"', 'look(1)')}\ncontract D { action f() { revert Unused } }`;
    const { contracts } = compileFiles(two, FILES);
    expect(contracts.map(({ container }) => container.errors.map(({ name }) => name))).toEqual([
      ['Bad'],
      ['Unused'],
    ]);
  });

  it('are used under their own name, another one, and behind an alias', () => {
    expect(abiOf(using('use { Bad as Worse } from "a.zx"', 'revert Worse(1)'))).toEqual([
      [],
      ['Bad'],
    ]);
    const behind =
      'emit a.Seen { who: [], by: TX.caller }\nrequire(TX.timestamp > 0, a.Bad{code: 2})';
    expect(abiOf(using('use "a.zx" as a', behind))).toEqual([['Seen'], ['Bad']]);
    expect(abiOf(using('use "a.zx" as a', 'throw a.Bad(1)'))).toEqual([[], ['Bad']]);
    expect(abiOf(using('use "a.zx"', 'emit("Seen", [TX.caller, []])'))).toEqual([['Seen'], []]);
  });

  it('are the same to a client as those of a contract', () => {
    const members = 'event E(a: integer indexed)\nerror F(b: string)';
    const body = 'emit E(1)\nrevert F("no")';
    const [inner] = compileFiles(using('', body, members)).contracts;
    const [outer] = compileFiles(using(members, body)).contracts;
    expect(outer?.abi).toEqual(inner?.abi);
    expect(outer?.container.actions).toEqual(inner?.container.actions);
    const [contract] = compileFiles(using('use "a.zx"', 'look(0)'), FILES).contracts;
    if (contract === undefined) throw new Error('it compiles');
    const { returnData, status } = new Deployed(contract).outcome('run', []);
    const selector = keccak256(encodeUtf8('Bad(uint256)')).subarray(0, 4);
    expect([status, toHex(returnData)]).toEqual([
      'revert',
      toHex(concatBytes(selector, new Uint8Array(32))),
    ]);
  });

  it('are one with those of the contract and of other files that have the same fields', () => {
    const members = 'error Bad(code: integer)';
    expect(abiOf(using('use "a.zx"', 'look(1)', members))).toEqual([['Seen'], ['Bad']]);
    const both = 'use { look } from "a.zx"\nuse { check } from "b.zx"';
    expect(abiOf(using(both, 'look(1)\ncheck(2)'))).toEqual([['Seen'], ['Bad']]);
    const free = 'use "a.zx"\nuse "d.zx"';
    expect(abiOf(using(free, 'look(1)\nfree(2)'))).toEqual([['Seen'], ['Bad']]);
  });

  it('are refused where they differ', () => {
    const own = (members: string): readonly string[] =>
      found(compileFiles(using('use "a.zx"', 'look(1)', members), FILES));
    expect(own('error Bad(code: string)')).toEqual(['NAME_DUPLICATE main.zx Bad']);
    expect(own('error Bad(number: integer)')).toEqual(['NAME_DUPLICATE main.zx Bad']);
    expect(own('error Bad')).toEqual(['NAME_DUPLICATE main.zx Bad']);
    expect(own('event Seen(by: address, who: list<Who>)')).toContain('NAME_DUPLICATE main.zx Seen');
    const both = 'use { look } from "a.zx"\nuse { text } from "c.zx"';
    expect(found(compileFiles(using(both, 'look(1)\ntext(2)'), FILES))).toEqual([
      'NAME_DUPLICATE a.zx Bad',
    ]);
    // Files alone contradict nobody.
    expect(found(compileFiles(using(both, 'look(1)'), FILES))).toEqual([]);
    const emitted = using('use { look } from "a.zx"', 'emit Seen(1)\nlook(1)');
    expect(found(compileFiles(emitted, FILES))).toContain('NAME_DUPLICATE main.zx Seen');
  });

  it('are checked where nobody uses them', () => {
    const main = 'event E(a)\nerror F(a: nothing)\nevent G(f: function)\ncontract C { }';
    expect(found(compileFiles(main))).toEqual([
      'EVENT_FIELD_TYPE main.zx a',
      'TYPE_UNKNOWN main.zx nothing',
      'TYPE_INVALID main.zx G',
    ]);
    expect(found(compileFiles('event E()\nentity E { a: integer }\ncontract C { }'))).toEqual([
      'NAME_DUPLICATE main.zx E',
    ]);
  });

  it('are no values, and their hints say what they are', () => {
    const hints = (body: string): readonly (string | undefined)[] =>
      compileFiles(
        using('use "a.zx" as a\nuse { Seen, Bad } from "a.zx"', body),
        FILES,
      ).diagnostics.map(({ hint }) => hint);
    expect(hints('Seen(TX.caller, [])')).toEqual(['to emit it write emit Seen(…)']);
    expect(hints('let x = Bad')).toContain('to fail with it write revert Bad(…)');
    expect(hints('emit Sene(1)')).toEqual(['did you mean Seen?']);
    expect(hints('revert Bda(1)')).toEqual(['did you mean Bad?']);
    const names = (body: string): readonly string[] =>
      found(compileFiles(using('use "a.zx" as a', body), FILES));
    expect(names('emit a.Hidden()')).toEqual(['NAME_UNKNOWN main.zx a.Hidden']);
    expect(names('revert a.Missing(1)')).toEqual(['NAME_UNKNOWN main.zx Missing']);
  });
});

describe('loadModules', () => {
  it('knows what a file declares, imports and exports', () => {
    const main = {
      name: 'm.zx',
      text: 'use "lib.zx" as lib\nuse { E } from "lib.zx"\ncontract C {}',
    };
    const sink = new DiagnosticSink(main);
    const files = { 'lib.zx': 'export enum E { A }\nconst X = 1' };
    const [first, second] = loadModules(main, finder(files), sink);
    expect(sink.sorted()).toEqual([]);
    expect([...(first?.scope.all().keys() ?? [])]).toEqual(['C', 'lib', 'E']);
    expect([...(second?.scope.all().keys() ?? [])]).toEqual(['E', 'X']);
    expect([...(second?.exports.keys() ?? [])]).toEqual(['E']);
    expect(first?.scope.findPath(['lib', 'E'])).toBe(second?.scope.find('E'));
    expect(first?.scope.findPath(['lib', 'X'])).toBeUndefined();
  });
});
