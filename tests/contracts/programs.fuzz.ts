import { assert, isLucernaError, toHex, toHexKey } from '@lucerna/base';
import { type AbiValue, decodeAbi, encodeAbi } from '@lucerna/protocol';
import {
  type CompiledContract,
  compile,
  decodeContainer,
  encodeContainer,
  formatDiagnostic,
  loadProgram,
  lowerContainer,
  OPCODES,
  opcodeByCode,
  type VmOutcome,
  type VmTracer,
  verifyContainer,
} from '@lucerna/zexus';
import fc from 'fast-check';
import { concat, type Hex, hexToBytes, numberToHex, toFunctionSelector } from 'viem';
import { afterAll, expect, test } from 'vitest';
import {
  dataOf,
  dynamicDataOf,
  type Message,
  messagesOf,
} from '../../packages/zexus/test/support/messages.ts';
import { type GeneratedProgram, programs } from '../../packages/zexus/test/support/programs.ts';
import {
  abiTypeOf,
  decoded,
  toAbiValue,
} from '../../packages/zexus/test/support/reference/convert.ts';
import { Tape, tapes } from '../../packages/zexus/test/support/tape.ts';
import { type CallOptions, World } from '../../packages/zexus/test/support/world.ts';
import { runs } from '../../tools/src/fuzz-runs.ts';

// Random programs from source text to running code: nothing that they do may surprise anybody.

/** What one call may use; generated loops are short. */
const GAS = 5_000_000;

/** The rarest opcode is in one of some hundred programs; among so many it is not missed. */
const SEARCHED_PROGRAMS = 5_000;

/**
 * Opcodes of the format that the compiler has no use for: `&&` and `||` are jumps, and what it writes has
 * no place for nothing.
 */
const NEVER_EMITTED: readonly string[] = ['AND', 'OR', 'NOP'];

const tally = { generated: 0, calls: 0, success: 0, revert: 0, failure: 0 };
const executed = new Set<string>();

afterAll(() => {
  process.stdout.write(
    `programs: ${tally.generated}; of ${tally.calls} calls ${tally.success} succeeded, ` +
      `${tally.revert} reverted and ${tally.failure} failed; ` +
      `${executed.size} of ${OPCODES.length} opcodes executed, not: ${missingOpcodes().join(', ')}\n`,
  );
});

const TRACER: VmTracer = {
  step: (run, pc) => {
    executed.add(run.operation(pc));
  },
  end: () => undefined,
};

/** Compiles a program, which has to be right, and checks what there is to say of its containers. */
function compileGenerated({ source }: GeneratedProgram): readonly CompiledContract[] {
  const file = { name: 'generated.zx', text: source };
  const { contracts, diagnostics } = compile(file);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  expect(errors.map((error) => formatDiagnostic(error))).toEqual([]);
  const again = compile(file).contracts;
  for (const [index, { bytecode, container }] of contracts.entries()) {
    expect(toHex(again[index]!.bytecode)).toBe(toHex(bytecode));
    expect(decodeContainer(bytecode)).toEqual(container);
    expect(toHex(encodeContainer(decodeContainer(bytecode)))).toBe(toHex(bytecode));
    verifyContainer(container);
  }
  return contracts;
}

/** One program in three forms: as it is, without its source map, and to be traced. */
type Stage = {
  readonly contracts: readonly CompiledContract[];
  readonly addresses: readonly Uint8Array[];
  readonly worlds: readonly World[];
};

function stageOf(program: GeneratedProgram): Stage {
  const contracts = compileGenerated(program);
  const file = { name: 'generated.zx', text: program.source };
  const stripped = compile(file, { sourceMap: false }).contracts;
  const [world, bare, traced] = [new World(), new World(), new World()];
  const addresses = contracts.map((contract, index) => {
    // The same to those around it: the hash and the length of code are no secrets.
    bare.place(contract, loadProgram(stripped[index]!.bytecode));
    traced.place(contract, lowerContainer(contract.container, { traced: true }));
    return world.place(contract).address;
  });
  return { contracts, addresses, worlds: [world, bare, traced] };
}

