import { concatBytes } from '@lucerna/base';
import { encodeAbi, encodeErrorString } from '@lucerna/protocol';
import type { AbiField, ContainerAction } from '../../../src/bytecode/container.ts';
import { functionSelector } from '../../../src/bytecode/selector.ts';
import type { ActionDeclaration, Block, Expression, Statement } from '../../../src/syntax/ast.ts';
import { abiTypeOf, toAbiValue } from './convert.ts';
import { declareAll, ENCODED, Evaluator } from './evaluator.ts';
import { Left, Names, Returned } from './names.ts';
import type { RefState } from './state.ts';
import {
  arithmetic,
  failedWith,
  isContainer,
  RefMap,
  type RefValue,
  Reverted,
  silent,
} from './values.ts';

/** Failures that a run remembers, to throw them again as they were. */
const REMEMBERED = 16;

type Assignment = { readonly read: () => RefValue; readonly write: (value: RefValue) => void };

/** A contract that runs: one call of it. */
export class Frame extends Evaluator {
  readonly #caught: Reverted[] = [];

  /** What a call from outside leads to. */
  enter(action: ContainerAction, values: readonly RefValue[]): RefValue {
    const isView = action.mutability === 'view' || action.mutability === 'pure';
    this.world.state.isStatic ||= isView;
    if (this.isReentrant && !this.world.state.isStatic) throw failedWith('reentrant call');
    return this.action(this.declared(action.name), values);
  }

  copy(value: RefValue): RefValue {
    return this.world.state.copy(value);
  }

  refuseValue({ mutability }: ContainerAction): void {
    if (this.context.value > 0n && mutability !== 'payable') throw silent();
  }

  /** Initial values, then `init`. */
  construct(values: () => readonly RefValue[]): Uint8Array {
    const { declaration, container } = this.contract;
    if (container.init === undefined) {
      if (this.context.value > 0n) throw silent();
      return new Uint8Array(0);
    }
    this.refuseValue(container.actions[container.init]!);
    const given = values();
    const names = new Names(undefined);
    for (const { name, initial } of declaration.data) {
      if (initial === undefined) continue;
      const value = this.value(initial, names);
      // What is empty from the start needs no writing, and cannot be written to a plain map.
      const isEmpty = value === null || (isContainer(value) && this.library.length(value) === 0);
      if (!isEmpty || this.root(name.name).kind === 'cell') this.assignState(name.name, value);
    }
    const init = declaration.actions.find(({ name }) =>
      ['init', 'constructor'].includes(name.name),
    );
    if (init !== undefined) this.action(init, given);
    return new Uint8Array(0);
  }

  /** Runs an action of the contract with the modifiers around it. */
  protected action(action: ActionDeclaration, values: readonly RefValue[]): RefValue {
    const { state } = this.world;
    const { isStatic } = state;
    state.isStatic ||= action.modifiers.some((word) => word === 'view' || word === 'pure');
    const names = new Names(undefined);
    declareAll(action.parameters, values, names);
    const guards = action.applied.map(({ name, arguments: given }) => {
      const modifier = this.contract.declaration.modifiers.find(
        (candidate) => candidate.name.name === name.name,
      )!;
      const inner = new Names(undefined);
      const items = given.map((value) => this.value(value, names));
      const start = (): Names => {
        const fresh = new Names(inner);
        declareAll(modifier.parameters, items, fresh);
        return fresh;
      };
      const { statements } = modifier.body;
      const middle = statements.findIndex(({ kind }) => kind === 'placeholder');
      return {
        before: () => this.statements(statements.slice(0, middle), start()),
        after: () => this.statements(statements.slice(middle + 1), start()),
      };
    });
    for (const { before } of guards) before();
    const result = this.body(action.body, names);
    for (const { after } of guards.toReversed()) after();
    // A failure takes what is open with it; whoever catches it knows what was.
    state.isStatic = isStatic;
    return result;
  }

  // Statements

  protected block({ statements }: Block, outer: Names): void {
    this.statements(statements, new Names(outer));
  }

