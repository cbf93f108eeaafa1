import { toHexKey } from '@lucerna/base';
import type { AbiField } from '../../../src/bytecode/container.ts';
import type {
  ActionDeclaration,
  Block,
  EntityDeclaration,
  Expression,
  MatchArm,
  Parameter,
} from '../../../src/syntax/ast.ts';
import type { CallContext } from '../../../src/vm/host.ts';
import { METHODS, RECEIVERS, type Receiver } from '../../../src/vm/method-table.ts';
import { Address } from '../../../src/vm/value.ts';
import type { RefContract, RefLedger } from './ledger.ts';
import { Library } from './library.ts';
import { Names } from './names.ts';
import { CONTEXT, HIGHER_ORDER } from './tables.ts';
import {
  arithmetic,
  equal,
  failedWith,
  isContainer,
  order,
  panic,
  RefFunction,
  RefList,
  RefMap,
  type RefValue,
  requireInteger,
  truth,
} from './values.ts';

export const ENCODED: AbiField = { name: '', type: 'bytes', isEncoded: true };

/** What expressions of a running contract come to; statements are for {@link Frame}. */
export abstract class Evaluator {
  protected readonly world: RefLedger;
  protected readonly contract: RefContract;
  protected readonly context: CallContext;
  protected readonly library: Library;
  protected readonly isReentrant: boolean;

  constructor(world: RefLedger, contract: RefContract, context: CallContext, isReentrant: boolean) {
    this.world = world;
    this.contract = contract;
    this.context = context;
    this.isReentrant = isReentrant;
    const { address } = context;
    this.library = new Library({
      state: world.state,
      context,
      balance: (account) => world.balance(account),
      transfer: (to, wei) => {
        world.state.requireWritable();
        return world.move(address, to, wei);
      },
      hasCode: (account) => world.hasCode(account),
      named: world.named(address, 'named'),
      ledger: world.named(address, 'ledger'),
    });
  }

  protected declared(name: string): ActionDeclaration {
    return this.contract.declaration.actions.find((action) => action.name.name === name)!;
  }

  /** Runs a body of its own: what it returns, null when that is nothing. */
  protected abstract body(block: Block, names: Names): RefValue;
  /** Runs an action of the contract with the modifiers around it. */
  protected abstract action(action: ActionDeclaration, values: readonly RefValue[]): RefValue;

  protected readState(name: string): RefValue {
    const { state } = this.world;
    return state.read(this.root(name));
  }

  protected assignState(name: string, value: RefValue): void {
    const { state } = this.world;
    state.requireWritable();
    state.put(this.root(name), state.copy(value));
  }

  protected root(name: string): ReturnType<RefLedger['state']['root']> {
    const { shape } = this.contract.container.schema.find((variable) => variable.name === name)!;
    return this.world.state.root(toHexKey(this.context.address), name, shape);
  }

  protected emitEncoded(
    signature: string,
    fields: readonly AbiField[],
    values: readonly RefValue[],
  ): void {
    const { state } = this.world;
    const copies = values.map((value) => state.copy(value));
    this.world.emitEncoded(this.context.address, signature, fields, copies);
  }

  protected arm<Body>(
    subject: Expression,
    arms: readonly MatchArm<Body>[],
    names: Names,
  ): Body | undefined {
    const value = this.value(subject, names);
    const matches = (pattern: Expression): boolean =>
      equal(value, this.value(pattern, names), this.library);
    return arms.find(({ patterns }) => patterns === undefined || patterns.some(matches))?.body;
  }

  // Values

  protected truth(expression: Expression, names: Names): boolean {
    return truth(this.value(expression, names), this.library);
  }

