import type { Span } from './source.ts';

/** A source file: what it imports and what it declares, in order. */
export type Program = {
  readonly uses: readonly UseDeclaration[];
  readonly contracts: readonly ContractDeclaration[];
  readonly entities: readonly EntityDeclaration[];
  readonly enums: readonly EnumDeclaration[];
  readonly protocols: readonly ProtocolDeclaration[];
  /** Events and errors outside of contracts: each contract that uses one has it in its ABI. */
  readonly events: readonly EventDeclaration[];
  readonly errors: readonly ErrorDeclaration[];
  /** Actions outside of contracts: each contract that calls one has it as a private action. */
  readonly functions: readonly ActionDeclaration[];
  /** `const` and `let` outside of contracts. */
  readonly constants: readonly ConstantDeclaration[];
  /** `export { names }` */
  readonly exports: readonly Identifier[];
};

/** A name where it is written. */
export type Identifier = { readonly name: string; readonly span: Span };

/**
 * `use "file"`: every exported name; `use "file" as alias`: those names behind the alias and a dot;
 * `use { name, name as other } from "file"`.
 */
export type UseDeclaration = {
  readonly path: { readonly text: string; readonly span: Span };
  readonly alias: Identifier | undefined;
  readonly names: readonly UsedName[] | undefined;
  readonly span: Span;
};

export type UsedName = { readonly name: Identifier; readonly local: Identifier };

/** What can stand behind `export`, outside of contracts. A file that exports nothing exports all. */
type Exportable = { readonly isExported: boolean };

/** `contract Name implements Protocol { members }` */
export type ContractDeclaration = Exportable & {
  readonly name: Identifier;
  readonly protocols: readonly Identifier[];
  /** Variables of the state, in whichever of the five forms, in order. */
  readonly data: readonly DataDeclaration[];
  readonly actions: readonly ActionDeclaration[];
  readonly events: readonly EventDeclaration[];
  readonly errors: readonly ErrorDeclaration[];
  readonly modifiers: readonly ModifierDeclaration[];
  readonly entities: readonly EntityDeclaration[];
  readonly enums: readonly EnumDeclaration[];
  readonly constants: readonly ConstantDeclaration[];
  readonly span: Span;
};

/** A type as written: `integer`, `map<address, integer>`, `list<Order>`. `T[]` is `list<T>`. */
export type TypeReference = {
  readonly name: string;
  readonly arguments: readonly TypeReference[];
  readonly span: Span;
};

/**
 * A variable of the contract's state: `data name: type = initial`, `state name = initial`,
 * `state { name: initial, … }`, `persistent storage name = initial`, `ledger name = initial`,
 * `name: type = initial`. All mean the same.
 */
export type DataDeclaration = {
  readonly name: Identifier;
  readonly type: TypeReference | undefined;
  readonly initial: Expression | undefined;
  readonly span: Span;
};

/** `const name: type = value`: inlined where it is used. */
export type ConstantDeclaration = Exportable & {
  readonly name: Identifier;
  readonly type: TypeReference | undefined;
  readonly value: Expression;
  readonly span: Span;
};

/** `name: type` */
export type Parameter = {
  readonly name: Identifier;
  readonly type: TypeReference | undefined;
};

/** Words before or after `action`, each at most once. `secure`, `sealed`, `inline` change nothing. */
export type ActionModifier =
  | 'inline'
  | 'payable'
  | 'private'
  | 'public'
  | 'pure'
  | 'sealed'
  | 'secure'
  | 'view';

/** A modifier of the contract's own, at an action: `onlyOwner` or `onlyRole(ADMIN)`. */
export type AppliedModifier = {
  readonly name: Identifier;
  readonly arguments: readonly Expression[];
};

/**
 * `action name(parameters) -> result as other limit N onlyOwner { body }`; `init`, also written `constructor`,
 * runs once, at deployment. `function` is another word for `action`.
 */
export type ActionDeclaration = Exportable & {
  readonly name: Identifier;
  readonly parameters: readonly Parameter[];
  readonly result: TypeReference | undefined;
  readonly modifiers: readonly ActionModifier[];
  readonly applied: readonly AppliedModifier[];
  /** `limit N`: gas that one run may use. */
  readonly limit: { readonly value: bigint; readonly span: Span } | undefined;
  /** `as name`: what the action is called in the ABI, in place of what follows from its own name. */
  readonly exportedAs: Identifier | undefined;
  readonly body: Block;
  readonly span: Span;
};