type Sent = {
  readonly contract: CompiledContract;
  readonly at: Uint8Array;
  readonly message: Message;
};

function send(world: World, { contract, at, message }: Sent, options: CallOptions): VmOutcome {
  const data = dataOf(message, contract.container);
  const all = { value: message.value, gas: GAS, ...options };
  return message.action === undefined ? world.construct(at, data, all) : world.send(at, data, all);
}

/** Everything that can be seen of an outcome. */
function seen({ status, returnData, gasLeft, refund, error }: VmOutcome): readonly unknown[] {
  return [status, toHex(returnData), gasLeft, refund, error?.code];
}

/** The same without gas. */
function result({ status, returnData }: VmOutcome): string {
  return `${status} ${toHex(returnData)}`;
}

/** Runs a program, message by message, in all its forms. */
function runProgram(program: GeneratedProgram, bytes: Uint8Array): void {
  const { contracts, addresses, worlds } = stageOf(program);
  const [world, bare, traced] = worlds as [World, World, World];
  const tape = new Tape(bytes);
  for (const [index, contract] of contracts.entries()) {
    const at = addresses[index]!;
    for (const message of messagesOf(contract.container, tape)) {
      const sent: Sent = { contract, at, message };
      const wholly = world.dry(() => send(world, sent, {}));
      checkOutcome(wholly);
      checkGas(world, sent, wholly, tape);
      checkOtherWays(world, sent, wholly);
      const before = world.snapshot();
      const outcome = send(world, sent, {});
      expect(seen(outcome)).toEqual(seen(wholly));
      if (outcome.status !== 'success') expect(world.snapshot()).toEqual(before);
      expect(seen(send(bare, sent, {}))).toEqual(seen(outcome));
      expect(seen(send(traced, sent, { tracer: TRACER }))).toEqual(seen(outcome));
      // What runs out of gas says nothing about what comes after.
      if (outcome.error?.code === 'OUT_OF_GAS') return;
    }
  }
  expect(traced.snapshot()).toEqual(world.snapshot());
  expect(bare.snapshot()).toEqual(world.snapshot());
}

function checkOutcome({ status, gasLeft, error }: VmOutcome): void {
  tally.calls += 1;
  tally[status] += 1;
  assert(gasLeft >= 0 && gasLeft <= GAS, 'gas stays in its bounds');
  if (error === undefined) return;
  const codes = ['EXECUTION_REVERTED', 'OUT_OF_GAS', 'CALL_DEPTH', 'STATIC_WRITE'] as const;
  assert(isLucernaError(error, ...codes), `a program does not fail with ${String(error)}`);
}

/** A run needs what it uses, and with less it fails or is the same. */
function checkGas(world: World, sent: Sent, wholly: VmOutcome, tape: Tape): void {
  if (wholly.status === 'failure') return;
  const used = GAS - wholly.gasLeft;
  const attempt = (gas: number): VmOutcome => world.dry(() => send(world, sent, { gas }));
  const exact = attempt(used);
  // Of what is left, a callee is given all but a part: a caller needs more than it uses.
  if (wholly.statistics.calls === 0) expect(result(exact)).toBe(result(wholly));
  const isSame = (outcome: VmOutcome): boolean =>
    outcome.error?.code === 'OUT_OF_GAS' || result(outcome) === result(wholly);
  assert(isSame(exact), 'what it uses is enough, or all is gone');
  if (used === 0) return;
  const scarce = attempt(used - 1);
  // A callee that fails uses up whatever it is given.
  const isOut = scarce.error?.code === 'OUT_OF_GAS' || wholly.statistics.calls > 0;
  assert(isOut && isSame(scarce), `with less than it uses it runs out: ${result(scarce)}`);
  assert(isSame(attempt(Math.floor((used * tape.below(256)) / 256))), 'with less it runs out');
}

