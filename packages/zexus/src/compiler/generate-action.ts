import { unreachable } from '@lucerna/base';
import type { Constant, SourcePlace } from '../bytecode/container.ts';
import type { Instruction } from '../bytecode/opcodes.ts';
import { Assembler, type ConstantPool, type Label } from './assembler.ts';
import { hexBytes } from './hex-literals.ts';
import { literalInteger } from './literal-range.ts';
import type { SourcePlaces } from './source-places.ts';
import type {
  Action,
  BinaryExpression,
  Expression,
  Statement,
  StateReference,
  StoreStatement,
} from './tree.ts';

/** The code of one action, and what the machine's limits count of it. */
export type GeneratedCode = {
  readonly code: readonly Instruction[];
  readonly maxStackDepth: number;
  /** Names of the variables that the compiler added. */
  readonly temporaries: readonly string[];
  /** Where it comes from; empty when that is not asked for. */
  readonly places: readonly SourcePlace[];
};

type Loop = { readonly start: Label; readonly end: Label };

const OPERATIONS: Readonly<Record<BinaryExpression['operator'], string>> = {
  '+': 'ADD',
  '-': 'SUB',
  '*': 'MUL',
  '/': 'DIV',
  '%': 'MOD',
  '**': 'POW',
  '==': 'EQ',
  '!=': 'NEQ',
  '<': 'LT',
  '>': 'GT',
  '<=': 'LTE',
  '>=': 'GTE',
};

/**
 * Turns the statements of one action into stack code. Operands are evaluated from left to right. The
 * only thing computed at compile time is the sign of a written integer; besides, a written `true` or
 * `false` as a condition takes no test, and what cannot be reached is left out. With `places` it also
 * says where the code comes from.
 */
export function generateAction(
  initials: readonly StoreStatement[],
  { body, bodySpan }: Pick<Action, 'body' | 'bodySpan'>,
  pool: ConstantPool,
  places: SourcePlaces | undefined,
): GeneratedCode {
  const generator = new ActionGenerator(pool, places);
  generator.statements(initials);
  generator.statements(body);
  return generator.finish(bodySpan.end - 1);
}

class ActionGenerator {
  readonly #assembler = new Assembler();
  readonly #pool: ConstantPool;
  readonly #loops: Loop[] = [];
  readonly #temporaries: string[] = [];
  readonly #places: SourcePlaces | undefined;
  /** Where the statement begins whose code is generated. */
  #statementStart = 0;

  constructor(pool: ConstantPool, places: SourcePlaces | undefined) {
    this.#pool = pool;
    this.#places = places;
  }

  /** @param end offset of the end of the body, to which what it returns without a word belongs */
  finish(end: number): GeneratedCode {
    this.#assembler.place = this.#places?.of(end, end);
    this.#constant({ kind: 'null' });
    this.#assembler.emit('RETURN');
    return {
      code: this.#assembler.finish(),
      maxStackDepth: this.#assembler.maxDepth,
      temporaries: this.#temporaries,
      places: this.#assembler.places,
    };
  }

  statements(statements: readonly Statement[]): void {
    for (const statement of statements) this.#statement(statement);
  }

  #statement(statement: Statement): void {
    const assembler = this.#assembler;
    const [outerStart, outerPlace] = [this.#statementStart, assembler.place];
    const { start } = statement.span;
    this.#statementStart = start;
    assembler.place = this.#places?.of(start, start);
    this.#statementCode(statement);
    this.#statementStart = outerStart;
    assembler.place = outerPlace;
  }

