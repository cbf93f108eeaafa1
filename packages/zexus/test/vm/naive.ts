import { concatBytes, toHex } from '@lucerna/base';
import { keccak256, sha256 } from '@lucerna/crypto';
import {
  type AbiType,
  type AbiValue,
  encodeAbi,
  encodeErrorString,
  encodeEvent,
  encodePanic,
  eventLayout,
  parseAbiType,
} from '@lucerna/protocol';
import type { Constant, Container, ContainerAction } from '../../src/bytecode/container.ts';
import { type Instruction, opcodeByCode, TX_FIELDS } from '../../src/bytecode/opcodes.ts';
import { functionSelector } from '../../src/bytecode/selector.ts';
import { type CellType, plainDepth } from '../../src/layout/schema.ts';
import { canonicalKey, variableSlot } from '../../src/layout/slots.ts';
import { decodeTypedCell, encodeTypedCell } from '../../src/layout/typed-cell.ts';
import {
  parseUntypedHead,
  readUntypedCell,
  untypedCellWrites,
} from '../../src/layout/untyped-cell.ts';
import type { VmOutcome, VmRun } from '../../src/vm/call.ts';
import type { Checkpoint } from '../../src/vm/host.ts';
import { noStatistics } from '../../src/vm/machine.ts';
import { Address, type Value } from '../../src/vm/value.ts';

// The machine as its rules read, without registers, blocks of code or fast paths: the model that the
// interpreter has to agree with. Integers are bigints, frames are calls of JavaScript.

type Scalar = null | boolean | bigint | string | Uint8Array | Address;
type Model = Scalar | ListModel | MapModel | FunctionModel | IteratorModel;

class ListModel {
  readonly items: Model[];
  constructor(items: readonly Model[]) {
    this.items = [...items];
  }
}

class MapModel {
  readonly entries: { readonly key: Scalar; value: Model }[] = [];

  get(key: Scalar): Model | undefined {
    return this.entries.find((entry) => equalScalars(entry.key, key))?.value;
  }

  /** Whether it is a new entry. */
  set(key: Scalar, value: Model): boolean {
    const entry = this.entries.find((other) => equalScalars(other.key, key));
    if (entry !== undefined) entry.value = value;
    else this.entries.push({ key, value });
    return entry === undefined;
  }
}

class FunctionModel {
  readonly action: number;
  readonly captures: readonly Model[];
  constructor(action: number, captures: readonly Model[]) {
    this.action = action;
    this.captures = captures;
  }
}

class IteratorModel {
  readonly source: Model;
  position = 0;
  constructor(source: Model) {
    this.source = source;
  }
}

class Reverted {
  readonly data: Uint8Array;
  /** What a handler is given. */
  readonly caught: Model;
  constructor(data: Uint8Array, caught: Model = '') {
    this.data = data;
    this.caught = caught;
  }
}
class Failed {
  readonly code: string;
  constructor(code: string) {
    this.code = code;
  }
}

/** What the model does not know: containers in the state, and what others test. */
export class Unmodelled {}

/** Where a failure goes on, and what is there then. */
type Handler = { readonly target: number; readonly depth: number; readonly checkpoints: number };

/** Opcodes of two values. */
const BINARY: ReadonlySet<string> = new Set([
  ...['ADD', 'SUB', 'MUL', 'DIV', 'MOD', 'POW', 'EQ', 'NEQ', 'LT', 'GT', 'LTE', 'GTE', 'AND', 'OR'],
]);

const MAX = 2n ** 256n - 1n;
const EXACT = 2n ** 53n - 1n;
const STRING_LIMIT = 2 ** 20;

const PANICS: Readonly<Record<number, string>> = {
  1: 'value of the wrong kind',
  17: 'arithmetic overflow',
  18: 'division by zero',
  50: 'index out of range',
  65: 'value too long or nested too deep',
  81: 'no such function',
};
const panic = (code: number): Reverted => new Reverted(encodePanic(code), PANICS[code]!);
const failed = (message: string): Reverted => new Reverted(encodeErrorString(message), message);
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const words = (bytes: number): number => Math.ceil(bytes / 32);
const isBig = (value: bigint): boolean => value > EXACT || value < -EXACT;
const floorDiv = (x: bigint, y: bigint): bigint => {
  const quotient = x / y;
  return quotient * y !== x && x < 0n !== y < 0n ? quotient - 1n : quotient;
};

const text = (value: Scalar): string => {
  if (value instanceof Uint8Array) return toHex(value);
  return value instanceof Address ? toHex(value.bytes) : String(value);
};

const isScalar = (value: Model): value is Scalar =>
  !(
    value instanceof ListModel ||
    value instanceof MapModel ||
    value instanceof FunctionModel ||
    value instanceof IteratorModel
  );

const isContainer = (value: Model): value is ListModel | MapModel =>
  value instanceof ListModel || value instanceof MapModel;

