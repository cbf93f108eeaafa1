import type { StateShape } from '../layout/schema.ts';
import type { BinaryOperator, LogicalOperator } from '../syntax/ast.ts';
import type { SourceFile, Span } from '../syntax/source.ts';
import type { BuiltinSignature } from './builtin-signatures.ts';
import type { ScalarType, StaticType, TypeVariable } from './types.ts';

/** A parameter, a variable of a `let`, a loop or a `catch`, or one that the compiler has added. */
export type Local = {
  /** Unique among the variables of its action; what the source calls it, or `$` and a number. */
  readonly name: string;
  readonly span: Span;
  readonly types: TypeVariable;
  readonly isParameter: boolean;
  /** `const`: only its declaration assigns to it. */
  readonly isConstant: boolean;
  /** Whether anything reads it; a compound assignment alone does not count. */
  isRead: boolean;
  /** Whether anything but its declaration assigns to it. */
  isReassigned: boolean;
  /** Whether a function as a value uses it. With `isReassigned`, its value is in a list of one item. */
  isCaptured: boolean;
  /** A comparison of it with null, found by inference. */
  nullComparison: Span | undefined;
};

/** Whether a variable is shared with functions as values, and so is kept in a list of one item. */
export function isBoxed({ isCaptured, isReassigned }: Local): boolean {
  return isCaptured && isReassigned;
}

/** A variable of the state. */
export type Variable = {
  readonly name: string;
  readonly span: Span;
  /** Position among the contract's variables. */
  readonly index: number;
  readonly types: TypeVariable;
  /** How it is stored: decided when inference has ended. */
  shape: StateShape;
};

/** An event: declared, or first emitted without a declaration. */
export type Event = {
  readonly name: string;
  readonly span: Span;
  /** The file that declares it. */
  readonly source: SourceFile;
  readonly index: number;
  readonly isDeclared: boolean;
  readonly fields: readonly EventField[];
};

export type EventField = {
  readonly name: string;
  readonly types: TypeVariable;
  readonly isIndexed: boolean;
};

/** A declared error. */
export type ErrorDefinition = {
  readonly name: string;
  readonly span: Span;
  /** The file that declares it. */
  readonly source: SourceFile;
  readonly index: number;
  readonly fields: readonly { readonly name: string; readonly types: TypeVariable }[];
};

/** Plain data with named fields: a map with the names as keys while it runs. */
export type Entity = {
  readonly name: string;
  readonly span: Span;
  readonly fields: readonly EntityField[];
  /** Its actions, whose first parameter is the entity, `this` in the source. */
  readonly actions: ReadonlyMap<string, Action>;
};

export type EntityField = {
  readonly name: string;
  readonly span: Span;
  readonly types: TypeVariable;
  /** Resolved where there is nothing but constants and builtins; undefined where null is meant. */
  readonly initial: Expression | undefined;
};

/** The actions that a contract promises: of a `protocol`, or of a contract that is called. */
export type Protocol = {
  readonly name: string;
  readonly span: Span;
  readonly actions: ReadonlyMap<string, ProtocolAction>;
};

export type ProtocolAction = {
  readonly name: string;
  readonly span: Span;
  readonly exportedAs: string;
  readonly parameters: readonly { readonly name: string; readonly types: TypeVariable }[];
  /** Undefined when it returns nothing. */
  readonly result: TypeVariable | undefined;
  /** A view or pure. */
  readonly isView: boolean;
  readonly isPayable: boolean;
};

/** Something an action does that a view must not do, in words that follow "it". */
export type Write = { readonly what: string; readonly span: Span };

/** A call of a sibling action. */
export type ActionCall = { readonly target: Action; readonly span: Span };

