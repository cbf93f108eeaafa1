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
import type { Container, ContainerAction } from '../../src/bytecode/container.ts';
import { type Instruction, opcodeByCode, TX_FIELDS } from '../../src/bytecode/opcodes.ts';
import type { CellType } from '../../src/layout/schema.ts';
import { canonicalKey, variableSlot } from '../../src/layout/slots.ts';
import { decodeTypedCell, encodeTypedCell } from '../../src/layout/typed-cell.ts';
import {
  parseUntypedHead,
  readUntypedCell,
  untypedCellWrites,
} from '../../src/layout/untyped-cell.ts';
import type { VmOutcome, VmRun } from '../../src/vm/call.ts';
import { Address, type Value } from '../../src/vm/value.ts';

// The machine as its rules read, without registers, blocks of code or fast paths: the model that the
// interpreter has to agree with. Integers are bigints, frames are calls of JavaScript.

type Model = null | boolean | bigint | string | Uint8Array | Address;

class Reverted {
  readonly data: Uint8Array;
  constructor(data: Uint8Array) {
    this.data = data;
  }
}
class Failed {
  readonly code: string;
  constructor(code: string) {
    this.code = code;
  }
}

const MAX = 2n ** 256n - 1n;
const EXACT = 2n ** 53n - 1n;
const STRING_LIMIT = 2 ** 20;

const panic = (code: number): Reverted => new Reverted(encodePanic(code));
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const words = (bytes: number): number => Math.ceil(bytes / 32);
const isBig = (value: bigint): boolean => value > EXACT || value < -EXACT;
const floorDiv = (x: bigint, y: bigint): bigint => {
  const quotient = x / y;
  return quotient * y !== x && x < 0n !== y < 0n ? quotient - 1n : quotient;
};

const text = (value: Model): string => {
  if (value instanceof Uint8Array) return toHex(value);
  return value instanceof Address ? toHex(value.bytes) : String(value);
};

const truthy = (value: Model): boolean =>
  !(
    value === null ||
    value === false ||
    value === 0n ||
    value === '' ||
    (value instanceof Uint8Array && value.length === 0)
  );

const equal = (x: Model, y: Model): boolean => {
  const kind = (value: Model): string => {
    if (value === null) return 'null';
    if (value instanceof Uint8Array) return 'bytes';
    return value instanceof Address ? 'address' : typeof value;
  };
  return kind(x) === kind(y) && text(x) === text(y);
};

const toModel = (value: Value): Model => (typeof value === 'number' ? BigInt(value) : value);

/** What the model says before each instruction: what a tracer is told. */
export type NaiveStep = {
  /** Index of the instruction in the code of all actions. */
  readonly pc: number;
  readonly operation: string;
  readonly gas: number;
  readonly stack: readonly string[];
};

