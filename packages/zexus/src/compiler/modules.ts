import { zexusLimits } from '../limits.ts';
import { STANDARD_PREFIX, standardLibraryFile } from '../std/standard-library.ts';
import type * as Ast from '../syntax/ast.ts';
import type { DiagnosticSink } from '../syntax/diagnostics.ts';
import { parse } from '../syntax/parser.ts';
import type { SourceFile, Span } from '../syntax/source.ts';
import { encodeUtf8 } from '../utf8.ts';
import { type Declared, describeDeclared, NameScope } from './names.ts';

/**
 * Finds a file that another one uses: `path` is what stands between the quotes. The name of what it
 * gives is how the file is known, whichever paths lead to it. Undefined when there is none.
 */
export type FindFile = (path: string, from: SourceFile) => SourceFile | undefined;

/** A file with what it declares. */
export type Module = {
  readonly source: SourceFile;
  readonly program: Ast.Program;
  /** The stretches of its text that are missing in the program because they were not understood. */
  readonly skipped: readonly Span[];
  /** What names mean outside of its contracts. */
  readonly scope: NameScope;
  /** What files that use it get. */
  readonly exports: ReadonlyMap<string, Declared>;
};

/**
 * Reads a file and those that it uses, directly and not, each once: the first file, then the others in
 * the order in which they are first used. What is wrong with them is reported.
 */
export function loadModules(
  source: SourceFile,
  findFile: FindFile | undefined,
  sink: DiagnosticSink,
): readonly Module[] {
  const loader = new ModuleLoader(findFile, sink);
  loader.load(source);
  return loader.modules;
}

class ModuleLoader {
  readonly #findFile: FindFile | undefined;
  readonly #sink: DiagnosticSink;
  /** By the name of the file; undefined while the files that it uses are read. */
  readonly #modules = new Map<string, Module | undefined>();
  #bytes = 0;

  constructor(findFile: FindFile | undefined, sink: DiagnosticSink) {
    this.#findFile = findFile;
    this.#sink = sink;
  }

  get modules(): readonly Module[] {
    return [...this.#modules.values()].filter((module) => module !== undefined);
  }

  load(source: SourceFile): Module {
    this.#modules.set(source.name, undefined);
    this.#bytes += encodeUtf8(source.text.toWellFormed()).length;
    const { program, diagnostics, skipped } = parse(source);
    for (const diagnostic of diagnostics) this.#sink.add(diagnostic);
    return this.#sink.within(source, () => {
      const scope = new NameScope(source);
      declareProgram(program, scope, this.#sink);
      for (const use of program.uses) {
        const used = this.#used(use, source);
        if (used !== undefined) importNames(use, used, scope, this.#sink);
      }
      const exports = exportsOf(program, scope, this.#sink);
      const module = { source, program, skipped, scope, exports };
      this.#modules.set(source.name, module);
      return module;
    });
  }

  #used({ path }: Ast.UseDeclaration, from: SourceFile): Module | undefined {
    const { text, span } = path;
    const source = this.#find(text, from);
    if (source === undefined) {
      const hint = text.startsWith(STANDARD_PREFIX)
        ? 'the standard library has no such file'
        : 'paths are relative to the file that they stand in';
      this.#sink.report('USE_MISSING', span, `there is no file ${text}`, { hint });
      return undefined;
    }
    if (this.#modules.has(source.name)) {
      const known = this.#modules.get(source.name);
      if (known !== undefined) return known;
      this.#sink.report('USE_CYCLE', span, `${source.name} uses this file, directly or not`, {
        hint: 'move what both need to a file of its own',
      });
      return undefined;
    }
    return this.#isWithinLimits(source, span) ? this.load(source) : undefined;
  }

  #find(path: string, from: SourceFile): SourceFile | undefined {
    if (path.startsWith(STANDARD_PREFIX))
      return standardLibraryFile(path.slice(STANDARD_PREFIX.length));
    return this.#findFile?.(path, from);
  }

  #isWithinLimits({ text }: SourceFile, span: Ast.Identifier['span']): boolean {
    const { sourceFiles, sourceTotalBytes } = zexusLimits.values;
    const bytes = this.#bytes + encodeUtf8(text.toWellFormed()).length;
    if (this.#modules.size < sourceFiles && bytes <= sourceTotalBytes) return true;
    const message = `more than ${sourceFiles} files, or ${sourceTotalBytes} bytes of them, are used`;
    this.#sink.report('LIMIT_EXCEEDED', span, message);
    return false;
  }
}