  #statementCode(statement: Statement): void {
    switch (statement.kind) {
      case 'store':
        this.#store(statement);
        return;
      case 'if':
        this.#if(statement);
        return;
      case 'while':
        this.#while(statement);
        return;
      case 'return':
        this.#valueOrNull(statement.value);
        this.#assembler.emit('RETURN');
        return;
      case 'require':
        this.#require(statement);
        return;
      case 'revert':
        this.#valueOrNull(statement.message);
        this.#assembler.emit('REVERT');
        return;
      case 'emit': {
        const { event, arguments: values } = statement;
        for (const value of values) this.#value(value);
        this.#assembler.emit('EMIT', [event.index, values.length], values.length);
        return;
      }
      case 'break':
      case 'continue': {
        const loop = this.#loops.at(-1);
        if (loop === undefined) return;
        this.#assembler.jump('JUMP', statement.kind === 'break' ? loop.end : loop.start);
        return;
      }
      case 'evaluate':
        this.#value(statement.expression);
        this.#assembler.emit('POP');
        return;
      default:
        unreachable(statement);
    }
  }

  #if({ condition, then, otherwise }: Extract<Statement, { kind: 'if' }>): void {
    const assembler = this.#assembler;
    const otherwiseLabel = assembler.newLabel();
    this.#jump(condition, otherwiseLabel, false);
    this.statements(then);
    if (otherwise.length === 0) {
      assembler.bind(otherwiseLabel);
      return;
    }
    const end = assembler.newLabel();
    assembler.jump('JUMP', end);
    assembler.bind(otherwiseLabel);
    this.statements(otherwise);
    assembler.bind(end);
  }

  #while({ condition, body }: Extract<Statement, { kind: 'while' }>): void {
    const assembler = this.#assembler;
    const loop: Loop = { start: assembler.newLabel(), end: assembler.newLabel() };
    if (!assembler.isReachable) return;
    assembler.bind(loop.start);
    this.#jump(condition, loop.end, false);
    this.#loops.push(loop);
    this.statements(body);
    this.#loops.pop();
    assembler.jump('JUMP', loop.start);
    assembler.bind(loop.end);
  }

  /** A message that is more than a written text is evaluated only when the condition is false. */
  #require({ condition, message }: Extract<Statement, { kind: 'require' }>): void {
    const assembler = this.#assembler;
    if (message === undefined || message.kind === 'literal') {
      this.#value(condition);
      this.#valueOrNull(message);
      assembler.emit('REQUIRE');
      return;
    }
    const holds = assembler.newLabel();
    this.#jump(condition, holds, true);
    this.#value(message);
    assembler.emit('REVERT');
    assembler.bind(holds);
  }

  #store({ target, operator, value }: StoreStatement): void {
    const assembler = this.#assembler;
    if (target.kind === 'local' || target.keys.length === 0) {
      if (operator !== undefined) this.#value(target);
      this.#value(value);
      if (operator !== undefined) assembler.emit(OPERATIONS[operator]);
      if (target.kind === 'local') assembler.emit('STORE_NAME', [this.#name(target.local.name)]);
      else assembler.emit('STATE_WRITE', [this.#name(target.variable.name)]);
      return;
    }
    const map = this.#name(target.variable.name);
    const count = target.keys.length;
    if (operator === undefined) {
      for (const key of target.keys) this.#value(key);
      this.#value(value);
    } else {
      this.#keysTwice(target);
      assembler.emit('MAP_READ', [map, count], count);
      this.#value(value);
      assembler.emit(OPERATIONS[operator]);
    }
    assembler.emit('MAP_WRITE', [map, count], count);
  }

  /** keys → keys keys, each evaluated once. The stack machine can copy one value, not several. */
  #keysTwice({ keys }: StateReference): void {
    const assembler = this.#assembler;
    if (keys.length === 1) {
      for (const key of keys) this.#value(key);
      assembler.emit('DUP');
      return;
    }
    const names = keys.map((_, position) => this.#temporary(position));
    for (const [position, key] of keys.entries()) {
      this.#value(key);
      assembler.emit('STORE_NAME', [names[position] as number]);
    }
    for (const name of [...names, ...names]) assembler.emit('LOAD_NAME', [name]);
  }

  /** A variable for a key; names with a dollar cannot be written in a source. */
  #temporary(position: number): number {
    const name = `$${position}`;
    if (!this.#temporaries.includes(name)) this.#temporaries.push(name);
    return this.#name(name);
  }

  #valueOrNull(expression: Expression | undefined): void {
    if (expression === undefined) this.#constant({ kind: 'null' });
    else this.#value(expression);
  }

  #value(expression: Expression): void {
    const assembler = this.#assembler;
    const outer = assembler.place;
    assembler.place = this.#places?.of(this.#statementStart, expression.span.start);
    this.#valueCode(expression);
    assembler.place = outer;
  }

  #valueCode(expression: Expression): void {
    const assembler = this.#assembler;
    switch (expression.kind) {
      case 'literal':
        this.#constant(literalConstant(expression.value));
        return;
      case 'hex': {
        const value = hexBytes(expression);
        this.#constant({ kind: expression.isAddress ? 'address' : 'bytes', value });
        return;
      }
      case 'local':
        assembler.emit('LOAD_NAME', [this.#name(expression.local.name)]);
        return;
      case 'state':
        this.#read(expression);
        return;
      case 'context':
        assembler.emit('TX_READ', [expression.field]);
        return;
      case 'builtin': {
        const { builtin, arguments: values } = expression;
        for (const value of values) this.#value(value);
        assembler.emit('CALL_BUILTIN', [this.#name(builtin.name), values.length], values.length);
        return;
      }
      case 'action': {
        const { action, arguments: values } = expression;
        for (const value of values) this.#value(value);
        assembler.emit('CALL_ACTION', [action.index, values.length], values.length);
        return;
      }
      case 'unary':
        this.#unary(expression);
        return;
      case 'binary':
        this.#value(expression.left);
        this.#value(expression.right);
        assembler.emit(OPERATIONS[expression.operator]);
        return;
      case 'logical':
        this.#logicalValue(expression);
        return;
      case 'invalid':
        // Nothing is generated from a text with errors.
        return;
      default:
        unreachable(expression);
    }
  }

  #read({ variable, keys }: StateReference): void {
    const name = this.#name(variable.name);
    for (const key of keys) this.#value(key);
    if (keys.length === 0) this.#assembler.emit('STATE_READ', [name]);
    else this.#assembler.emit('MAP_READ', [name, keys.length], keys.length);
  }

  #unary(expression: Extract<Expression, { kind: 'unary' }>): void {
    const written = literalInteger(expression);
    if (written !== undefined) {
      this.#constant({ kind: 'integer', value: written });
      return;
    }
    this.#value(expression.operand);
    this.#assembler.emit(expression.operator === '-' ? 'NEG' : 'NOT');
  }

  #logicalValue(expression: Expression): void {
    const assembler = this.#assembler;
    const isFalse = assembler.newLabel();
    const end = assembler.newLabel();
    this.#jump(expression, isFalse, false);
    this.#constant({ kind: 'boolean', value: true });
    assembler.jump('JUMP', end);
    assembler.bind(isFalse);
    this.#constant({ kind: 'boolean', value: false });
    assembler.bind(end);
  }

  /** Jumps when the truth of the expression is `when`, and goes on otherwise. */
  #jump(expression: Expression, target: Label, when: boolean): void {
    const assembler = this.#assembler;
    if (expression.kind === 'literal' && typeof expression.value === 'boolean') {
      if (expression.value === when) assembler.jump('JUMP', target);
      return;
    }
    if (expression.kind === 'unary' && expression.operator === '!') {
      this.#jump(expression.operand, target, !when);
      return;
    }
    if (expression.kind !== 'logical') {
      this.#value(expression);
      assembler.jump(when ? 'JUMP_IF_TRUE' : 'JUMP_IF_FALSE', target);
      return;
    }
    const { operator, left, right } = expression;
    const leftDecides = (operator === '||') === when;
    if (leftDecides) {
      this.#jump(left, target, when);
      this.#jump(right, target, when);
      return;
    }
    const end = assembler.newLabel();
    this.#jump(left, end, !when);
    this.#jump(right, target, when);
    assembler.bind(end);
  }

  /** The constant that names something; code that is left out needs none. */
  #name(name: string): number {
    if (!this.#assembler.isReachable) return 0;
    return this.#pool.indexOf({ kind: 'string', value: name });
  }

  #constant(constant: Constant): void {
    if (!this.#assembler.isReachable) return;
    this.#assembler.emit('LOAD_CONST', [this.#pool.indexOf(constant)]);
  }
}

function literalConstant(value: null | boolean | bigint | string): Constant {
  if (value === null) return { kind: 'null' };
  switch (typeof value) {
    case 'boolean':
      return { kind: 'boolean', value };
    case 'bigint':
      return { kind: 'integer', value };
    default:
      return { kind: 'string', value };
  }
}