  protected value(expression: Expression, names: Names): RefValue {
    const of = (inner: Expression): RefValue => this.value(inner, names);
    switch (expression.kind) {
      case 'integer':
      case 'string':
      case 'boolean':
        return expression.value;
      case 'null':
        return null;
      case 'hex': {
        const bytes = Uint8Array.from(expression.text.slice(2).match(/../g) ?? [], (pair) =>
          Number(`0x${pair}`),
        );
        return bytes.length === 20 ? new Address(bytes) : bytes;
      }
      case 'template': {
        let text = expression.texts[0] ?? '';
        expression.values.forEach((value, index) => {
          text = arithmetic('+', text, of(value), this.library) as string;
          text += expression.texts[index + 1] ?? '';
        });
        return text;
      }
      case 'name':
        return this.name(expression.name, names);
      case 'this':
        return names.self ?? new Address(this.context.address);
      case 'list':
        return new RefList(expression.items.map(of));
      case 'map': {
        const entries = expression.entries.map(({ key, value }) => [of(key), of(value)] as const);
        const map = new RefMap();
        for (const [key, value] of entries) this.library.store(map, key, value);
        return map;
      }
      case 'member':
        return this.member(expression, names);
      case 'index': {
        const object = of(expression.object);
        return this.library.index(object, of(expression.key));
      }
      case 'slice': {
        const object = of(expression.object);
        const start = expression.start === undefined ? null : of(expression.start);
        const end = expression.end === undefined ? null : of(expression.end);
        return this.library.slice(object, start, end);
      }
      case 'call':
        return this.call(expression, names);
      case 'construct': {
        const entity = this.entity((expression.entity as { name: string }).name)!;
        const given = new Map(expression.fields.map(({ name, value }) => [name.name, value]));
        return this.made(entity, (name) => {
          const value = given.get(name);
          return value === undefined ? undefined : of(value);
        });
      }
      case 'function': {
        const { parameters, body } = expression;
        return new RefFunction((values) => {
          if (values.length !== parameters.length) throw panic(0x51);
          const inner = new Names(names);
          declareAll(parameters, values, inner);
          return this.body(body, inner);
        });
      }
      case 'conditional':
        return of(this.truth(expression.condition, names) ? expression.then : expression.otherwise);
      case 'match': {
        const body = this.arm(expression.subject, expression.arms, names);
        if (body === undefined) throw failedWith('no match');
        return of(body);
      }
      case 'unary':
        if (expression.operator === '!') return !this.truth(expression.operand, names);
        return -requireInteger(of(expression.operand));
      case 'binary': {
        const left = of(expression.left);
        return this.binary(expression.operator, left, of(expression.right));
      }
      case 'logical': {
        const left = of(expression.left);
        if (expression.operator === '??') return left ?? of(expression.right);
        const isTrue = truth(left, this.library);
        if (expression.operator === '&&' ? !isTrue : isTrue) return isTrue;
        return this.truth(expression.right, names);
      }
    }
  }

  protected binary(operator: string, left: RefValue, right: RefValue): RefValue {
    switch (operator) {
      case '==':
        return equal(left, right, this.library);
      case '!=':
        return !equal(left, right, this.library);
      case '<':
        return order(left, right) < 0;
      case '>':
        return order(left, right) > 0;
      case '<=':
        return order(left, right) <= 0;
      case '>=':
        return order(left, right) >= 0;
      default:
        return arithmetic(operator, left, right, this.library);
    }
  }

  protected name(name: string, names: Names): RefValue {
    const local = names.find(name);
    if (local !== undefined) return local.value;
    if (names.self !== undefined) return this.library.index(names.self, name);
    const { declaration, program } = this.contract;
    if (names.seesState && declaration.data.some((variable) => variable.name.name === name)) {
      return this.readState(name);
    }
    const constant = [...declaration.constants, ...program.constants].find(
      (candidate) => candidate.name.name === name,
    );
    if (constant === undefined) throw new Error(`the reference does not know ${name}`);
    return this.value(constant.value, new Names(undefined));
  }

