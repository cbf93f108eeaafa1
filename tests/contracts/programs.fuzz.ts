import { assert, isLucernaError, toHexKey } from '@lucerna/base';
import {
  type CompiledContract,
  call,
  compile,
  construct,
  INITIAL_GAS,
  loadProgram,
  lowerContainer,
  OPCODES,
  opcodeByCode,
  type Program,
  type VmOutcome,
  type VmRun,
} from '@lucerna/zexus';
import fc from 'fast-check';
import {
  type AbiParameter,
  concat,
  encodeAbiParameters,
  type Hex,
  hexToBytes,
  numberToHex,
  toFunctionSelector,
} from 'viem';
import { afterAll, expect, test } from 'vitest';
import { type GeneratedProgram, programs } from '../../packages/zexus/test/support/programs.ts';
import { Tape, tapes } from '../../packages/zexus/test/support/tape.ts';
import { CONTEXT, MemoryHost } from '../../packages/zexus/test/vm/support.ts';
import { runs } from '../../tools/src/fuzz-runs.ts';
import { TRACE_TOPICS, withTrace } from './opcode-trace.ts';

// Random programs from source text to running code: nothing that they do may surprise anybody.

/** What one call may use; generated loops are short. */
const GAS = 5_000_000;
/** With an event for each instruction, the cheapest of which costs 1 gas, the same call needs more. */
const TRACE_GAS = 1_000 * GAS;

/** The rarest opcode is in one of some hundred programs; among so many it is not missed. */
const SEARCHED_PROGRAMS = 5_000;

/** Opcodes of the format that the compiler has no use for. */
const NEVER_EMITTED: readonly string[] = ['NOP'];

const tally = { generated: 0, compiled: 0, ran: 0, calls: 0, successes: 0, reverts: 0 };
const executed = new Set<string>();

afterAll(() => {
  process.stdout.write(
    `programs: ${tally.compiled} of ${tally.generated} compiled, ${tally.ran} ran; of ` +
      `${tally.calls} calls ${tally.successes} succeeded and ${tally.reverts} reverted; ` +
      `${executed.size} of ${OPCODES.length} opcodes executed, not: ${missingOpcodes().join(', ')}\n`,
  );
});

/** A message to the contract: a deployment's arguments or a call's data, and wei. */
type Message = {
  readonly kind: 'construct' | 'call';
  readonly data: Uint8Array;
  readonly value: bigint;
};

/** The deployment, then each function twice, in another order each time. */
function messagesOf(program: GeneratedProgram, abi: readonly AbiItemLike[], tape: Tape): Message[] {
  const valueFor = (isPayable: boolean): bigint =>
    isPayable ? BigInt(tape.below(3)) * 1_000n : 0n;
  const init = abi.find(({ type }) => type === 'constructor');
  const messages: Message[] = [
    {
      kind: 'construct',
      data: hexToBytes(
        encodeAbiParameters(init?.inputs ?? [], valuesFor(init?.inputs ?? [], tape)),
      ),
      value: valueFor(program.init?.isPayable ?? false),
    },
  ];
  const functions = abi.filter(({ type }) => type === 'function');
  for (const { name, inputs = [], stateMutability } of [...functions, ...functions.toReversed()]) {
    const signature = `${name}(${inputs.map(({ type }) => type).join(',')})`;
    const selector = toFunctionSelector(`function ${signature}`);
    const data = concat([selector, encodeAbiParameters(inputs, valuesFor(inputs, tape))]);
    const value = valueFor(stateMutability === 'payable');
    messages.push({ kind: 'call', data: hexToBytes(data), value });
  }
  return messages;
}

type AbiItemLike = {
  readonly type: string;
  readonly name?: string;
  readonly inputs?: readonly AbiParameter[];
  readonly stateMutability?: string;
};

function valuesFor(inputs: readonly AbiParameter[], tape: Tape): readonly unknown[] {
  return inputs.map(({ type }) => valueFor(type, tape));
}