const truthy = (value: Model): boolean => {
  if (value instanceof ListModel) return value.items.length > 0;
  if (value instanceof MapModel) return value.entries.length > 0;
  if (value instanceof Uint8Array) return value.length > 0;
  return !(value === null || value === false || value === 0n || value === '');
};

const equalScalars = (x: Scalar, y: Scalar): boolean => {
  const kind = (value: Scalar): string => {
    if (value === null) return 'null';
    if (value instanceof Uint8Array) return 'bytes';
    return value instanceof Address ? 'address' : typeof value;
  };
  return kind(x) === kind(y) && text(x) === text(y);
};

/** What a tracer shows of a value, piece by piece. */
function* shown(value: Model): Generator<string> {
  if (value instanceof ListModel) {
    yield '[';
    for (const [index, item] of value.items.entries()) {
      if (index > 0) yield ', ';
      yield* shown(item);
    }
    yield ']';
  } else if (value instanceof MapModel) {
    yield '{';
    for (const [index, entry] of value.entries.entries()) {
      if (index > 0) yield ', ';
      yield text(entry.key);
      yield ': ';
      yield* shown(entry.value);
    }
    yield '}';
  } else if (isScalar(value)) yield text(value);
  else yield value instanceof FunctionModel ? '<function>' : '<iterator>';
}

/** Of what may have no end, enough. */
const shownText = (value: Model): string => {
  let whole = '';
  for (const piece of shown(value)) {
    whole += piece;
    if (whole.length > 300) break;
  }
  return whole;
};

const toModel = (value: Value): Model =>
  typeof value === 'number' ? BigInt(value) : (value as Scalar);

/** What the model says before each instruction: what a tracer is told. */
export type NaiveStep = {
  /** Index of the instruction in the code of all actions. */
  readonly pc: number;
  readonly operation: string;
  readonly gas: number;
  readonly stack: readonly string[];
};

/**
 * The model of `call` for an action without parameters.
 *
 * @throws `Unmodelled`
 */
export function naiveCall(
  container: Container,
  name: string,
  run: VmRun,
  watch?: (step: NaiveStep) => void,
): VmOutcome {
  const machine = new NaiveMachine(container, run, watch);
  try {
    const index = container.actions.findIndex((action) => action.name === name);
    const action = container.actions[index]!;
    if (run.context.value > 0n && action.mutability !== 'payable') {
      throw new Reverted(new Uint8Array(0));
    }
    const result = machine.call(index, [], 1, run.isStatic);
    const returnData = machine.encodeResult(action, result);
    return {
      status: 'success',
      returnData,
      gasLeft: machine.gas,
      refund: machine.refund,
      error: undefined,
      statistics: noStatistics(),
    };
  } catch (error) {
    const none = { refund: 0, error: undefined, statistics: noStatistics() };
    if (error instanceof Reverted) {
      return { status: 'revert', returnData: error.data, gasLeft: machine.gas, ...none };
    }
    if (error instanceof Failed) {
      return { status: 'failure', returnData: new Uint8Array(0), gasLeft: 0, ...none };
    }
    throw error;
  }
}

class NaiveMachine {
  gas: number;
  /** Of callers of limited actions, which a tracer is told of as well. */
  aside = 0;
  refund = 0;
  readonly container: Container;
  readonly vm: VmRun;

  readonly watch: ((step: NaiveStep) => void) | undefined;
  readonly constants: readonly Scalar[];
  readonly checkpoints: { readonly checkpoint: Checkpoint; readonly refund: number }[] = [];
  readonly caught: Reverted[] = [];

  constructor(container: Container, vm: VmRun, watch?: (step: NaiveStep) => void) {
    this.watch = watch;
    this.container = container;
    this.constants = container.constants.map(constantModel);
    this.vm = vm;
    this.gas = vm.gas;
  }

  charge(gas: number): void {
    this.gas -= gas;
    if (this.gas < 0) throw new Failed('OUT_OF_GAS');
  }

  call(index: number, parameters: readonly Model[], depth: number, isStaticCaller: boolean): Model {
    if (depth > 64) throw new Failed('CALL_DEPTH');
    const { gasLimit, name } = this.container.actions[index]!;
    if (gasLimit === undefined || this.gas < gasLimit) {
      return this.body(index, parameters, depth, isStaticCaller);
    }
    const aside = this.gas - gasLimit;
    this.gas = gasLimit;
    this.aside += aside;
    try {
      return this.body(index, parameters, depth, isStaticCaller);
    } catch (error) {
      if (!(error instanceof Failed && error.code === 'OUT_OF_GAS')) throw error;
      this.gas = 0;
      throw failed(`gas limit of ${name} used up`);
    } finally {
      this.gas += aside;
      this.aside -= aside;
    }
  }

