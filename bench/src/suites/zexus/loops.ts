import { assert, present } from '@lucerna/base';
import {
  type CompiledContract,
  call,
  loadProgram,
  MemoryHost,
  NO_CHAIN,
  opcodeByCode,
} from '@lucerna/zexus';
import { timeSettledCall } from '../../clock.ts';
import type { Case, Measure, Prepared } from '../../harness.ts';
import { formatNumber } from '../../report.ts';
import {
  calldataOf,
  compiledFile,
  contractOf,
  PureAction,
  pureRun,
  type Ran,
} from './contracts.ts';
import { digestOfText, Python, type PythonProgram, pythonPeer } from './python.ts';

/** Rounds of the loop of the sizes that the task names. */
const SIZES = [100, 1_000, 5_000, 1_000_000];

/** What a figure is of: the peers take a number and return one as well. */
const AROUND = 'gas counted, no ABI around it';

/** Rounds of the loop and milliseconds that a predecessor published for its bytecode machine. */
const SEED_TABLE = [
  [100, 6.2],
  [500, 26.1],
  [1_000, 49.1],
  [2_000, 108.6],
  [5_000, 335.7],
] as const;

function loopContract(): CompiledContract {
  return contractOf(compiledFile('loop.zx'), 'Loop');
}

function leastMs(quick: boolean): number {
  return quick ? 5 : 200;
}

/** Nanoseconds for each of the `n` rounds of a run, and a digest of what it came to. */
function measureAction(
  action: PureAction,
  n: number,
  quick: boolean,
  describe: (ran: Ran) => string,
): Measure {
  const eachMs = (): number => timeSettledCall(leastMs(quick), () => action.interpret(n));
  eachMs();
  return async () => ({
    value: (eachMs() * 1e6) / n,
    hash: digestOfText(describe(action.interpret(n))),
  });
}

/** A pure action of `n` against the same statements in Python. */
export function actionCase(
  id: string,
  target: number | undefined,
  size: number,
  { load, what }: { readonly load: () => PureAction; readonly what: string },
): Case {
  return {
    id,
    unit: 'ns/round',
    better: 'lower',
    target,
    rounds: 9,
    cpuTime: true,
    note: 'the interpreter checks that integers stay exact, counts gas, and puts integers beyond 32 bits on the heap (node --cpu-prof bench/src/main.ts zexus --case loop-interpreter)',
    prepare: async (quick) => {
      const n = quick ? Math.min(size, 1_000) : size;
      const python = await Python.start();
      const action = load();
      const describe = ({ result }: Ran): string => String(result);
      return {
        ours: measureAction(action, n, quick, describe),
        peer: pythonPeer(python, 'the same statements', (started) => {
          return () => started.time(what, n, leastMs(quick));
        }),
        close: async () => python?.close(),
        detail: `N = ${formatNumber(n)}, ${AROUND}`,
      };
    },
  };
}

/** The instructions of the loop's action as the peer's machine takes them. */
function pythonProgram(contract: CompiledContract): PythonProgram {
  const { constants, actions } = contract.container;
  const [action] = actions;
  assert(action !== undefined && actions.length === 1, 'the contract has one action');
  const names = [...new Set(action.parameters.map(({ name }) => name))];
  const local = (index: number): number => {
    const constant = present(constants[index], 'the constant is there');
    assert(constant.kind === 'string', 'names are strings');
    if (!names.includes(constant.value)) names.push(constant.value);
    return names.indexOf(constant.value);
  };
  const code = action.code.map(({ opcode, operands: [operand] }) => {
    const { name, gas } = present(opcodeByCode(opcode), 'the opcode is known');
    if (name === 'LOAD_NAME' || name === 'STORE_NAME') {
      return [name, local(operand ?? 0), gas] as const;
    }
    if (name !== 'LOAD_CONST') return [name, operand ?? null, gas] as const;
    const constant = present(constants[operand ?? -1], 'the constant is there');
    assert(constant.kind === 'integer', 'the loop has integers alone');
    return [name, Number(constant.value), gas] as const;
  });
  return { code, locals: names.length, parameter: 0 };
}

/** The same instructions by a machine in Python: results and gas agree. */
async function preparePythonMachine(quick: boolean): Promise<Prepared> {
  const n = quick ? 1_000 : 100_000;
  const contract = loopContract();
  const action = new PureAction(contract, 'run');
  const python = await Python.start();
  await python?.load(pythonProgram(contract));
  const describe = ({ result, gas }: Ran): string => `${result} for ${gas} gas`;
  return {
    ours: measureAction(action, n, quick, describe),
    peer: pythonPeer(python, 'a bytecode machine, same instructions', (started) => {
      return () => started.time('interpreted_loop', n, leastMs(quick));
    }),
    close: async () => python?.close(),
    detail: `N = ${formatNumber(n)}, ${AROUND}`,
  };
}

/** Instructions of the stack code that a run goes through. */
function countInstructions(contract: CompiledContract, calldata: Uint8Array): number {
  let count = 0;
  const program = loadProgram(contract.bytecode, { traced: true });
  call(program, calldata, {
    ...pureRun(new MemoryHost(NO_CHAIN.address)),
    tracer: {
      step: () => {
        count += 1;
      },
      end: () => {},
    },
  });
  return count;
}

/** One row of the table: milliseconds for a call of the contract, its ABI included. */
function tableCase(n: number, seedMs: number): Case {
  return {
    id: 'loop-table',
    unit: 'ms',
    better: 'lower',
    target: undefined,
    rounds: 9,
    cpuTime: true,
    prepare: async (quick) => {
      const contract = loopContract();
      const action = new PureAction(contract, 'run');
      const data = calldataOf(contract, 'run', [BigInt(n)]);
      const eachMs = (): number => timeSettledCall(leastMs(quick), () => action.call(data));
      eachMs();
      const { result, gas } = action.call(data);
      const instructions = countInstructions(contract, data);
      return {
        ours: async () => ({ value: eachMs(), hash: digestOfText(String(result)) }),
        peer: { kind: 'figure', name: 'seed:zexus, its own loop', value: seedMs },
        close: async () => {},
        detail: `N = ${formatNumber(n)}, ${gas} gas, ${instructions} instructions`,
      };
    },
  };
}

/** What a round of a loop costs in the interpreter. */
export const loopCases: readonly Case[] = [
  ...SIZES.map((n) =>
    actionCase('loop-interpreter', 1.1, n, {
      load: () => new PureAction(loopContract(), 'run'),
      what: 'native_loop',
    }),
  ),
  {
    id: 'loop-python-vm',
    unit: 'ns/round',
    better: 'lower',
    target: 20,
    rounds: 9,
    cpuTime: true,
    prepare: preparePythonMachine,
  },
  ...SEED_TABLE.map(([n, seedMs]) => tableCase(n, seedMs)),
];

/** Lists and maps in memory. */
export const containerCases: readonly Case[] = ['lists', 'maps'].map((what) =>
  actionCase(`${what.slice(0, -1)}-operations`, undefined, 10_000, {
    load: () => new PureAction(contractOf(compiledFile('containers.zx'), 'Containers'), what),
    what,
  }),
);