function valueFor(type: string, tape: Tape): unknown {
  const bytes = (length: number): Hex =>
    `0x${toHexKey(Uint8Array.from({ length }, () => tape.below(256)))}`;
  const [, kind = '', size = ''] = /^([a-z]+)(\d*)$/.exec(type) ?? [];
  switch (kind) {
    case 'bool':
      return tape.oneIn(2);
    case 'address':
      return bytes(20);
    case 'string':
      return tape.pick(['', 'text', 'ünlike', 'a text that has more than thirty bytes in it']);
    case 'bytes':
      return bytes(size === '' ? tape.below(70) : Number(size));
    case 'uint':
    case 'int': {
      const bits = BigInt(size) - (kind === 'int' ? 1n : 0n);
      const most = 2n ** bits - 1n;
      const magnitude = tape.pick([BigInt(tape.below(5)), BigInt(tape.below(256)) ** 3n, most]);
      const value = magnitude > most ? most : magnitude;
      return kind === 'int' && tape.oneIn(2) ? -value : value;
    }
    default:
      throw new Error(`no value of type ${type}`);
  }
}

/** A ledger that takes the events of the trace for what they are. */
class TracedHost extends MemoryHost {
  override readonly log = (topics: readonly Uint8Array[], data: Uint8Array): void => {
    const opcode = TRACE_TOPICS.get(toHexKey(topics[0] ?? data));
    if (opcode !== undefined) executed.add(opcode);
    else this.logs.push({ topics: topics.map(toHexKey), data: toHexKey(data) });
  };
}

/** A contract that is sent one message after the other; what fails is taken back. */
class Stage {
  readonly host: MemoryHost;
  readonly outcomes: VmOutcome[] = [];
  readonly #program: Program;
  readonly #gas: number;

  constructor(program: Program, gas: number, host: MemoryHost = new MemoryHost()) {
    this.#program = program;
    this.#gas = gas;
    this.host = host;
  }