  body(index: number, parameters: readonly Model[], depth: number, isStaticCaller: boolean): Model {
    const action = this.container.actions[index]!;
    const isStatic = isStaticCaller || ['pure', 'view'].includes(action.mutability);
    const { code } = action;
    const locals = new Map<string, Model>();
    action.parameters.forEach(({ name }, position) => {
      locals.set(name, parameters[position]!);
    });
    const starts = new Set([0]);
    code.forEach(({ opcode, operands }, position) => {
      const rules = opcodeByCode(opcode)!;
      if (rules.endsBlock) starts.add(position + 1);
      if (rules.operand === 'jump') starts.add(operands[0]!);
    });
    const stack: Model[] = [];
    const handlers: Handler[] = [];
    let position = 0;
    const before = this.container.actions.slice(0, index);
    const firstPc = before.reduce((sum, other) => sum + other.code.length, 0);
    for (;;) {
      let end = position + 1;
      while (end < code.length && !starts.has(end)) end += 1;
      const block = code.slice(position, end).map(baseGas);
      const instruction = code[position]!;
      const { name } = opcodeByCode(instruction.opcode)!;
      const paid = starts.has(position) ? 0 : block.reduce((sum, gas) => sum + gas, 0);
      const [pc, gas] = [firstPc + position, this.gas + this.aside + paid];
      this.watch?.({ pc, operation: name, gas, stack: stack.map(shownText) });
      if (starts.has(position)) for (const charged of block) this.charge(charged);
      const [first = 0, second = 0] = instruction.operands;
      position += 1;
      const take = (count: number): Model[] => stack.splice(stack.length - count, count);
      try {
        switch (name) {
          case 'RETURN':
            return stack.pop()!;
          case 'JUMP':
            position = first;
            break;
          case 'JUMP_IF_FALSE':
            position = truthy(stack.pop()!) ? position : first;
            break;
          case 'JUMP_IF_TRUE':
            position = truthy(stack.pop()!) ? first : position;
            break;
          case 'CALL_ACTION':
            stack.push(this.call(first, take(second), depth + 1, isStatic));
            break;
          case 'CALL_TOP': {
            const [called, ...given] = take(first + 1);
            stack.push(this.callTop(called!, given, depth + 1, isStatic));
            break;
          }
          case 'SETUP_TRY': {
            const checkpoints = this.checkpoints.length;
            handlers.push({ target: first, depth: stack.length, checkpoints });
            break;
          }
          case 'POP_TRY':
            handlers.pop();
            break;
          case 'ITER_NEXT':
          case 'ITER_NEXT_PAIR': {
            const next = this.next(stack.at(-1) as IteratorModel);
            if (next === undefined) {
              stack.pop();
              position = first;
            } else if (name === 'ITER_NEXT_PAIR') stack.push(...next);
            else {
              const { source } = stack.at(-1) as IteratorModel;
              stack.push(source instanceof MapModel ? next[0] : next[1]);
            }
            break;
          }
          default:
            this.step(name, instruction, stack, locals, isStatic);
        }
      } catch (error) {
        const handler = error instanceof Reverted ? handlers.pop() : undefined;
        if (handler === undefined) throw error;
        const reverted = error as Reverted;
        this.checkpoints.length = handler.checkpoints;
        this.caught.push(reverted);
        stack.length = handler.depth;
        stack.push(reverted.caught);
        position = handler.target;
      }
    }
  }

  callTop(called: Model, given: readonly Model[], depth: number, isStatic: boolean): Model {
    if (depth > 64) throw new Failed('CALL_DEPTH');
    if (!(called instanceof FunctionModel)) throw panic(0x51);
    const values = [...called.captures, ...given];
    const { parameters } = this.container.actions[called.action]!;
    if (values.length !== parameters.length) throw panic(0x51);
    return this.call(called.action, values, depth, isStatic);
  }

  /** Key or position, then the value; undefined at the end. */
  next(iterator: IteratorModel): [Model, Model] | undefined {
    const { source, position } = iterator;
    iterator.position += 1;
    if (source instanceof MapModel) {
      const entry = source.entries[position];
      return entry && [entry.key, entry.value];
    }
    let items: readonly Model[];
    if (source instanceof ListModel) items = source.items;
    else if (source instanceof Uint8Array) items = [...source].map(BigInt);
    else items = [...(source as string)];
    if (position >= items.length) return undefined;
    if (typeof source === 'string') this.charge(3);
    return [BigInt(position), items[position]!];
  }