/** An action with its names resolved. The arrays are filled while its body is resolved. */
export type Action = {
  readonly name: string;
  readonly span: Span;
  /** The file of its text. */
  readonly source: SourceFile;
  /** Position among the contract's actions; given when all of them are known. */
  index: number;
  readonly isInit: boolean;
  readonly isExported: boolean;
  /** What it is called in the ABI, if exported, where the source says so. */
  readonly exportedAs: string | undefined;
  readonly isView: boolean;
  readonly isPure: boolean;
  readonly isPayable: boolean;
  /** What the contract runs when no function is called: see `Container`. */
  readonly entryPoint: 'fallback' | 'receive' | undefined;
  /** Added by the compiler: a function as a value, part of a modifier, a library of its own. */
  readonly isHidden: boolean;
  /** No action of the contract itself: of an entity, or a function of a file. */
  readonly isInner: boolean;
  readonly gasLimit: number | undefined;
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
  /** Reads of the state and of the call's circumstances, which a pure action must not do. */
  readonly reads: Write[];
  readonly valueReads: Span[];
};

/** A contract with its names resolved: what inference and code generation work on. */
export type Contract = {
  readonly name: string;
  readonly span: Span;
  readonly source: SourceFile;
  readonly variables: readonly Variable[];
  readonly events: readonly Event[];
  readonly errors: readonly ErrorDefinition[];
  readonly entities: ReadonlyMap<string, Entity>;
  readonly protocols: ReadonlyMap<string, Protocol>;
  /** Names of the protocols that it promises to keep to, with their place. */
  readonly implemented: readonly { readonly protocol: Protocol; readonly span: Span }[];
  /** Those of the source in its order, then hidden ones. */
  readonly actions: readonly Action[];
  /** What sets the state at deployment, in the order of the declarations. */
  readonly initials: readonly StoreStatement[];
};

export type LocalReference = {
  readonly kind: 'local';
  readonly local: Local;
  readonly span: Span;
};

/** A place in the state: a variable, or what the keys lead to within it. */
export type StateReference = {
  readonly kind: 'state';
  readonly variable: Variable;
  readonly keys: readonly Expression[];
  readonly span: Span;
};

