import type * as Ast from '../syntax/ast.ts';
import type { DiagnosticSink } from '../syntax/diagnostics.ts';
import type { SourceFile } from '../syntax/source.ts';
import type { Constants } from './constants.ts';
import type { DeclaredOf, NameScope } from './names.ts';
import type {
  Action,
  Entity,
  EntityField,
  ErrorDefinition,
  Event,
  Local,
  Protocol,
  ProtocolAction,
  Variable,
} from './tree.ts';

/** What can be called at an address: a protocol, or a contract in its place. */
export type Callable = DeclaredOf<'contract'> | DeclaredOf<'protocol'>;

/** A protocol in a contract's code; its actions are added when their types are known. */
export type CallableProtocol = {
  readonly declared: Callable;
  readonly protocol: Protocol;
  readonly actions: Map<string, ProtocolAction>;
};

/** An entity in a contract's code; its fields and actions are added when it is first looked into. */
export type ContractEntity = {
  readonly declared: DeclaredOf<'entity'>;
  readonly entity: Entity;
  readonly fields: EntityField[];
  readonly actions: Map<string, Action>;
  state: 'begun' | 'complete' | 'named';
};

/** A variable of an action and the parameter of a function as a value that stands for it there. */
export type Capture = { readonly outer: Local; readonly inner: Local };

/** What a body belongs to, which decides what `this` and bare names mean in it. */
export type BodyPlace = 'contract' | 'entity' | 'function' | 'initial' | 'modifier';

/** A body whose names have to be resolved. */
export type Body = {
  readonly action: Action;
  readonly block: Ast.Block;
  readonly scope: NameScope;
  readonly place: BodyPlace;
  /** Whose action it is. */
  readonly entity?: ContractEntity;
  /** What returns nothing, in words, when the action may not return a value. */
  readonly noResult?: string | undefined;
  /** Called when it is resolved. */
  readonly finish?: () => void;
};

/**
 * Everything that is known about one contract while its names are resolved. Entities, protocols and
 * functions from outside belong to it once it uses them, each contract having its own: inference finds
 * their types from what that contract does.
 */
export class ContractContext {
  readonly declaration: Ast.ContractDeclaration;
  readonly source: SourceFile;
  /** The names in the contract: its own, then those of its file. */
  readonly scope: NameScope;
  readonly sink: DiagnosticSink;
  readonly constants: Constants;
  readonly variables: Map<string, Variable> = new Map();
  /** Actions that the source calls by `this.` and their name. */
  readonly actions: Map<string, Action> = new Map();
  /** All other actions, in the order in which they are needed. */
  readonly added: Action[] = [];
  /** Those of the contract, then those from outside that it uses. */
  readonly events: Map<string, Event> = new Map();
  readonly errors: Map<string, ErrorDefinition> = new Map();
  /** What declarations outside of contracts are among them. */
  readonly outerEvents: Map<DeclaredOf<'event'>, Event> = new Map();
  readonly outerErrors: Map<DeclaredOf<'error'>, ErrorDefinition> = new Map();
  readonly modifiers: Map<string, Ast.ModifierDeclaration> = new Map();
  readonly entities: Map<DeclaredOf<'entity'>, ContractEntity> = new Map();
  readonly protocols: Map<Callable, CallableProtocol> = new Map();
  readonly functions: Map<DeclaredOf<'function'>, Action> = new Map();
  readonly captures: Capture[] = [];
  /** Bodies that are still to be resolved. */
  readonly bodies: Body[] = [];
  /** The code of a file that no contract uses is looked at as well: it may use what a contract has. */
  readonly isLibrary: boolean;
  readonly #actionNames = new Set<string>();
  readonly #typeNames = new Set<string>();
  #lambdas = 0;

  constructor(
    { declaration, scope }: DeclaredOf<'contract'>,
    inner: NameScope,
    constants: Constants,
    sink: DiagnosticSink,
    isLibrary = false,
  ) {
    this.declaration = declaration;
    this.source = scope.source;
    this.scope = inner;
    this.constants = constants;
    this.sink = sink;
    this.isLibrary = isLibrary;
  }

  /** Keeps names for actions that are declared under them. */
  reserveActionNames(names: Iterable<string>): void {
    for (const name of names) this.#actionNames.add(name);
  }

  /** A name for an added action that no other has. */
  actionName(wanted: string): string {
    return uniqueName(wanted, this.#actionNames, '');
  }

  /** A name for a function as a value. */
  lambdaName(): string {
    this.#lambdas += 1;
    return this.actionName(`__lambda${this.#lambdas}`);
  }

  /** A name for an entity or a protocol; two files can have one of the same name. */
  typeName(wanted: string): string {
    return uniqueName(wanted, this.#typeNames, '#');
  }

  /** Adds an action and its body, which is resolved later. */
  add(action: Action, body: Omit<Body, 'action'>): void {
    this.added.push(action);
    this.bodies.push({ action, ...body });
  }
}

/** `wanted`, or with the first number from 2 on that makes it a name that is not taken; takes it. */
export function uniqueName(wanted: string, taken: Set<string>, separator: string): string {
  let name = wanted;
  for (let number = 2; taken.has(name); number += 1) name = `${wanted}${separator}${number}`;
  taken.add(name);
  return name;
}