  step(
    name: string,
    { operands }: Instruction,
    stack: Model[],
    locals: Map<string, Model>,
    isStatic: boolean,
  ): void {
    const [first = 0, second = 0] = operands;
    const constant = (): Scalar => this.constants[first]!;
    const take = (count: number): Model[] => stack.splice(stack.length - count, count);
    switch (name) {
      case 'NOP':
        return;
      case 'LOAD_CONST':
        stack.push(constant());
        return;
      case 'LOAD_NAME':
        stack.push(locals.get(constant() as string) ?? null);
        return;
      case 'STORE_NAME':
        locals.set(constant() as string, stack.pop()!);
        return;
      case 'POP':
        stack.pop();
        return;
      case 'DUP':
        stack.push(stack.at(-1)!);
        return;
      case 'DUP2':
        stack.push(...stack.slice(-2));
        return;
      case 'NOT':
        stack.push(!truthy(stack.pop()!));
        return;
      case 'NEG': {
        const value = stack.pop()!;
        if (typeof value !== 'bigint') throw panic(0x01);
        if (isBig(value)) this.charge(3);
        stack.push(-value);
        return;
      }
      case 'TX_READ':
        stack.push(this.context(TX_FIELDS[first]!));
        return;
      case 'STATE_READ':
        stack.push(
          this.read(variableSlot(constant() as string), this.cellType(constant(), second)),
        );
        return;
      case 'STATE_WRITE': {
        const value = stack.pop()!;
        this.write(
          variableSlot(constant() as string),
          this.cellType(constant(), second),
          value,
          isStatic,
        );
        return;
      }
      case 'MAP_READ': {
        const slot = this.entry(constant(), take(second));
        stack.push(this.read(slot, this.cellType(constant(), second)));
        return;
      }
      case 'MAP_WRITE': {
        const value = stack.pop()!;
        const slot = this.entry(constant(), take(second));
        this.write(slot, this.cellType(constant(), second), value, isStatic);
        return;
      }
      case 'REQUIRE': {
        const message = stack.pop()!;
        if (!truthy(stack.pop()!)) this.revert(message);
        return;
      }
      case 'REVERT':
        this.revert(stack.pop()!);
        return;
      case 'REVERT_ERROR':
        this.revertError(first, take(second));
        return;
      case 'THROW':
        throw this.thrown(stack.pop()!);
      case 'GAS_CHARGE':
        this.charge(first);
        return;
      case 'TX_BEGIN':
        this.checkpoints.push({ checkpoint: this.vm.host.checkpoint(), refund: this.refund });
        return;
      case 'TX_COMMIT':
        this.checkpoints.pop();
        return;
      case 'TX_REVERT': {
        const { checkpoint, refund } = this.checkpoints.pop()!;
        this.vm.host.revertTo(checkpoint);
        this.refund = refund;
        return;
      }
      case 'EMIT':
        this.emit(first, take(second), isStatic);
        return;
      case 'CALL_BUILTIN':
        stack.push(this.builtin(constant() as string, take(second), isStatic));
        return;
      case 'CALL_METHOD': {
        if (constant() !== 'len' || second !== 0) throw new Unmodelled();
        const [object] = take(1);
        if (object instanceof Address) throw new Unmodelled();
        const hasLength = typeof object === 'string' || object instanceof Uint8Array;
        if (!hasLength && !isContainer(object!)) throw panic(0x51);
        stack.push(this.lengthOf(object!));
        return;
      }
      case 'MAKE_CLOSURE': {
        this.charge(3 * second);
        stack.push(new FunctionModel(first, take(second)));
        return;
      }
      case 'ITERATE': {
        const source = stack.pop()!;
        const isWalkable = typeof source === 'string' || source instanceof Uint8Array;
        if (!isWalkable && !isContainer(source)) throw panic(0x01);
        stack.push(new IteratorModel(source));
        return;
      }
      case 'BUILD_LIST':
        this.charge(3 * first);
        stack.push(new ListModel(take(first)));
        return;
      case 'BUILD_SET':
        stack.push(this.setOf(take(first)));
        return;
      case 'BUILD_MAP':
        stack.push(this.mapOf(take(2 * first)));
        return;
      case 'INDEX': {
        const [object, key] = take(2);
        stack.push(this.index(object!, key!));
        return;
      }
      case 'GET_ATTR': {
        const [object, key] = take(2);
        if (!(object instanceof MapModel) || typeof key !== 'string') throw panic(0x01);
        stack.push(this.index(object, key));
        return;
      }
      case 'STORE_INDEX': {
        const [object, key, value] = take(3);
        this.storeIndex(object!, key!, value!);
        return;
      }
      case 'SLICE': {
        const [object, start, end] = take(3);
        stack.push(this.slice(object!, start!, end!));
        return;
      }
      case 'HASH_BLOCK':
        stack.push(this.sha(this.content(stack.pop()!)));
        return;
      case 'MERKLE_ROOT':
        stack.push(this.merkleRoot(take(first)));
        return;
      default: {
        const right = stack.pop()!;
        stack.push(this.binary(name, stack.pop()!, right));
      }
    }
  }

  context(field: (typeof TX_FIELDS)[number]): Model {
    const { context } = this.vm;
    if (field === 'parentHash') return context.parentHash;
    if (field === 'gasLimit') return context.blockGasLimit;
    if (field === 'data') return functionSelector('main', []);
    const value = context[field];
    return value instanceof Uint8Array ? new Address(value) : BigInt(value);
  }

