import { present } from '@lucerna/base';
import type { Constant } from '../bytecode/container.ts';
import type { Span } from '../syntax/source.ts';
import { Assembler, type ConstantPool, type Label } from './assembler.ts';
import type { SourcePlaces } from './source-places.ts';
import type { Action, Expression, Local, Statement } from './tree.ts';

/** What the code of all actions of a contract shares. */
export type ContractCode = {
  readonly pool: ConstantPool;
  /** Position of each action in the container. */
  readonly actionIndexes: ReadonlyMap<Action, number>;
  /** Of functions as values: how many of the first parameters are variables that they captured. */
  readonly captured: ReadonlyMap<Action, number>;
};

/** Appends code for any expression or statement: the parts of code generation reach each other so. */
export type Emitters = {
  /** Code that leaves the value of the expression on the stack. */
  readonly value: (context: ActionContext, expression: Expression) => void;
  readonly statement: (context: ActionContext, statement: Statement) => void;
};

/** What `return`, `break` and `continue` may have to leave. The innermost is the last. */
export type Scope =
  /** While `isIterating`, an iterator is on the stack from `start` on, and no longer at `end`. */
  | {
      readonly kind: 'loop';
      readonly start: Label;
      readonly end: Label;
      readonly isIterating: boolean;
    }
  | { readonly kind: 'try' }
  | { readonly kind: 'tx' }
  | FinallyScope;

/** A block that runs whichever way what is before it is left; its code is there once. */
export type FinallyScope = {
  readonly kind: 'finally';
  readonly start: Label;
  /** Variable with a number of {@link Way}. */
  readonly way: string;
  /** Variable with what is returned or thrown. */
  readonly kept: string;
  /** Those that lead to the block. */
  readonly ways: Set<Way>;
};

/** How the code goes on behind a `finally`; the number says which in a variable. */
export const WAYS: readonly ['onwards', 'throw', 'return', 'break', 'continue'] = [
  'onwards',
  'throw',
  'return',
  'break',
  'continue',
];

export type Way = (typeof WAYS)[number];

/** The code of one action as far as it is written, and what its parts share. */
export class ActionContext {
  readonly assembler: Assembler = new Assembler();
  readonly scopes: Scope[] = [];
  /** Variables of the action that were added here. */
  readonly temporaries: Set<string> = new Set();
  readonly #code: ContractCode;
  readonly #emitters: Emitters;
  readonly #places: SourcePlaces | undefined;
  readonly #taken: Set<string>;
  /** Of the statement whose code is written. */
  #statementSpan: Span = { start: 0, end: 0 };

  constructor(
    code: ContractCode,
    emitters: Emitters,
    locals: readonly Local[],
    places: SourcePlaces | undefined,
  ) {
    this.#code = code;
    this.#emitters = emitters;
    this.#places = places;
    this.#taken = new Set(locals.map(({ name }) => name));
  }

  statements(statements: readonly Statement[]): void {
    for (const statement of statements) this.#statement(statement);
  }

  #statement(statement: Statement): void {
    const { assembler } = this;
    const [outerSpan, outerPlace] = [this.#statementSpan, assembler.place];
    this.#statementSpan = statement.span;
    this.goTo(statement.span.start);
    this.#emitters.statement(this, statement);
    this.#statementSpan = outerSpan;
    assembler.place = outerPlace;
  }

  /** Leaves the value of the expression on the stack. */
  value(expression: Expression): void {
    this.within(expression.span, () => this.#emitters.value(this, expression));
  }

  /** What `emit` appends comes from a part of the statement. */
  within(part: Span, emit: () => void): void {
    const { assembler } = this;
    const outer = assembler.place;
    const { start, end } = this.#statementSpan;
    // What a constant or a field begins with stands elsewhere, perhaps in another file.
    const isInside = part.start >= start && part.start < end;
    assembler.place = this.#places?.of(start, isInside ? part.start : start);
    emit();
    assembler.place = outer;
  }

  values(expressions: readonly Expression[]): void {
    for (const expression of expressions) this.value(expression);
  }

  valueOrNull(expression: Expression | undefined): void {
    if (expression === undefined) this.constant({ kind: 'null' });
    else this.value(expression);
  }

  /** What is appended from now on comes from the offset in the source. */
  goTo(offset: number): void {
    this.assembler.place = this.#places?.of(offset, offset);
  }

  /** The constant that names something; code that is left out needs none. */
  name(name: string): number {
    if (!this.assembler.isReachable) return 0;
    return this.#code.pool.indexOf({ kind: 'string', value: name });
  }

  constant(constant: Constant): void {
    if (!this.assembler.isReachable) return;
    this.assembler.emit('LOAD_CONST', [this.#code.pool.indexOf(constant)]);
  }

  text(value: string): void {
    this.constant({ kind: 'string', value });
  }

  number(value: number): void {
    this.constant({ kind: 'integer', value: BigInt(value) });
  }

  load(variable: string): void {
    this.assembler.emit('LOAD_NAME', [this.name(variable)]);
  }

  store(variable: string): void {
    this.assembler.emit('STORE_NAME', [this.name(variable)]);
  }

  /** Position of an action in the container. */
  actionIndex(action: Action): number {
    return present(this.#code.actionIndexes.get(action), 'an action of the contract');
  }

  /** A variable until it is released; names with a dollar cannot be written in a source. */
  takeTemporary(): string {
    let number = 0;
    while (this.#taken.has(`$${number}`)) number += 1;
    const name = `$${number}`;
    this.#taken.add(name);
    this.temporaries.add(name);
    return name;
  }

  releaseTemporaries(names: readonly string[]): void {
    for (const name of names) this.#taken.delete(name);
  }
}