  send({ kind, data, value }: Message): VmOutcome {
    this.host.beginTransaction();
    const words = new Map(this.host.words);
    const balances = new Map(this.host.balances);
    const own = toHexKey(CONTEXT.address);
    this.host.balances.set(own, (balances.get(own) ?? 0n) + value);
    const run: VmRun = {
      context: { ...CONTEXT, value },
      host: this.host,
      gas: this.#gas,
      schedule: INITIAL_GAS,
      isStatic: false,
    };
    const outcome =
      kind === 'construct' ? construct(this.#program, data, run) : call(this.#program, data, run);
    assert(outcome.gasLeft >= 0 && outcome.gasLeft <= this.#gas, 'gas stays in its bounds');
    if (outcome.status !== 'success') {
      restore(this.host.words, words);
      restore(this.host.balances, balances);
    }
    this.outcomes.push(outcome);
    return outcome;
  }
}

function restore<V>(map: Map<string, V>, before: ReadonlyMap<string, V>): void {
  map.clear();
  for (const [key, value] of before) map.set(key, value);
}

/** Everything but gas, which is another with the trace. */
function observed({ host, outcomes }: Stage): unknown {
  const results = outcomes.map(({ status, returnData }) => [status, toHexKey(returnData)]);
  return { state: host.snapshot(), results };
}

/** Runs a compiled program, and once more with a trace, which must make no difference. */
function runProgram(
  program: GeneratedProgram,
  { bytecode, container, abi }: CompiledContract,
  bytes: Uint8Array,
): readonly VmOutcome[] {
  const stage = new Stage(loadProgram(bytecode), GAS);
  const traced = new Stage(lowerContainer(withTrace(container)), TRACE_GAS, new TracedHost());
  for (const message of messagesOf(program, abi as readonly AbiItemLike[], new Tape(bytes))) {
    // What runs out of gas would not do so with what the trace is given.
    if (stage.send(message).status === 'failure') return stage.outcomes;
    traced.send(message);
  }
  expect(observed(traced)).toEqual(observed(stage));
  return stage.outcomes;
}

function compileGenerated({ source }: GeneratedProgram): CompiledContract | undefined {
  return compile({ name: 'generated.zx', text: source }).contracts[0];
}

const { numRuns } = runs(600);

test('programs of the covered grammar compile, verify and run', {
  timeout: 60_000 + numRuns * 50,
}, () => {
  fc.assert(
    fc.property(programs, tapes(600), (program, bytes) => {
      tally.generated += 1;
      const contract = compileGenerated(program);
      if (contract === undefined) return;
      tally.compiled += 1;
      count(runProgram(program, contract, bytes));
    }),
    { numRuns },
  );
  const share = (part: number): number => part / tally.generated;
  expect(share(tally.compiled)).toBeGreaterThanOrEqual(0.9);
  expect(share(tally.ran)).toBeGreaterThanOrEqual(0.9);
  expect(tally.successes).toBeGreaterThan(tally.calls / 4);
});

/** A program has run when every message to it came to an end of its own: no lack of gas, no crash. */
function count(outcomes: readonly VmOutcome[]): void {
  if (outcomes.every(({ status }) => status !== 'failure')) tally.ran += 1;
  tally.calls += outcomes.length;
  for (const { status, error } of outcomes) {
    if (status === 'success') tally.successes += 1;
    if (status === 'revert') tally.reverts += 1;
    if (error !== undefined) {
      assert(
        isLucernaError(error, 'EXECUTION_REVERTED', 'OUT_OF_GAS', 'CALL_DEPTH'),
        `a program does not fail with ${String(error)}`,
      );
    }
  }
}

const missingOpcodes = (): readonly string[] =>
  OPCODES.map(({ name }) => name).filter((name) => !executed.has(name));

test('programs execute every opcode that the compiler emits', () => {
  for (let seed = 0; seed < SEARCHED_PROGRAMS; seed += 1) {
    const missing = missingOpcodes();
    if (missing.length === NEVER_EMITTED.length) break;
    const [[program, bytes]] = fc.sample(fc.tuple(programs, tapes(600)), { seed, numRuns: 1 }) as [
      [GeneratedProgram, Uint8Array],
    ];
    const contract = compileGenerated(program);
    const names = contract?.container.actions.flatMap(({ code }) =>
      code.map(({ opcode }) => opcodeByCode(opcode)?.name ?? ''),
    );
    // Only those are run that can add something.
    if (contract === undefined || !missing.some((name) => names?.includes(name))) continue;
    runProgram(program, contract, bytes);
  }
  expect(missingOpcodes()).toEqual(NEVER_EMITTED);
});

test('any calldata are answered', () => {
  const lines = ['data t: string', 'action a(x: string, y: bytes, z: uint8) -> string {'];
  const source = [`contract C {`, ...lines, 't = x + y + z', 'return t', '}', '}'].join('\n');
  const [contract] = compile({ name: 'c.zx', text: source }).contracts;
  assert(contract !== undefined, 'it compiles');
  const program = loadProgram(contract.bytecode);
  const selector = hexToBytes(toFunctionSelector('function a(string,bytes,uint8)'));
  const seen = new Set<string>();
  const words = fc.array(
    fc.oneof(
      // Offsets and lengths that fit now and then.
      fc.constantFrom(0x60, 0x80, 0xa0, 1, 0).map((value) => numberToHex(value, { size: 32 })),
      fc.uint8Array({ minLength: 32, maxLength: 32 }).map((word): Hex => `0x${toHexKey(word)}`),
    ),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(words, fc.uint8Array({ maxLength: 40 }), fc.nat(4), (head, tail, cut) => {
      const whole = [...selector, ...hexToBytes(concat(['0x', ...head])), ...tail];
      const data = Uint8Array.from(whole.slice(0, whole.length - cut));
      const { status } = new Stage(program, GAS).send({ kind: 'call', data, value: 0n });
      seen.add(status);
      expect(status).not.toBe('failure');
    }),
    runs(1_000),
  );
  expect(seen).toContain('revert');
});
