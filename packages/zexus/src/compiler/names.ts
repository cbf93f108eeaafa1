import type * as Ast from '../syntax/ast.ts';
import type { SourceFile } from '../syntax/source.ts';

/**
 * What a name can mean besides variables and actions, and besides events and errors of a contract, and
 * where it is declared.
 */
export type Declared =
  | Declaration<'constant', Ast.ConstantDeclaration>
  | Declaration<'contract', Ast.ContractDeclaration>
  | Declaration<'entity', Ast.EntityDeclaration>
  | Declaration<'enum', Ast.EnumDeclaration>
  | Declaration<'error', Ast.ErrorDeclaration>
  | Declaration<'event', Ast.EventDeclaration>
  | Declaration<'function', Ast.ActionDeclaration>
  | Declaration<'protocol', Ast.ProtocolDeclaration>
  /** The names of another file, behind an alias. */
  | {
      readonly kind: 'module';
      readonly name: string;
      readonly names: ReadonlyMap<string, Declared>;
    };

type Declaration<Kind extends string, Node> = {
  readonly kind: Kind;
  readonly name: string;
  readonly declaration: Node;
  /** Where the names in the declaration are looked up. */
  readonly scope: NameScope;
};

export type DeclaredOf<Kind extends Declared['kind']> = Extract<Declared, { readonly kind: Kind }>;

/** The kind of a declaration in words. */
export function describeDeclared({ kind }: Declared): string {
  switch (kind) {
    case 'entity':
    case 'enum':
    case 'error':
    case 'event':
      return `an ${kind}`;
    case 'module':
      return 'a file';
    default:
      return `a ${kind}`;
  }
}

/** The names that a file, or a contract in it, declares and imports. */
export class NameScope {
  readonly source: SourceFile;
  readonly #outer: NameScope | undefined;
  readonly #names = new Map<string, Declared>();

  constructor(source: SourceFile, outer?: NameScope) {
    this.source = source;
    this.#outer = outer;
  }

  /** What the name means here, declared inside or around. */
  find(name: string): Declared | undefined {
    return this.#names.get(name) ?? this.#outer?.find(name);
  }

  /** What this scope itself declares by the name. */
  own(name: string): Declared | undefined {
    return this.#names.get(name);
  }

  /** The names that mean something here, declared inside or around. */
  *known(): Generator<string> {
    yield* this.#names.keys();
    if (this.#outer !== undefined) yield* this.#outer.known();
  }

  /** Everything that this scope itself declares. */
  all(): ReadonlyMap<string, Declared> {
    return this.#names;
  }

  declare(name: string, declared: Declared): void {
    this.#names.set(name, declared);
  }

  /**
   * What a name, or names with dots between them, mean: `Order`, `tokens.Order`. The dots lead into
   * files that were given an alias. Undefined when it means nothing.
   */
  findPath(path: readonly string[]): Declared | undefined {
    const [first, ...rest] = path;
    let found = first === undefined ? undefined : this.find(first);
    for (const name of rest) found = found?.kind === 'module' ? found.names.get(name) : undefined;
    return found;
  }
}