  protected statements(statements: readonly Statement[], names: Names): void {
    for (const statement of statements) this.statement(statement, names);
  }

  protected statement(statement: Statement, names: Names): void {
    switch (statement.kind) {
      case 'let':
        this.let(statement, names);
        return;
      case 'assign':
        this.assign(statement, names);
        return;
      case 'if':
        if (this.truth(statement.condition, names)) this.block(statement.then, names);
        else if (statement.otherwise !== undefined) this.block(statement.otherwise, names);
        return;
      case 'while':
        while (this.truth(statement.condition, names)) {
          if (this.round(statement.body, names)) return;
        }
        return;
      case 'forEach':
        this.forEach(statement, names);
        return;
      case 'match': {
        const body = this.arm(statement.subject, statement.arms, names);
        if (body !== undefined) this.block(body, names);
        return;
      }
      case 'try':
        this.try(statement, names);
        return;
      case 'tx':
      case 'block':
        this.block(statement.body, names);
        return;
      case 'throw':
        throw this.thrown(this.value(statement.value, names));
      case 'return':
        throw new Returned(
          statement.value === undefined ? null : this.value(statement.value, names),
        );
      case 'require':
        if (!this.truth(statement.condition, names)) throw this.failure(statement.message, names);
        return;
      case 'revert':
        throw this.failure(statement.message, names);
      case 'emit': {
        const values = statement.arguments.map((value) => this.value(value, names));
        const { events } = this.contract.container;
        const event = events.find(({ name }) => name === statement.event.name)!;
        this.world.emit(this.context.address, event, values);
        return;
      }
      case 'emitValue': {
        const name = this.value(statement.event, names) as string;
        const value = statement.value === undefined ? null : this.value(statement.value, names);
        this.emitEncoded(`${name}(bytes)`, [ENCODED], [value]);
        return;
      }
      case 'break':
      case 'continue':
        throw new Left(statement.kind);
      case 'expression':
        this.value(statement.expression, names);
        return;
      case 'placeholder':
        return;
    }
  }

  protected let({ pattern, value }: Extract<Statement, { kind: 'let' }>, names: Names): void {
    if (pattern.kind === 'name' && value.kind === 'function') {
      // It may call itself.
      names.declare(pattern.name.name, null);
    }
    const given = this.value(value, names);
    if (pattern.kind === 'name') {
      names.declare(pattern.name.name, given);
    } else if (pattern.kind === 'list') {
      pattern.names.forEach(({ name }, index) => {
        names.declare(name, this.library.index(given, BigInt(index)));
      });
    } else {
      for (const { key, local } of pattern.names) {
        names.declare(local.name, this.library.index(given, key.name));
      }
    }
  }

  protected assign(
    { target, operator, value }: Extract<Statement, { kind: 'assign' }>,
    names: Names,
  ): void {
    const place = this.target(target, names);
    if (operator === '=') {
      place.write(this.value(value, names));
      return;
    }
    const old = place.read();
    const given = this.value(value, names);
    place.write(arithmetic(operator.slice(0, -1), old, given, this.library));
  }

  protected target(target: Expression, names: Names): Assignment {
    if (target.kind === 'name') {
      const local = names.find(target.name);
      if (local !== undefined) {
        return {
          read: () => local.value,
          write: (value) => {
            local.value = value;
          },
        };
      }
      if (names.self !== undefined) return this.entry(names.self, target.name);
      return this.variable(target.name);
    }
    if (target.kind === 'member') {
      const { name } = target.member;
      if (target.object.kind !== 'this') return this.entry(this.value(target.object, names), name);
      return names.self === undefined ? this.variable(name) : this.entry(names.self, name);
    }
    if (target.kind !== 'index') throw new Error(`no target: ${target.kind}`);
    const object = this.value(target.object, names);
    return this.entry(object, this.value(target.key, names));
  }

  protected entry(object: RefValue, key: RefValue): Assignment {
    return {
      read: () => this.library.index(object, key),
      write: (value) => this.library.store(object, key, value),
    };
  }