  key(key: Model): Scalar {
    if (key === null || !isScalar(key)) throw panic(0x01);
    if (typeof key === 'string') this.charge(3 * words(utf8(key).length));
    if (key instanceof Uint8Array) this.charge(3 * words(key.length));
    return key;
  }

  setOf(items: readonly Model[]): Model {
    this.charge(3 * items.length);
    const kept: Model[] = [];
    for (const item of items) {
      if (isScalar(item)) {
        if (item !== null) this.key(item);
        const others = kept.filter(isScalar);
        if (!others.some((other) => equalScalars(other, item))) kept.push(item);
      } else {
        const others = kept.filter((other) => !isScalar(other));
        const isKnown = others.some((other) => {
          this.charge(3);
          return this.equal(other, item);
        });
        if (!isKnown) kept.push(item);
      }
    }
    return new ListModel(kept);
  }

  mapOf(items: readonly Model[]): Model {
    this.charge((3 * items.length) / 2);
    const made = new MapModel();
    for (let at = 0; at < items.length; at += 2) made.set(this.key(items[at]!), items[at + 1]!);
    return made;
  }

  index(object: Model, key: Model): Model {
    if (object instanceof MapModel) return object.get(this.key(key)) ?? null;
    const isIndexed = object instanceof ListModel || object instanceof Uint8Array;
    if (!isIndexed && typeof object !== 'string') throw panic(0x01);
    if (typeof object === 'string') this.charge(3 * words(utf8(object).length));
    if (typeof key !== 'bigint') throw panic(0x01);
    const items = itemsOf(object);
    return key >= 0n && key < BigInt(items.length) ? items[Number(key)]! : null;
  }

  storeIndex(object: Model, key: Model, value: Model): void {
    if (object instanceof MapModel) {
      const scalar = this.key(key);
      if (object.get(scalar) === undefined) this.charge(3);
      object.set(scalar, value);
      return;
    }
    if (!(object instanceof ListModel) || typeof key !== 'bigint') throw panic(0x01);
    if (key < 0n || key >= BigInt(object.items.length)) throw panic(0x32);
    object.items[Number(key)] = value;
  }

  slice(object: Model, start: Model, end: Model): Model {
    const isSliced = object instanceof ListModel || object instanceof Uint8Array;
    if (!isSliced && typeof object !== 'string') throw panic(0x01);
    if (typeof object === 'string') this.charge(3 * words(utf8(object).length));
    const items = itemsOf(object);
    const place = (value: Model, absent: number): number => {
      if (value === null) return absent;
      if (typeof value !== 'bigint') throw panic(0x01);
      if (value < 0n) return 0;
      return value > BigInt(items.length) ? items.length : Number(value);
    };
    const from = place(start, 0);
    const part = items.slice(from, Math.max(from, place(end, items.length)));
    if (object instanceof ListModel) {
      this.charge(3 * part.length);
      return new ListModel(part);
    }
    if (typeof object === 'string') return this.sized(part.join(''));
    this.charge(3 * words(part.length));
    return Uint8Array.from(part.map(Number));
  }

  lengthOf(value: Model): bigint {
    if (typeof value === 'string') {
      this.charge(3 * words(utf8(value).length));
      return BigInt([...value].length);
    }
    if (value instanceof ListModel) return BigInt(value.items.length);
    if (value instanceof MapModel) return BigInt(value.entries.length);
    if (value instanceof Uint8Array) return BigInt(value.length);
    throw panic(0x01);
  }

  content(value: Model): Uint8Array {
    return value instanceof Uint8Array ? value : utf8(this.sizedText(value));
  }

  sha(data: Uint8Array): Uint8Array {
    this.charge(60 + 12 * words(data.length));
    return sha256(data);
  }

  merkleRoot(items: readonly Model[]): Uint8Array {
    this.charge(3 * items.length);
    if (items.length === 0) return this.sha(new Uint8Array(0));
    let level = items.map((item) => {
      return this.sha(concatBytes(Uint8Array.of(0), this.content(item)));
    });
    while (level.length > 1) {
      const left = level.filter((_, index) => index % 2 === 0);
      level = left.map((node, index) => {
        const right = level[2 * index + 1] ?? new Uint8Array(32);
        return this.sha(concatBytes(Uint8Array.of(1), node, right));
      });
    }
    return level[0]!;
  }

  binary(name: string, x: Model, y: Model): Model {
    if (!BINARY.has(name)) throw new Unmodelled();
    switch (name) {
      case 'EQ':
        return this.equal(x, y);
      case 'NEQ':
        return !this.equal(x, y);
      case 'LT':
        return this.order(x, y) < 0;
      case 'GT':
        return this.order(x, y) > 0;
      case 'LTE':
        return this.order(x, y) <= 0;
      case 'GTE':
        return this.order(x, y) >= 0;
      case 'AND':
        return truthy(x) && truthy(y);
      case 'OR':
        return truthy(x) || truthy(y);
      default:
        return this.arithmetic(name, x, y);
    }
  }