/** Declares what stands outside of contracts. */
export function declareProgram(program: Ast.Program, scope: NameScope, sink: DiagnosticSink): void {
  declareAll('contract', program.contracts, scope, sink);
  declareAll('protocol', program.protocols, scope, sink);
  declareAll('event', program.events, scope, sink);
  declareAll('error', program.errors, scope, sink);
  declareAll('entity', program.entities, scope, sink);
  declareAll('enum', program.enums, scope, sink);
  declareAll('constant', program.constants, scope, sink);
  declareAll('function', program.functions, scope, sink);
}

/** Declares things of one kind, each by its name; a name that is taken is reported. */
export function declareAll(
  kind: Exclude<Declared['kind'], 'module'>,
  declarations: readonly { readonly name: Ast.Identifier }[],
  scope: NameScope,
  sink: DiagnosticSink,
): void {
  for (const declaration of declarations) {
    const { name } = declaration;
    const declared = { kind, name: name.name, declaration, scope } as Declared;
    declareOnce(name, declared, scope, sink);
  }
}

function declareOnce(
  { name, span }: Ast.Identifier,
  declared: Declared,
  scope: NameScope,
  sink: DiagnosticSink,
): void {
  const known = scope.own(name);
  if (known === declared) return;
  if (known === undefined) {
    scope.declare(name, declared);
    return;
  }
  sink.report('NAME_DUPLICATE', span, `the name ${name} is taken by ${describeDeclared(known)}`, {
    hint: 'rename one of the two; names of a file can be used behind an alias: use "file" as alias',
  });
}

function importNames(
  { alias, names, path }: Ast.UseDeclaration,
  { exports, scope: usedScope }: Module,
  scope: NameScope,
  sink: DiagnosticSink,
): void {
  if (alias !== undefined) {
    declareOnce(alias, { kind: 'module', name: alias.name, names: exports }, scope, sink);
    return;
  }
  if (names === undefined) {
    for (const [name, declared] of exports) {
      declareOnce({ name, span: path.span }, declared, scope, sink);
    }
    return;
  }
  for (const { name, local } of names) {
    const declared = exports.get(name.name);
    if (declared === undefined) {
      sink.report('NAME_UNKNOWN', name.span, `${path.text} exports no ${name.name}`, {
        hint:
          usedScope.own(name.name) === undefined ? exportHint(exports) : 'it is there: export it',
      });
    } else {
      declareOnce(local, declared, scope, sink);
    }
  }
}

function exportHint(exports: ReadonlyMap<string, Declared>): string {
  return exports.size === 0 ? 'it exports nothing' : `it exports ${[...exports.keys()].join(', ')}`;
}

/** What is exported, by a word before it or in a list; everything that is declared when nothing is. */
function exportsOf(
  program: Ast.Program,
  scope: NameScope,
  sink: DiagnosticSink,
): ReadonlyMap<string, Declared> {
  const own = [...scope.all()].filter(
    ([, declared]) => declared.kind !== 'module' && declared.scope === scope,
  );
  const exported = new Map(
    own.filter(([, declared]) => declared.kind !== 'module' && declared.declaration.isExported),
  );
  for (const { name, span } of program.exports) {
    const declared = scope.own(name);
    if (declared === undefined) {
      sink.report('NAME_UNKNOWN', span, `there is no ${name} to export`, {
        hint: 'what stands outside of contracts can be exported, and what other files export',
      });
    } else {
      exported.set(name, declared);
    }
  }
  return exported.size > 0 || program.exports.length > 0 ? exported : new Map(own);
}