  protected member(expression: Extract<Expression, { kind: 'member' }>, names: Names): RefValue {
    const { object, member } = expression;
    const { name } = member;
    if (object.kind === 'this') {
      return names.self === undefined ? this.readState(name) : this.library.index(names.self, name);
    }
    if (object.kind === 'name' && names.find(object.name) === undefined) {
      const field = CONTEXT[`${object.name}.${name}`];
      if (field !== undefined) return field(this.context);
      const member = this.enumMember(object.name, name);
      if (member !== undefined) return member;
    }
    const holder = this.value(object, names);
    if (!isContainer(holder) || this.library.kind(holder) !== 'map') throw panic(0x01);
    return this.library.index(holder, name);
  }

  protected enumMember(owner: string, name: string): bigint | undefined {
    const { declaration, program } = this.contract;
    const found = [...declaration.enums, ...program.enums].find((each) => each.name.name === owner);
    if (found === undefined) return undefined;
    let next = 0n;
    for (const member of found.members) {
      if (member.value !== undefined) {
        next = this.value(member.value, new Names(undefined)) as bigint;
      }
      if (member.name.name === name) return next;
      next += 1n;
    }
    return undefined;
  }

  protected entity(name: string): EntityDeclaration | undefined {
    const { declaration, program } = this.contract;
    return [...declaration.entities, ...program.entities].find((each) => each.name.name === name);
  }

  /** An entity with the values that there are, and the defaults of all other fields. */
  protected made(
    { fields }: EntityDeclaration,
    given: (name: string, index: number) => RefValue | undefined,
  ): RefMap {
    const map = new RefMap();
    fields.forEach(({ name, initial }, index) => {
      const value = given(name.name, index);
      const absent = initial === undefined ? null : this.value(initial, new Names(undefined));
      map.set(name.name, value === undefined ? absent : value);
    });
    return map;
  }

  // Calls

  protected call(expression: Extract<Expression, { kind: 'call' }>, names: Names): RefValue {
    const { callee, arguments: given, options } = expression;
    const values = (): RefValue[] => given.map((value) => this.value(value, names));
    const option = (name: string): RefValue | undefined => {
      const found = options.find(({ key }) => key.kind === 'string' && key.value === name);
      return found === undefined ? undefined : this.value(found.value, names);
    };
    if (callee.kind === 'name') return this.callName(callee.name, values, option, names);
    if (callee.kind === 'member') return this.callMember(callee, values, option, names);
    return this.invoke(this.value(callee, names), values());
  }

  protected invoke(callee: RefValue, values: readonly RefValue[]): RefValue {
    if (!(callee instanceof RefFunction)) throw panic(0x51);
    return callee.call(values);
  }

  protected callName(
    name: string,
    values: () => RefValue[],
    option: (name: string) => RefValue | undefined,
    names: Names,
  ): RefValue {
    const local = names.find(name);
    if (local !== undefined) {
      const { value } = local;
      return this.invoke(value, values());
    }
    const entity = this.entity(name);
    if (entity !== undefined) {
      const items = values();
      return this.made(entity, (_, index) => items[index]);
    }
    const { program } = this.contract;
    const helper = program.functions.find((candidate) => candidate.name.name === name);
    if (helper !== undefined) return this.function(helper, values());
    if (program.contracts.some((contract) => contract.name.name === name))
      return values()[0] ?? null;
    return this.builtin(name, values(), option);
  }

  /** A function of the file. */
  protected function(
    { parameters, body }: ActionDeclaration,
    values: readonly RefValue[],
  ): RefValue {
    const inner = new Names(undefined, { seesState: false });
    declareAll(parameters, values, inner);
    return this.body(body, inner);
  }