  equal(x: Model, y: Model, level: number = 0): boolean {
    if (typeof x === 'string' && typeof y === 'string') {
      this.charge(3 * words(Math.min(utf8(x).length, utf8(y).length)));
    }
    if (x instanceof Uint8Array && y instanceof Uint8Array) {
      this.charge(3 * words(Math.min(x.length, y.length)));
    }
    if (isScalar(x) || isScalar(y)) return isScalar(x) && isScalar(y) && equalScalars(x, y);
    if (x === y || !isContainer(x) || !isContainer(y)) return x === y;
    if (level >= 32) throw panic(0x41);
    if (x instanceof ListModel && y instanceof ListModel) {
      if (x.items.length !== y.items.length) return false;
      return x.items.every((item, index) => {
        this.charge(3);
        return this.equal(item, y.items[index]!, level + 1);
      });
    }
    if (!(x instanceof MapModel && y instanceof MapModel)) return false;
    if (x.entries.length !== y.entries.length) return false;
    this.charge(3 * x.entries.length);
    return x.entries.every(({ key, value }) => {
      const other = y.get(key);
      return other !== undefined && this.equal(value, other, level + 1);
    });
  }

  order(x: Model, y: Model): number {
    if (typeof x === 'string' && typeof y === 'string') {
      this.charge(3 * words(Math.min(utf8(x).length, utf8(y).length)));
      return toHex(utf8(x)) < toHex(utf8(y)) ? -1 : Number(x !== y);
    }
    if (x === null && y === null) throw panic(0x01);
    const [left, right] = [x ?? 0n, y ?? 0n];
    if (typeof left !== 'bigint' || typeof right !== 'bigint') throw panic(0x01);
    return left < right ? -1 : Number(left > right);
  }

  arithmetic(name: string, x: Model, y: Model): Model {
    if (typeof x === 'string' || typeof y === 'string') {
      if (name === 'ADD') return this.sizedText(x, y);
      if (name !== 'MUL') throw panic(0x01);
      const [repeated, count] = typeof x === 'string' ? [x, y] : [y as string, x];
      if (typeof count !== 'bigint') throw panic(0x01);
      if (count <= 0n || repeated === '') return '';
      if (BigInt(utf8(repeated).length) * count > STRING_LIMIT) throw panic(0x41);
      return this.sized(repeated.repeat(Number(count)));
    }
    if (name === 'ADD' && isContainer(x) && isContainer(y)) {
      if (!(x instanceof ListModel && y instanceof ListModel)) throw panic(0x01);
      this.charge(3 * (x.items.length + y.items.length));
      return new ListModel([...x.items, ...y.items]);
    }
    const withNull = name === 'ADD' || name === 'SUB';
    const [left, right] = withNull ? [x ?? 0n, y ?? 0n] : [x, y];
    if (typeof left !== 'bigint' || typeof right !== 'bigint') throw panic(0x01);
    if ((name === 'DIV' || name === 'MOD') && right === 0n) throw panic(0x12);
    if (name === 'POW' && right < 0n) throw panic(0x11);
    const result = this.compute(name, left, right);
    if (result === undefined || [left, right, result].some(isBig)) this.charge(3);
    if (result === undefined || result > MAX || result < -MAX) throw panic(0x11);
    return result;
  }

  compute(name: string, x: bigint, y: bigint): bigint | undefined {
    if (name === 'ADD') return x + y;
    if (name === 'SUB') return x - y;
    if (name === 'MUL') return x * y;
    if (name === 'DIV') return floorDiv(x, y);
    if (name === 'MOD') return x - y * floorDiv(x, y);
    if (x >= -1n && x <= 1n) return x ** (y < 2n ? y : 2n + (y % 2n));
    return y > 256n ? undefined : x ** y;
  }

  sized(value: string): string {
    const { length } = utf8(value);
    if (length > STRING_LIMIT) throw panic(0x41);
    this.charge(3 * words(length));
    return value;
  }

  /** The texts of values, one behind the other. */
  sizedText(...values: readonly Model[]): string {
    let whole = '';
    let bytes = 0;
    const write = (part: string): void => {
      const before = words(bytes);
      bytes += utf8(part).length;
      if (bytes > STRING_LIMIT) throw panic(0x41);
      this.charge(3 * (words(bytes) - before));
      whole += part;
    };
    const writeValue = (value: Model, level: number): void => {
      if (isScalar(value)) {
        write(text(value));
        return;
      }
      if (level >= 32) throw panic(0x41);
      if (!isContainer(value)) throw panic(0x01);
      const isList = value instanceof ListModel;
      this.charge(3 * (isList ? value.items.length : value.entries.length));
      write(isList ? '[' : '{');
      const items = isList ? value.items : value.entries;
      for (const [index, item] of items.entries()) {
        if (index > 0) write(', ');
        if (isList) writeValue(item as Model, level + 1);
        else {
          const entry = item as MapModel['entries'][number];
          write(text(entry.key));
          write(': ');
          writeValue(entry.value, level + 1);
        }
      }
      write(isList ? ']' : '}');
    };
    for (const value of values) writeValue(value, 0);
    return whole;
  }

