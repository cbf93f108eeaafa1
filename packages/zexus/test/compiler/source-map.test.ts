import { fromHex } from '@lucerna/base';
import { type Abi, encodeFunctionData } from 'viem';
import { describe, expect, it } from 'vitest';
import { decodeContainer } from '../../src/bytecode/decode-container.ts';
import { compile } from '../../src/compiler/compile.ts';
import { locate } from '../../src/syntax/diagnostics.ts';
import { call } from '../../src/vm/call.ts';
import { loadProgram } from '../../src/vm/load.ts';
import type { TracedRun } from '../../src/vm/tracer.ts';
import { compiled } from '../support/deployed.ts';
import { MemoryHost, run } from '../vm/support.ts';

const SOURCE = `contract Places {
  data total: uint256 = 7
  action check(kind: uint256) {
    let wide = "ä🦊"; require kind != 1, "one"
    if kind == 2 {
      revert(wide)
    }
    total = total +
      kind / (kind - 3)
    while kind == 4 {
      total = total + 2 ** 300
    }
    this.deep(kind)
  }
  action deep(kind: uint256) {
    require(
      kind != 5,
      "five"
    )
  }
}
`;

type Stop = { readonly line: number; readonly column: number; readonly action: string };

/** Where the call ends, with an error or without. */
function endOf(text: string, argument: bigint): (Stop & { readonly status: string }) | undefined {
  const { bytecode, abi } = compiled(text);
  const data = encodeFunctionData({ abi: abi as Abi, functionName: 'check', args: [argument] });
  let last: { readonly running: TracedRun; readonly pc: number } | undefined;
  const { status } = call(
    loadProgram(bytecode, { traced: true }),
    fromHex(data),
    run(new MemoryHost(), {
      tracer: {
        step: (running, pc) => {
          last = { running, pc };
        },
        end: () => {},
      },
    }),
  );
  const location = last?.running.location(last.pc);
  if (location === undefined) return undefined;
  const { file, ...stop } = location;
  expect(file).toBe('test.zx');
  return { ...stop, status };
}

describe('the source map', () => {
  it('says where a call fails, also in the further lines of a statement', () => {
    const revert = { status: 'revert', action: 'check' };
    expect(endOf(SOURCE, 1n)).toEqual({ ...revert, line: 4, column: 22 });
    expect(endOf(SOURCE, 2n)).toEqual({ ...revert, line: 6, column: 7 });
    expect(endOf(SOURCE, 3n)).toEqual({ ...revert, line: 9, column: 7 });
    expect(endOf(SOURCE, 4n)).toEqual({ ...revert, line: 11, column: 7 });
    expect(endOf(SOURCE, 5n)).toEqual({ status: 'revert', action: 'deep', line: 16, column: 5 });
    expect(endOf(SOURCE, 6n)).toEqual({ status: 'success', action: 'check', line: 14, column: 3 });
  });

  it('counts lines as diagnostics do', () => {
    for (const lineEnd of ['\r\n', '\r']) {
      const text = SOURCE.replaceAll('\n', lineEnd);
      for (const argument of [1n, 2n, 3n, 4n, 5n, 6n]) {
        expect(endOf(text, argument)).toEqual(endOf(SOURCE, argument));
      }
    }
    const { sourceMap } = compiled(SOURCE).container;
    const columns = (sourceMap?.actions ?? []).flatMap(({ places }) =>
      places.map(({ line, column }) => `${line}:${column}`),
    );
    const source = { name: 'test.zx', text: SOURCE };
    for (const word of ['require kind', 'revert', 'total = total', 'this.deep', 'require(']) {
      const { line, column } = locate(source, SOURCE.indexOf(word));
      expect(columns).toContain(`${line}:${column}`);
    }
  });

  it('knows the declarations that run at deployment', () => {
    const { container } = compiled(SOURCE);
    const init = container.sourceMap?.actions[container.init ?? -1];
    expect(init?.places[0]).toEqual({ instruction: 0, line: 2, column: 3 });
  });

  it.each([
    ['token.zx', 'token.zx'],
    ['/home/someone/contracts/token.zx', 'token.zx'],
    ['C:\\contracts\\token.zx', 'token.zx'],
    ['', ''],
    ['\ud800.zx', '\ufffd.zx'],
    [`${'x'.repeat(1_000)}.zx`, `${'x'.repeat(252)}.zx`],
    [`${'🦊'.repeat(100)}.zx`, `${'🦊'.repeat(63)}.zx`],
  ])('calls the file %j by its name alone', (name, expected) => {
    const [contract] = compile({ name, text: 'contract C { action run() { } }' }).contracts;
    expect(decodeContainer(contract!.bytecode).sourceMap?.files).toEqual([expected]);
  });

  it('names the files of actions that come from elsewhere', () => {
    const main = `use "lib/math.zx"
contract C {
  action run(n: uint256) -> uint256 { return double(n) }
  action plain() -> uint256 {
    let a = 1
    return BIG + a
  }
}`;
    const library = {
      name: 'somewhere/lib/math.zx',
      text: '# Long enough for offsets beyond those of the contract.\n\nconst BIG = 2 ** 64\naction double(n) {\n  let twice = n + n\n  return twice\n}\naction unused() { }',
    };
    const { contracts } = compile(
      { name: 'main.zx', text: main },
      { files: (path) => (path === 'lib/math.zx' ? library : undefined) },
    );
    const { sourceMap, actions } = contracts[0]!.container;
    expect(sourceMap?.files).toEqual(['main.zx', 'math.zx']);
    expect(actions.map(({ name }) => name)).toEqual(['run', 'plain', 'double']);
    expect(sourceMap?.actions.map(({ file }) => file)).toEqual([0, 0, 1]);
    expect(sourceMap?.actions[2]?.places.map(({ line }) => line)).toEqual([5, 6]);
    // A constant comes from where it is used.
    expect(sourceMap?.actions[1]?.places.map(({ line }) => line)).toEqual([5, 6]);
  });

  it('is small: three bytes for most places', () => {
    const source = { name: 'p.zx', text: SOURCE };
    const [withMap] = compile(source).contracts;
    const [bare] = compile(source, { sourceMap: false }).contracts;
    const actions = withMap!.container.sourceMap?.actions ?? [];
    const places = actions.flatMap((action) => action.places).length;
    expect(withMap!.bytecode.length - bare!.bytecode.length).toBeLessThan(3 * places + 16);
  });
});
