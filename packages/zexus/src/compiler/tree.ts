import type { BinaryOperator, LogicalOperator } from '../syntax/ast.ts';
import type { Span } from '../syntax/source.ts';
import type { BuiltinSignature } from './builtin-signatures.ts';
import type { ScalarType, TypeVariable } from './types.ts';

/** A parameter or a variable of a `let`. */
export type Local = {
  readonly name: string;
  readonly span: Span;
  readonly types: TypeVariable;
  readonly isParameter: boolean;
  /** Whether anything reads it; a compound assignment alone does not count. */
  isRead: boolean;
  /** A comparison of it with null, found by inference. */
  nullComparison: Span | undefined;
};

/** A variable of the state. */
export type Variable = {
  readonly name: string;
  readonly span: Span;
  /** Position among the contract's variables. */
  readonly index: number;
  readonly types: TypeVariable;
};

/** A declared event. */
export type Event = {
  readonly name: string;
  readonly span: Span;
  readonly index: number;
  readonly fields: readonly EventField[];
};

export type EventField = {
  readonly name: string;
  readonly types: TypeVariable;
  readonly isIndexed: boolean;
};

/** Something an action does that a view must not do, in words that follow "it". */
export type Write = { readonly what: string; readonly span: Span };

/** A call of a sibling action. */
export type ActionCall = { readonly target: Action; readonly span: Span };

/** An action with its names resolved. The arrays are filled while its body is resolved. */
export type Action = {
  readonly name: string;
  readonly span: Span;
  readonly index: number;
  readonly isInit: boolean;
  readonly isExported: boolean;
  readonly isView: boolean;
  readonly isPayable: boolean;
  readonly parameters: readonly Local[];
  readonly result: TypeVariable;
  /** The span of the declared result; undefined when none is written. */
  readonly resultSpan: Span | undefined;
  /** Declares a result or returns a value somewhere. */
  returnsValue: boolean;
  /** The body's block, for messages about its end. */
  readonly bodySpan: Span;
  body: readonly Statement[];
  readonly locals: Local[];
  readonly calls: ActionCall[];
  readonly writes: Write[];
  readonly valueReads: Span[];
};

/** A contract with its names resolved: what inference and code generation work on. */
export type Contract = {
  readonly name: string;
  readonly span: Span;
  readonly variables: readonly Variable[];
  readonly events: readonly Event[];
  readonly actions: readonly Action[];
  /** What sets the state at deployment, in the order of the declarations. */
  readonly initials: readonly StoreStatement[];
};

export type LocalReference = {
  readonly kind: 'local';
  readonly local: Local;
  readonly span: Span;
};

/** A cell of the state: a variable, or the entry of a map that the keys lead to. */
export type StateReference = {
  readonly kind: 'state';
  readonly variable: Variable;
  readonly keys: readonly Expression[];
  readonly span: Span;
};

export type HexLiteral = {
  readonly kind: 'hex';
  readonly text: string;
  readonly span: Span;
  /** Decided by inference from where the literal stands. */
  isAddress: boolean;
};

export type ActionCallExpression = {
  readonly kind: 'action';
  readonly action: Action;
  readonly arguments: readonly Expression[];
  readonly span: Span;
};

export type Expression =
  | {
      readonly kind: 'literal';
      readonly value: null | boolean | bigint | string;
      readonly span: Span;
    }
  | HexLiteral
  | LocalReference
  | StateReference
  /** A field of the call's circumstances: an operand of TX_READ. */
  | {
      readonly kind: 'context';
      readonly field: number;
      readonly type: ScalarType;
      readonly span: Span;
    }
  | {
      readonly kind: 'builtin';
      readonly builtin: BuiltinSignature;
      readonly arguments: readonly Expression[];
      readonly span: Span;
    }
  | ActionCallExpression
  | {
      readonly kind: 'unary';
      readonly operator: '-' | '!';
      readonly operand: Expression;
      readonly span: Span;
    }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
      readonly span: Span;
    }
  | {
      readonly kind: 'logical';
      readonly operator: LogicalOperator;
      readonly left: Expression;
      readonly right: Expression;
      readonly span: Span;
    }
  /** What an error was reported for. */
  | { readonly kind: 'invalid'; readonly span: Span };

export type BinaryExpression = Extract<Expression, { kind: 'binary' }>;

/** `target = value`, or with an operator `target = target operator value`, keys evaluated once. */
export type StoreStatement = {
  readonly kind: 'store';
  readonly target: LocalReference | StateReference;
  readonly operator: BinaryOperator | undefined;
  readonly value: Expression;
  readonly span: Span;
};

export type Statement =
  | StoreStatement
  | {
      readonly kind: 'if';
      readonly condition: Expression;
      readonly then: readonly Statement[];
      readonly otherwise: readonly Statement[];
      readonly span: Span;
    }
  | {
      readonly kind: 'while';
      readonly condition: Expression;
      readonly body: readonly Statement[];
      readonly span: Span;
    }
  | { readonly kind: 'return'; readonly value: Expression | undefined; readonly span: Span }
  | {
      readonly kind: 'require';
      readonly condition: Expression;
      readonly message: Expression | undefined;
      readonly span: Span;
    }
  | { readonly kind: 'revert'; readonly message: Expression | undefined; readonly span: Span }
  | {
      readonly kind: 'emit';
      readonly event: Event;
      readonly arguments: readonly Expression[];
      readonly span: Span;
    }
  | { readonly kind: 'break' | 'continue'; readonly span: Span }
  | { readonly kind: 'evaluate'; readonly expression: Expression; readonly span: Span };