  revert(message: Model): never {
    if (message === null) throw new Reverted(new Uint8Array(0));
    throw failed(this.sizedText(message));
  }

  revertError(index: number, values: readonly Model[]): never {
    const error = this.container.errors[index]!;
    const types = error.fields.map(({ type }) => parseAbiType(type));
    const encodables = types.map((type, position) => encodable(type, values[position]!));
    const encoded = encodeAbi(types, encodables);
    this.charge(3 * words(encoded.length));
    const caught = new MapModel();
    caught.set('error', error.name);
    for (const [position, { name }] of error.fields.entries()) caught.set(name, values[position]!);
    throw new Reverted(concatBytes(functionSelector(error.name, error.fields), encoded), caught);
  }

  thrown(value: Model): Reverted {
    for (const known of this.caught.slice(-16).reverse()) {
      const isText = typeof known.caught === 'string' && typeof value === 'string';
      if (isText && (known.caught as string).length === (value as string).length) {
        this.charge(3 * words((value as string).length));
      }
      if (known.caught === value) return known;
    }
    return new Reverted(encodeErrorString(this.sizedText(value)), value);
  }

  builtin(name: string, [x = null, y = null]: readonly Model[], isStatic: boolean): Model {
    const { host, context } = this.vm;
    const content = typeof x === 'string' ? utf8(x) : x;
    switch (name) {
      case 'string':
        return this.sizedText(x);
      case 'hex':
        if (typeof x === 'bigint' && x < 0n) throw panic(0x11);
        if (typeof x === 'bigint') return this.sized(`0x${x.toString(16)}`);
        if (!(x instanceof Uint8Array || x instanceof Address)) throw panic(0x01);
        return this.sized(text(x));
      case 'len':
        return this.lengthOf(x);
      case 'bytes':
        if (x instanceof Uint8Array) return x;
        if (x instanceof Address) return x.bytes;
        if (typeof x !== 'string') throw panic(0x01);
        this.charge(3 * words(utf8(x).length));
        return utf8(x);
      case 'keccak256':
        if (!(content instanceof Uint8Array)) throw panic(0x01);
        this.charge(30 + 6 * words(content.length));
        return keccak256(content);
      case 'sha256':
        if (!(content instanceof Uint8Array)) throw panic(0x01);
        this.charge(60 + 12 * words(content.length));
        return sha256(content);
      case 'balance_of':
        if (!(x instanceof Address)) throw panic(0x01);
        this.charge(host.accessAddress(x.bytes) ? 2_600 : 100);
        return host.balance(x.bytes);
      case 'transfer':
        if (isStatic) throw new Failed('STATIC_WRITE');
        if (!(x instanceof Address) || typeof y !== 'bigint') throw panic(0x01);
        if (y < 0n || y > MAX) throw panic(0x11);
        this.charge(host.accessAddress(x.bytes) ? 2_600 : 100);
        if (y > 0n) this.charge(host.balance(x.bytes) === 0n ? 34_000 : 9_000);
        if (host.transfer(x.bytes, y)) return true;
        throw new Reverted(encodeErrorString('transfer: insufficient balance'));
      case 'block_number':
        return BigInt(context.height);
      case 'time':
      case 'now':
        return BigInt(context.timestamp);
      default:
        throw new Unmodelled();
    }
  }

  emit(index: number, fields: readonly Model[], isStatic: boolean): void {
    if (isStatic) throw new Failed('STATIC_WRITE');
    const event = this.container.events[index]!;
    const layout = eventLayout(
      event.name,
      event.fields.map(({ type, indexed }) => ({ type: parseAbiType(type), indexed })),
    );
    const values = layout.fields.map(({ type }, position) => encodable(type, fields[position]!));
    const { topics, data } = encodeEvent(layout, values);
    layout.fields.forEach(({ type, indexed }, position) => {
      if (!indexed || !type.isDynamic) return;
      const value = values[position] as string | Uint8Array;
      const { length } = typeof value === 'string' ? utf8(value) : value;
      this.charge(30 + 6 * words(length));
    });
    this.charge(375 + 375 * topics.length + 8 * data.length);
    this.vm.host.log(topics, data);
  }

  encodeResult({ result: type }: ContainerAction, value: Model): Uint8Array {
    if (type === undefined) return new Uint8Array(0);
    const abiType = parseAbiType(type.type);
    const encoded = encodeAbi([abiType], [encodable(abiType, value)]);
    this.charge(3 * words(encoded.length));
    return encoded;
  }

  /** The type of the cell that so many keys lead to. */
  cellType(name: Model, keys: number): CellType {
    const { shape } = this.container.schema.find((variable) => variable.name === name)!;
    const { depth, leaf } = plainDepth(shape);
    if (leaf.kind !== 'cell' || depth !== keys) throw new Unmodelled();
    return leaf.type;
  }

