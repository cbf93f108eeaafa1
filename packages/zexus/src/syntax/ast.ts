import type { Span } from './source.ts';

/** A source file: its contracts in order. */
export type Program = {
  readonly contracts: readonly ContractDeclaration[];
};

/** A name where it is written. */
export type Identifier = { readonly name: string; readonly span: Span };

/** `contract Name { members }` */
export type ContractDeclaration = {
  readonly name: Identifier;
  readonly data: readonly DataDeclaration[];
  readonly actions: readonly ActionDeclaration[];
  readonly events: readonly EventDeclaration[];
  readonly span: Span;
};

/** A type as written: `integer`, `map<address, integer>`, `bytes32`. */
export type TypeReference = {
  readonly name: string;
  readonly arguments: readonly TypeReference[];
  readonly span: Span;
};

/** `data name: type = initial`: a variable of the contract's state. */
export type DataDeclaration = {
  readonly name: Identifier;
  readonly type: TypeReference | undefined;
  readonly initial: Expression | undefined;
  readonly span: Span;
};

/** `name: type` */
export type Parameter = {
  readonly name: Identifier;
  readonly type: TypeReference | undefined;
};

/** `private`, `view`, `payable`; words before or after `action`, each at most once. */
export type ActionModifier = 'private' | 'payable' | 'public' | 'view';

/**
 * `action name(parameters) -> result { body }`; the action `init`, also written `constructor`, runs
 * once, at deployment.
 */
export type ActionDeclaration = {
  readonly name: Identifier;
  readonly parameters: readonly Parameter[];
  readonly result: TypeReference | undefined;
  readonly modifiers: readonly ActionModifier[];
  readonly body: Block;
  readonly span: Span;
};

/** `from: address indexed` */
export type EventField = Parameter & { readonly indexed: boolean };

/** `event Name(fields)` */
export type EventDeclaration = {
  readonly name: Identifier;
  readonly fields: readonly EventField[];
  readonly span: Span;
};

/** `{ statements }` */
export type Block = { readonly statements: readonly Statement[]; readonly span: Span };

/** What an assignment does with the old value; `=` takes none. */
export type AssignmentOperator = '=' | '+=' | '-=' | '*=' | '/=' | '%=' | '**=';

export type Statement =
  | {
      readonly kind: 'let';
      readonly name: Identifier;
      readonly type: TypeReference | undefined;
      readonly value: Expression;
      readonly span: Span;
    }
  | {
      readonly kind: 'assign';
      /** A name, `this.name`, or an index of one of those, nested or not. */
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
      readonly event: Identifier;
      readonly arguments: readonly Expression[];
      readonly span: Span;
    }
  | { readonly kind: 'break'; readonly span: Span }
  | { readonly kind: 'continue'; readonly span: Span }
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
export type LogicalOperator = '&&' | '||';

export type Expression =
  | { readonly kind: 'integer'; readonly value: bigint; readonly span: Span }
  | { readonly kind: 'string'; readonly value: string; readonly span: Span }
  | { readonly kind: 'boolean'; readonly value: boolean; readonly span: Span }
  | { readonly kind: 'null'; readonly span: Span }
  /** `0x…`: an address or bytes, by the context; `text` has the digits as written, with prefix. */
  | { readonly kind: 'hex'; readonly text: string; readonly span: Span }
  | { readonly kind: 'name'; readonly name: string; readonly span: Span }
  /** `this`, also written `self` before a dot. */
  | { readonly kind: 'this'; readonly span: Span }
  /** `{}`: the empty map, as an initial value. */
  | { readonly kind: 'emptyMap'; readonly span: Span }
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
  | {
      readonly kind: 'call';
      readonly callee: Expression;
      readonly arguments: readonly Expression[];
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