  protected variable(name: string): Assignment {
    return {
      read: () => this.readState(name),
      write: (value) => this.assignState(name, value),
    };
  }

  /** One round of a loop; whether it was the last. */
  protected round(body: Block, names: Names): boolean {
    try {
      this.block(body, names);
      return false;
    } catch (way) {
      if (!(way instanceof Left)) throw way;
      return way.kind === 'break';
    }
  }

  protected forEach(
    { key, value, iterable, body }: Extract<Statement, { kind: 'forEach' }>,
    names: Names,
  ): void {
    const source = this.value(iterable, names);
    const isKey = key === undefined && this.library.isWalkedByKey(source);
    for (const [at, item] of this.library.walk(source)) {
      const round = new Names(names);
      if (key !== undefined) round.declare(key.name, at);
      round.declare(value.name, isKey ? at : item);
      if (this.round(body, round)) return;
    }
  }

  /** What a body that fails did is taken back; its failure goes to the handler, or on behind the `finally`. */
  protected try(
    { body, error, handler, cleanup }: Extract<Statement, { kind: 'try' }>,
    names: Names,
  ): void {
    let way = this.attempt(() => this.block(body, names));
    if (way instanceof Reverted && handler !== undefined) {
      const inner = new Names(names);
      if (error !== undefined) inner.declare(error.name, way.caught);
      const isGuarded = cleanup !== undefined;
      if (!isGuarded) {
        this.block(handler, inner);
        return;
      }
      way = this.attempt(() => this.block(handler, inner));
    }
    if (cleanup !== undefined) this.block(cleanup, names);
    // Failures of one text are one failure to who throws them again: the last of them.
    if (way instanceof Reverted) throw this.thrown(way.caught);
    if (way !== undefined) throw way;
  }

  /** How the body is left, when not at its end: a failure, of which nothing is left, or a jump. */
  protected attempt(body: () => void): Left | Returned | Reverted | undefined {
    const { state } = this.world;
    const mark = state.mark();
    const { isStatic } = state;
    try {
      body();
      return undefined;
    } catch (way) {
      if (way instanceof Left || way instanceof Returned) return way;
      if (!(way instanceof Reverted)) throw way;
      state.rollback(mark);
      state.isStatic = isStatic;
      this.#caught.push(way);
      if (this.#caught.length > REMEMBERED) this.#caught.shift();
      return way;
    }
  }

  protected thrown(value: RefValue): Reverted {
    const again = this.#caught.findLast(({ caught }) => caught === value);
    return again ?? new Reverted(encodeErrorString(this.library.text(value)), value);
  }

  /** Of `require` and `revert`: nothing, a message, or a declared error with its values. */
  protected failure(message: Expression | undefined, names: Names): Reverted {
    if (message === undefined) return silent();
    if (message.kind === 'call' && message.callee.kind === 'name') {
      const { name } = message.callee;
      const error = this.contract.container.errors.find((candidate) => candidate.name === name);
      if (error !== undefined) {
        const values = message.arguments.map((value) => this.value(value, names));
        return declaredError(error, values, this.world.state);
      }
    }
    const value = this.value(message, names);
    return value === null ? silent() : failedWith(this.library.text(value));
  }

  protected body(block: Block, names: Names): RefValue {
    try {
      this.block(block, names);
      return null;
    } catch (way) {
      if (way instanceof Returned) return way.value;
      throw way;
    }
  }
}

function declaredError(
  { name, fields }: { readonly name: string; readonly fields: readonly AbiField[] },
  values: readonly RefValue[],
  state: RefState,
): Reverted {
  const encodable = fields.map((field, index) =>
    toAbiValue(field, state.copy(values[index] ?? null)),
  );
  const data = concatBytes(
    functionSelector(name, fields),
    encodeAbi(fields.map(abiTypeOf), encodable),
  );
  const entries = fields.map((field, index) => [field.name, values[index] ?? null] as const);
  return new Reverted(data, RefMap.of([['error', name], ...entries]));
}