  entry(name: Model, keys: readonly Model[]): Uint8Array {
    let slot = variableSlot(name as string);
    for (const key of keys) {
      if (key === null || !isScalar(key)) throw panic(0x01);
      const hashed = concatBytes(canonicalKey(key), new Uint8Array(32), slot);
      this.charge(30 + 6 * words(hashed.length));
      slot = keccak256(hashed);
    }
    return slot;
  }

  read(slot: Uint8Array, type: CellType): Model {
    const { host } = this.vm;
    const load = (at: Uint8Array): Uint8Array => {
      this.charge(host.accessSlot(at) ? 2_100 : 100);
      return host.load(at);
    };
    if (type !== 'untyped') return toModel(decodeTypedCell(type, load(slot)));
    if (parseUntypedHead(host.load(slot))!.continuationWords > 0) this.charge(36);
    const value = readUntypedCell({ load, store: host.store }, slot);
    return toModel(value!);
  }

  write(slot: Uint8Array, type: CellType, value: Model, isStatic: boolean): void {
    const { host } = this.vm;
    if (isStatic) throw new Failed('STATIC_WRITE');
    // It is copied first, which is charged even where no cell takes it.
    if (isContainer(value)) throw new Unmodelled();
    if (!isScalar(value)) throw panic(0x01);
    if (type === 'untyped') {
      const writes = untypedCellWrites(slot, host.load(slot), value);
      if (writes.length > 1) this.charge(36);
      for (const write of writes) this.store(write.slot, write.word);
      return;
    }
    const word = encodeTypedCell(type, value);
    if (word === 'kind') throw panic(0x01);
    if (word === 'range') throw panic(0x11);
    this.store(slot, word);
  }

  /** EIP-2929's reading of EIP-2200 with EIP-3529's refunds, in the words of the EIPs. */
  store(slot: Uint8Array, word: Uint8Array): void {
    const { host } = this.vm;
    if (host.accessSlot(slot)) this.charge(2_100);
    const [original, current, next] = [host.loadOriginal(slot), host.load(slot), word].map(toHex);
    const zero = toHex(new Uint8Array(32));
    if (current === next) {
      this.charge(100);
    } else if (original === current) {
      this.charge(original === zero ? 20_000 : 2_900);
      if (original !== zero && next === zero) this.refund += 4_800;
    } else {
      this.charge(100);
      if (original !== zero && current === zero) this.refund -= 4_800;
      if (original !== zero && current !== zero && next === zero) this.refund += 4_800;
      if (original === next) this.refund += original === zero ? 19_900 : 2_800;
    }
    host.store(slot, word);
  }
}

function baseGas({ opcode, operands }: Instruction): number {
  const { operand, gas, itemGas } = opcodeByCode(opcode)!;
  const counts: Readonly<Record<string, number | undefined>> = {
    count: operands[0],
    pair: operands[1],
  };
  return gas + itemGas * (counts[operand] ?? 0);
}

function constantModel(constant: Constant): Scalar {
  if (constant.kind === 'null') return null;
  return constant.kind === 'address' ? new Address(constant.value) : constant.value;
}

function itemsOf(object: ListModel | Uint8Array | string): readonly Model[] {
  if (object instanceof ListModel) return object.items;
  return typeof object === 'string' ? [...object] : [...object].map(BigInt);
}

function encodable(type: AbiType, value: Model): AbiValue {
  const kinds: Readonly<Record<string, (given: Model) => AbiValue | undefined>> = {
    uint: (given) => (typeof given === 'bigint' ? given : undefined),
    int: (given) => (typeof given === 'bigint' ? given : undefined),
    bool: (given) => (typeof given === 'boolean' ? given : undefined),
    string: (given) => (typeof given === 'string' ? given : undefined),
    bytes: (given) => (given instanceof Uint8Array ? given : undefined),
    address: (given) => (given instanceof Address ? given.bytes : undefined),
    fixedBytes: (given) =>
      given instanceof Uint8Array && type.kind === 'fixedBytes' && given.length === type.length
        ? given
        : undefined,
  };
  const zeros: Readonly<Record<string, Model>> = {
    uint: 0n,
    int: 0n,
    bool: false,
    string: '',
    bytes: new Uint8Array(0),
    address: new Address(new Uint8Array(20)),
    fixedBytes: new Uint8Array(type.kind === 'fixedBytes' ? type.length : 0),
  };
  const encoded = kinds[type.kind]!(value ?? zeros[type.kind]!);
  if (encoded === undefined) throw panic(0x01);
  if (
    type.kind === 'uint' &&
    ((encoded as bigint) < 0n || (encoded as bigint) >> BigInt(type.bits) !== 0n)
  ) {
    throw panic(0x11);
  }
  if (type.kind === 'int' && BigInt.asIntN(type.bits, encoded as bigint) !== encoded)
    throw panic(0x11);
  return encoded;
}