/** The model of `call` for an action without parameters. */
export function naiveCall(
  container: Container,
  name: string,
  run: VmRun,
  watch: (step: NaiveStep) => void = () => {},
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
    };
  } catch (error) {
    const none = { refund: 0, error: undefined };
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
  refund = 0;
  readonly container: Container;
  readonly vm: VmRun;

  readonly watch: (step: NaiveStep) => void;

  constructor(container: Container, vm: VmRun, watch: (step: NaiveStep) => void) {
    this.watch = watch;
    this.container = container;
    this.vm = vm;
    this.gas = vm.gas;
  }

  charge(gas: number): void {
    this.gas -= gas;
    if (this.gas < 0) throw new Failed('OUT_OF_GAS');
  }

  call(index: number, parameters: readonly Model[], depth: number, isStaticCaller: boolean): Model {
    if (depth > 64) throw new Failed('CALL_DEPTH');
    const action = this.container.actions[index]!;
    const isStatic = isStaticCaller || action.mutability === 'view';
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
      const [pc, gas] = [firstPc + position, this.gas + paid];
      this.watch({ pc, operation: name, gas, stack: stack.map(text) });
      if (starts.has(position)) for (const charged of block) this.charge(charged);
      const [first = 0] = instruction.operands;
      position += 1;
      if (name === 'RETURN') return stack.pop()!;
      if (name === 'JUMP') position = first;
      else if (name === 'JUMP_IF_FALSE') position = truthy(stack.pop()!) ? position : first;
      else if (name === 'JUMP_IF_TRUE') position = truthy(stack.pop()!) ? first : position;
      else if (name === 'CALL_ACTION') {
        const count = instruction.operands[1]!;
        const passed = stack.splice(stack.length - count, count);
        stack.push(this.call(first, passed, depth + 1, isStatic));
      } else this.step(name, instruction, stack, locals, isStatic);
    }
  }

  step(
    name: string,
    { operands }: Instruction,
    stack: Model[],
    locals: Map<string, Model>,
    isStatic: boolean,
  ): void {
    const [first = 0, second = 0] = operands;
    const constant = (): Model => {
      const value = this.container.constants[first]!;
      if (value.kind === 'null') return null;
      return value.kind === 'address' ? new Address(value.value) : value.value;
    };
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
      case 'TX_READ': {
        const value = this.vm.context[TX_FIELDS[first]!];
        stack.push(value instanceof Uint8Array ? new Address(value) : BigInt(value));
        return;
      }
      case 'STATE_READ':
        stack.push(this.read(variableSlot(constant() as string), this.cellType(constant())));
        return;
      case 'STATE_WRITE': {
        const value = stack.pop()!;
        this.write(variableSlot(constant() as string), this.cellType(constant()), value, isStatic);
        return;
      }
      case 'MAP_READ': {
        const slot = this.entry(constant(), stack.splice(stack.length - second, second));
        stack.push(this.read(slot, this.cellType(constant())));
        return;
      }
      case 'MAP_WRITE': {
        const value = stack.pop()!;
        const slot = this.entry(constant(), stack.splice(stack.length - second, second));
        this.write(slot, this.cellType(constant()), value, isStatic);
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
      case 'EMIT':
        this.emit(first, stack.splice(stack.length - second, second), isStatic);
        return;
      case 'CALL_BUILTIN': {
        const passed = stack.splice(stack.length - second, second);
        stack.push(this.builtin(constant() as string, passed, isStatic));
        return;
      }
      default: {
        const right = stack.pop()!;
        stack.push(this.binary(name, stack.pop()!, right));
      }
    }
  }

  binary(name: string, x: Model, y: Model): Model {
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
      default:
        return this.arithmetic(name, x, y);
    }
  }

  equal(x: Model, y: Model): boolean {
    if (typeof x === 'string' && typeof y === 'string') {
      this.charge(3 * words(Math.min(utf8(x).length, utf8(y).length)));
    }
    if (x instanceof Uint8Array && y instanceof Uint8Array) {
      this.charge(3 * words(Math.min(x.length, y.length)));
    }
    return equal(x, y);
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
      if (name === 'ADD') return this.sized(text(x) + text(y));
      if (name !== 'MUL') throw panic(0x01);
      const [repeated, count] = typeof x === 'string' ? [x, y] : [y as string, x];
      if (typeof count !== 'bigint') throw panic(0x01);
      if (count <= 0n || repeated === '') return '';
      if (BigInt(utf8(repeated).length) * count > STRING_LIMIT) throw panic(0x41);
      return this.sized(repeated.repeat(Number(count)));
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

  revert(message: Model): never {
    if (message === null) throw new Reverted(new Uint8Array(0));
    throw new Reverted(encodeErrorString(this.sized(text(message))));
  }

  builtin(name: string, [x = null, y = null]: readonly Model[], isStatic: boolean): Model {
    const { host, context } = this.vm;
    const content = typeof x === 'string' ? utf8(x) : x;
    switch (name) {
      case 'string':
        return this.sized(text(x));
      case 'hex':
        if (!(x instanceof Uint8Array || x instanceof Address)) throw panic(0x01);
        return this.sized(text(x));
      case 'len':
        if (x instanceof Uint8Array) return BigInt(x.length);
        if (typeof x !== 'string') throw panic(0x01);
        this.charge(3 * words(utf8(x).length));
        return BigInt([...x].length);
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
      default:
        return BigInt(context.timestamp);
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
    const abiType = parseAbiType(type);
    const encoded = encodeAbi([abiType], [encodable(abiType, value)]);
    this.charge(3 * words(encoded.length));
    return encoded;
  }

  cellType(name: Model): CellType {
    return this.container.schema.find((variable) => variable.name === name)!.type;
  }

  entry(name: Model, keys: readonly Model[]): Uint8Array {
    let slot = variableSlot(name as string);
    for (const key of keys) {
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
  const { name, gas } = opcodeByCode(opcode)!;
  return name === 'CALL_BUILTIN' || name === 'CALL_ACTION' ? gas + 2 * operands[1]! : gas;
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