  protected builtin(
    name: string,
    values: readonly RefValue[],
    option: (name: string) => RefValue | undefined,
  ): RefValue {
    const [first = null, second = null] = values;
    const { address } = this.context;
    switch (name) {
      case 'contract_call':
      case 'static_call':
      case 'delegate_call': {
        const kind =
          name === 'contract_call' ? 'call' : name === 'static_call' ? 'static' : 'delegate';
        const value = name === 'contract_call' ? (values[3] ?? option('value') ?? null) : null;
        option('gas');
        const list = values.length < 3 ? new RefList([]) : (values[2] ?? null);
        return this.foreign(kind, first, second as string | null, list, value);
      }
      case 'set_of':
        return this.library.setOf(values);
      case 'verify_signature':
        // What is generated by chance is no signature.
        if (!(first instanceof Uint8Array && values[2] instanceof Uint8Array)) throw panic(0x01);
        if (!(typeof second === 'string' || second instanceof Uint8Array)) throw panic(0x01);
        return false;
      case 'merkle_root':
        if (values.length > 1) return this.library.merkleRoot(values);
        break;
      case 'ledger_append':
        this.library.builtin('push', [this.world.named(address, 'ledger'), first]);
        return null;
      case 'audit_log': {
        const fields = [{ name: '', type: 'string' }, ENCODED];
        this.world.state.requireWritable();
        this.emitEncoded('AuditLog(string,bytes)', fields, [this.library.text(first), second]);
        return null;
      }
      case 'gas_charge':
        return null;
    }
    return this.library.builtin(name, values);
  }

  protected foreign(
    kind: 'call' | 'delegate' | 'static',
    target: RefValue,
    signature: string | null,
    given: RefValue,
    value: RefValue,
  ): RefValue {
    if (!(target instanceof Address)) throw panic(0x01);
    const { state } = this.world;
    const values = isContainer(given) ? state.copy(given) : given;
    return this.world.call(this.context, { kind, to: target.bytes, signature, values, value });
  }

  protected callMember(
    { object, member }: Extract<Expression, { kind: 'member' }>,
    values: () => RefValue[],
    option: (name: string) => RefValue | undefined,
    names: Names,
  ): RefValue {
    const { name } = member;
    if (object.kind === 'this' && names.self === undefined) {
      return this.action(this.declared(name), values());
    }
    const receiver = this.value(object, names);
    const given = values();
    if (this.isCast(object)) {
      const target = this.contract.program.contracts
        .find((contract) => contract.name.name === castName(object))!
        .actions.find((action) => action.name.name === name)!;
      const isView = target.modifiers.some((word) => word === 'view' || word === 'pure');
      const value = option('value') ?? null;
      return this.foreign(isView ? 'static' : 'call', receiver, name, new RefList(given), value);
    }
    const ofEntity = this.entityAction(name);
    if (ofEntity !== undefined) return this.entityCall(ofEntity, receiver, given);
    const [first] = given;
    const higher = HIGHER_ORDER[name];
    if (higher !== undefined && first instanceof RefFunction) {
      const items = [...this.library.walk(receiver)].map(([, value]) => value);
      return higher(items, first, given.slice(1), this.library);
    }
    if (receiver instanceof Address) {
      return this.foreign('call', receiver, name, new RefList(given), null);
    }
    const kind = this.library.kind(receiver) as Receiver;
    if (!RECEIVERS.includes(kind) || !METHODS[kind].includes(name)) throw panic(0x51);
    return this.library.builtin(name, [receiver, ...given]);
  }

  protected isCast(object: Expression): boolean {
    const name = castName(object);
    return this.contract.program.contracts.some((contract) => contract.name.name === name);
  }

  /** Names of actions of entities are unique. */
  protected entityAction(name: string): ActionDeclaration | undefined {
    return this.contract.program.entities
      .flatMap(({ actions }) => actions)
      .find((action) => action.name.name === name);
  }

  protected entityCall(
    { parameters, body }: ActionDeclaration,
    self: RefValue,
    values: readonly RefValue[],
  ): RefValue {
    const inner = new Names(undefined, { self, seesState: false });
    declareAll(parameters, values, inner);
    return this.body(body, inner);
  }
}

function castName(object: Expression): string | undefined {
  return object.kind === 'call' && object.callee.kind === 'name' ? object.callee.name : undefined;
}

/** Gives parameters their values; what is left out is null. */
export function declareAll(
  parameters: readonly Parameter[],
  values: readonly RefValue[],
  names: Names,
): void {
  parameters.forEach(({ name }, index) => {
    names.declare(name.name, values[index] ?? null);
  });
}