/** `modifier name(parameters) { body }`; the statement `_` in its block stands for the action. */
export type ModifierDeclaration = {
  readonly name: Identifier;
  readonly parameters: readonly Parameter[];
  readonly body: Block;
  readonly span: Span;
};

/** `from: address indexed`, also `indexed from: address` and `address indexed from` */
export type EventField = Parameter & { readonly indexed: boolean };

/** `event Name(fields)` or `event Name { fields }` */
export type EventDeclaration = Exportable & {
  readonly name: Identifier;
  readonly fields: readonly EventField[];
  readonly span: Span;
};

/** `error Name(fields)` */
export type ErrorDeclaration = Exportable & {
  readonly name: Identifier;
  readonly fields: readonly Parameter[];
  readonly span: Span;
};

/** `name: type = initial` in an entity */
export type EntityField = {
  readonly name: Identifier;
  readonly type: TypeReference | undefined;
  readonly initial: Expression | undefined;
};

/** `entity Name { fields and actions }`, also `data Name { … }` */
export type EntityDeclaration = Exportable & {
  readonly name: Identifier;
  readonly fields: readonly EntityField[];
  readonly actions: readonly ActionDeclaration[];
  readonly span: Span;
};

/** `enum Name { A, B = 5, C }`: 0, 5, 6 */
export type EnumDeclaration = Exportable & {
  readonly name: Identifier;
  readonly members: readonly {
    readonly name: Identifier;
    readonly value: Expression | undefined;
  }[];
  readonly span: Span;
};

/** An action that a protocol asks for: `view action name(parameters) -> result` */
export type ProtocolAction = {
  readonly name: Identifier;
  readonly parameters: readonly Parameter[];
  readonly result: TypeReference | undefined;
  readonly modifiers: readonly ActionModifier[];
  /** As of an action. */
  readonly exportedAs: Identifier | undefined;
  readonly span: Span;
};

/** `protocol Name { actions }`, also `interface Name { … }` */
export type ProtocolDeclaration = Exportable & {
  readonly name: Identifier;
  readonly actions: readonly ProtocolAction[];
  readonly span: Span;
};

/** `{ statements }` */
export type Block = { readonly statements: readonly Statement[]; readonly span: Span };

/** What an assignment does with the old value; `=` takes none. */
export type AssignmentOperator = '=' | '+=' | '-=' | '*=' | '/=' | '%=' | '**=';

/** What a `let` declares: a name, `[a, b]`, or `{a, b: other}`. */
export type Pattern =
  | { readonly kind: 'name'; readonly name: Identifier; readonly type: TypeReference | undefined }
  | { readonly kind: 'list'; readonly names: readonly Identifier[]; readonly span: Span }
  | {
      readonly kind: 'map';
      readonly names: readonly { readonly key: Identifier; readonly local: Identifier }[];
      readonly span: Span;
    };

/** An arm of a `match`: several patterns, or none for `_` and `default`. */
export type MatchArm<Body> = {
  readonly patterns: readonly Expression[] | undefined;
  readonly body: Body;
  readonly span: Span;
};

export type Statement =
  | {
      readonly kind: 'let';
      readonly pattern: Pattern;
      /** `const`: assigning to the names is an error. */
      readonly isConstant: boolean;
      readonly value: Expression;
      readonly span: Span;
    }
  | {
      readonly kind: 'assign';
      /** A name, a member or an index, nested or not. */
      readonly target: Expression;
      readonly operator: AssignmentOperator;
      readonly value: Expression;
      readonly span: Span;
    }
  | {
      readonly kind: 'if';
      readonly condition: Expression;
      readonly then: Block;
      /** An `else if` is a block that holds only that `if`. */
      readonly otherwise: Block | undefined;
      readonly span: Span;
    }
  | {
      readonly kind: 'while';
      readonly condition: Expression;
      readonly body: Block;
      readonly span: Span;
    }
  /**
   * `for each value in iterable`, `for each key, value in iterable`; also without `each`. Of a map one
   * name is the key.
   */
  | {
      readonly kind: 'forEach';
      readonly key: Identifier | undefined;
      readonly value: Identifier;
      readonly iterable: Expression;
      readonly body: Block;
      readonly span: Span;
    }
  | {
      readonly kind: 'match';
      readonly subject: Expression;
      readonly arms: readonly MatchArm<Block>[];
      readonly span: Span;
    }
  /** At least one of `handler` and `cleanup` is there. */
  | {
      readonly kind: 'try';
      readonly body: Block;
      readonly error: Identifier | undefined;
      readonly handler: Block | undefined;
      /** `finally` */
      readonly cleanup: Block | undefined;
      readonly span: Span;
    }
  /** `tx { … }` */
  | { readonly kind: 'tx'; readonly body: Block; readonly span: Span }
  | { readonly kind: 'block'; readonly body: Block; readonly span: Span }
  | { readonly kind: 'throw'; readonly value: Expression; readonly span: Span }
  | { readonly kind: 'return'; readonly value: Expression | undefined; readonly span: Span }
  /** Also `verify`. The message may be a call of a declared error. */
  | {
      readonly kind: 'require';
      readonly condition: Expression;
      readonly message: Expression | undefined;
      readonly span: Span;
    }
  /** The message may be a call of a declared error: `revert NotOwner(caller)`. */
  | { readonly kind: 'revert'; readonly message: Expression | undefined; readonly span: Span }
  /** `emit Name(values)`, `emit file.Name { field: value }`; without either, no values. */
  | {
      readonly kind: 'emit';
      readonly event: Identifier;
      readonly arguments: readonly Expression[];
      /** Names of the arguments, where they are written; none or all. */
      readonly names: readonly Identifier[];
      readonly span: Span;
    }
  /** `emit("Name", data)` */
  | {
      readonly kind: 'emitValue';
      readonly event: Expression;
      readonly value: Expression | undefined;
      readonly span: Span;
    }
  | { readonly kind: 'break'; readonly span: Span }
  | { readonly kind: 'continue'; readonly span: Span }
  /** `_` in a modifier. */
  | { readonly kind: 'placeholder'; readonly span: Span }
  | { readonly kind: 'expression'; readonly expression: Expression; readonly span: Span };