/** By name it does the same; a view does so in a static call as well. */
function checkOtherWays(world: World, { contract, at, message }: Sent, wholly: VmOutcome): void {
  if (message.action === undefined || wholly.status === 'failure') return;
  const { container } = contract;
  const action = container.actions[message.action]!;
  if (['view', 'pure'].includes(action.mutability)) {
    const still = world.dry(() => send(world, { contract, at, message }, { isStatic: true }));
    expect(seen(still)).toEqual(seen(wholly));
  }
  const data = dynamicDataOf(message, container);
  const byName = world.dry(() => world.send(at, data, { value: message.value, gas: GAS }));
  if (byName.error?.code === 'OUT_OF_GAS') return;
  expect(byName.status).toBe(wholly.status);
  if (byName.status !== 'success') {
    expect(result(byName)).toBe(result(wholly));
    return;
  }
  const [answer] = decodeAbi([BYTES], byName.returnData) as [Uint8Array];
  const value = decoded(answer);
  assert(value !== undefined, 'it answers with an encoded value');
  const values: AbiValue[] = action.result === undefined ? [] : [toAbiValue(action.result, value)];
  const types = action.result === undefined ? [] : [abiTypeOf(action.result)];
  expect(toHex(encodeAbi(types, values))).toBe(toHex(wholly.returnData));
}

const BYTES = abiTypeOf({ name: '', type: 'bytes' });

const { numRuns } = runs(300);

test.each([false, true])(
  'programs compile, verify and run (mayRunOut: %s)',
  {
    timeout: 60_000 + numRuns * 300,
  },
  (mayRunOut) => {
    fc.assert(
      fc.property(programs({ mayRunOut }), tapes(600), (program, bytes) => {
        tally.generated += 1;
        runProgram(program, bytes);
      }),
      { numRuns },
    );
    expect(tally.success).toBeGreaterThan(tally.calls / 4);
  },
);

const missingOpcodes = (): readonly string[] =>
  OPCODES.map(({ name }) => name).filter((name) => !executed.has(name));

test('programs execute every opcode that the compiler emits', { timeout: 300_000 }, () => {
  for (let seed = 0; seed < SEARCHED_PROGRAMS; seed += 1) {
    const missing = missingOpcodes();
    if (missing.length === NEVER_EMITTED.length) break;
    const [[program, bytes]] = fc.sample(fc.tuple(programs(), tapes(600)), {
      seed,
      numRuns: 1,
    }) as [[GeneratedProgram, Uint8Array]];
    const { contracts } = compile({ name: 'generated.zx', text: program.source });
    const names = contracts.flatMap(({ container }) =>
      container.actions.flatMap(({ code }) =>
        code.map(({ opcode }) => opcodeByCode(opcode)?.name ?? ''),
      ),
    );
    // Only those are run that can add something.
    if (missing.some((name) => names.includes(name))) runProgram(program, bytes);
  }
  expect(missingOpcodes()).toEqual(NEVER_EMITTED);
});

test('any calldata are answered', () => {
  const lines = ['data t: string', 'action a(x: string, y: bytes, z: uint8) -> string {'];
  const source = [`contract C {`, ...lines, 't = x + y + z', 'return t', '}', '}'].join('\n');
  const [contract] = compile({ name: 'c.zx', text: source }).contracts;
  assert(contract !== undefined, 'it compiles');
  const world = new World();
  const { address } = world.place(contract);
  const selector = hexToBytes(toFunctionSelector('function a(string,bytes,uint8)'));
  const statuses = new Set<string>();
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
      const { status } = world.send(address, data);
      statuses.add(status);
      expect(status).not.toBe('failure');
    }),
    runs(1_000),
  );
  expect(statuses).toContain('revert');
});