/** An entry of a value: `object[key]`, and `object.name` with the name as the key. */
export type IndexReference = {
  readonly kind: 'index';
  readonly object: Expression;
  readonly key: Expression;
  /** Written with a dot. */
  readonly isMember: boolean;
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

/**
 * `object.name(arguments)` where the object is no `this`: a method of a text, list or map, an action of
 * an entity, or a call of another contract; typing finds out which.
 */
export type MethodCall = {
  readonly kind: 'method';
  readonly object: Expression;
  readonly name: string;
  readonly nameSpan: Span;
  readonly arguments: readonly Expression[];
  /** Wei and gas of a call of a contract. */
  readonly value: Expression | undefined;
  readonly gas: Expression | undefined;
  readonly span: Span;
  /** The action that is called: of a contract whose protocol is known, or of an entity. */
  target: ProtocolAction | Action | undefined;
};

/** A call of the contract at an address, by name: `contract_call`, `static_call`, `delegate_call`. */
export type ContractCallExpression = {
  readonly kind: 'contractCall';
  readonly callKind: 'call' | 'delegate' | 'static';
  readonly target: Expression;
  /** A name, or a signature of the ABI; null for raw calldata. */
  readonly signature: Expression;
  /** A list; bytes for raw calldata. */
  readonly arguments: Expression;
  readonly value: Expression | undefined;
  readonly gas: Expression | undefined;
  readonly span: Span;
};

export type FunctionExpression = {
  readonly kind: 'function';
  /** A hidden action; its first parameters are the captured variables. */
  readonly action: Action;
  /** The variables of the action around it, in the order of those parameters. */
  readonly captures: readonly Local[];
  readonly span: Span;
};

/** An arm of a `match`: several patterns, or none for what is left. */
export type MatchArm<Body> = {
  readonly patterns: readonly Expression[] | undefined;
  readonly body: Body;
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
  | IndexReference
  /** A field of the call's circumstances: an operand of TX_READ. */
  | {
      readonly kind: 'context';
      readonly field: number;
      readonly type: ScalarType;
      readonly span: Span;
    }
  | { readonly kind: 'list'; readonly items: readonly Expression[]; readonly span: Span }
  /** Also an entity, whose values are then those of all its fields in order. */
  | {
      readonly kind: 'map';
      readonly entries: readonly { readonly key: Expression; readonly value: Expression }[];
      readonly entity: Entity | undefined;
      readonly span: Span;
    }
  | {
      readonly kind: 'slice';
      readonly object: Expression;
      readonly start: Expression | undefined;
      readonly end: Expression | undefined;
      readonly span: Span;
    }
  | {
      readonly kind: 'builtin';
      readonly builtin: BuiltinSignature;
      readonly arguments: readonly Expression[];
      readonly span: Span;
    }
  /** An operation of the machine that the language writes like a function, such as `merkle_root`. */
  | {
      readonly kind: 'operation';
      readonly opcode: 'HASH_BLOCK' | 'MERKLE_ROOT' | 'VERIFY_SIGNATURE' | 'BUILD_SET';
      readonly arguments: readonly Expression[];
      readonly result: StaticType;
      readonly span: Span;
    }
  | ActionCallExpression
  | MethodCall
  | ContractCallExpression
  | FunctionExpression
  /** A call of a function as a value. */
  | {
      readonly kind: 'invoke';
      readonly callee: Expression;
      readonly arguments: readonly Expression[];
      readonly span: Span;
    }
  /** `Protocol(address)`: the same address, whose actions are known. */
  | {
      readonly kind: 'cast';
      readonly protocol: Protocol;
      readonly value: Expression;
      readonly span: Span;
    }
  | {
      readonly kind: 'conditional';
      readonly condition: Expression;
      readonly then: Expression;
      readonly otherwise: Expression;
      readonly span: Span;
    }
  /** The subject is a local variable that the compiler has added, set by `prepare`. */
  | {
      readonly kind: 'match';
      readonly prepare: StoreStatement;
      readonly subject: LocalReference;
      readonly arms: readonly MatchArm<Expression>[];
      readonly span: Span;
    }
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
  readonly target: LocalReference | StateReference | IndexReference;
  readonly operator: BinaryOperator | undefined;
  readonly value: Expression;
  readonly span: Span;
};

/** Why a `require` or a `revert` fails: a message, or a declared error with its values. */
export type Reason =
  | { readonly kind: 'message'; readonly message: Expression }
  | {
      readonly kind: 'error';
      readonly error: ErrorDefinition;
      readonly arguments: readonly Expression[];
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
  /** Without `key`, `value` is an item of a list, a text or bytes, or a key of a map. */
  | {
      readonly kind: 'forEach';
      readonly key: Local | undefined;
      readonly value: Local;
      readonly iterable: Expression;
      readonly body: readonly Statement[];
      readonly span: Span;
    }
  | {
      readonly kind: 'match';
      readonly prepare: StoreStatement;
      readonly subject: LocalReference;
      readonly arms: readonly MatchArm<readonly Statement[]>[];
      readonly span: Span;
    }
  /** What the body does to state, balances and logs is taken back before the handler runs. */
  | {
      readonly kind: 'try';
      readonly body: readonly Statement[];
      readonly error: Local | undefined;
      readonly handler: readonly Statement[] | undefined;
      readonly cleanup: readonly Statement[];
      readonly span: Span;
    }
  | { readonly kind: 'tx'; readonly body: readonly Statement[]; readonly span: Span }
  | { readonly kind: 'throw'; readonly value: Expression; readonly span: Span }
  | { readonly kind: 'return'; readonly value: Expression | undefined; readonly span: Span }
  | {
      readonly kind: 'require';
      readonly condition: Expression;
      readonly reason: Reason | undefined;
      readonly span: Span;
    }
  | { readonly kind: 'revert'; readonly reason: Reason | undefined; readonly span: Span }
  | {
      readonly kind: 'emit';
      readonly event: Event;
      readonly arguments: readonly Expression[];
      readonly span: Span;
    }
  /** A log that no event declares: EMIT_EVENT. */
  | {
      readonly kind: 'emitValue';
      readonly name: string;
      readonly value: Expression;
      readonly span: Span;
    }
  /** An operation of the machine without a result, such as `ledger_append(value)`. */
  | {
      readonly kind: 'operation';
      readonly opcode: 'AUDIT_LOG' | 'LEDGER_APPEND';
      readonly arguments: readonly Expression[];
      readonly span: Span;
    }
  | { readonly kind: 'gasCharge'; readonly amount: number; readonly span: Span }
  | { readonly kind: 'break' | 'continue'; readonly span: Span }
  | { readonly kind: 'evaluate'; readonly expression: Expression; readonly span: Span };