/** Operators of two operands that evaluate both. */
export type BinaryOperator =
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | '**'
  | '=='
  | '!='
  | '<'
  | '>'
  | '<='
  | '>=';

/** Operators that evaluate the right operand only if the left one leaves the result open. */
export type LogicalOperator = '&&' | '||' | '??';

/** An entry of a map literal. A bare name as a key is the string of that name. */
export type MapLiteralEntry = { readonly key: Expression; readonly value: Expression };

export type Expression =
  | { readonly kind: 'integer'; readonly value: bigint; readonly span: Span }
  | { readonly kind: 'string'; readonly value: string; readonly span: Span }
  | { readonly kind: 'boolean'; readonly value: boolean; readonly span: Span }
  | { readonly kind: 'null'; readonly span: Span }
  /** `0x…`: an address or bytes, by the context; `text` has the digits as written, with prefix. */
  | { readonly kind: 'hex'; readonly text: string; readonly span: Span }
  /** `"… ${value} …"`: one text more than values, the empty ones too. */
  | {
      readonly kind: 'template';
      readonly texts: readonly string[];
      readonly values: readonly Expression[];
      readonly span: Span;
    }
  | { readonly kind: 'name'; readonly name: string; readonly span: Span }
  /** `this`, also written `self` before a dot. */
  | { readonly kind: 'this'; readonly span: Span }
  | { readonly kind: 'list'; readonly items: readonly Expression[]; readonly span: Span }
  | { readonly kind: 'map'; readonly entries: readonly MapLiteralEntry[]; readonly span: Span }
  | {
      readonly kind: 'member';
      readonly object: Expression;
      readonly member: Identifier;
      readonly span: Span;
    }
  | {
      readonly kind: 'index';
      readonly object: Expression;
      readonly key: Expression;
      readonly span: Span;
    }
  /** `object[start:end]`, either end left out */
  | {
      readonly kind: 'slice';
      readonly object: Expression;
      readonly start: Expression | undefined;
      readonly end: Expression | undefined;
      readonly span: Span;
    }
  | {
      readonly kind: 'call';
      readonly callee: Expression;
      readonly arguments: readonly Expression[];
      /** `callee{value: wei, gas: limit}(arguments)` */
      readonly options: readonly MapLiteralEntry[];
      readonly span: Span;
    }
  /** `Name{field: value}` */
  | {
      readonly kind: 'construct';
      readonly entity: Expression;
      readonly fields: readonly { readonly name: Identifier; readonly value: Expression }[];
      readonly span: Span;
    }
  /** `x => …`, `(x, y) => …`, `lambda(x) …`, `action(x) { … }`; an expression is a block that returns it. */
  | {
      readonly kind: 'function';
      readonly parameters: readonly Parameter[];
      readonly body: Block;
      readonly span: Span;
    }
  | {
      readonly kind: 'conditional';
      readonly condition: Expression;
      readonly then: Expression;
      readonly otherwise: Expression;
      readonly span: Span;
    }
  | {
      readonly kind: 'match';
      readonly subject: Expression;
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
    };
