import type * as Ast from '../syntax/ast.ts';
import type { DiagnosticCode } from '../syntax/diagnostic-codes.ts';
import { type Diagnostic, DiagnosticSink, linesAround } from '../syntax/diagnostics.ts';
import type { SourceFile, Span } from '../syntax/source.ts';
import { RESERVED_WORDS } from '../syntax/tokens.ts';
import { analyse } from './analyse.ts';
import type { Module } from './modules.ts';

/**
 * Looks for further errors in files of which a part was not understood, so that all errors of a file come in
 * one pass. Nothing is said that could follow from what is missing: about a name that stands in it, about
 * how the action is built that it is in, and about the same line.
 */
export function analyseDamaged(modules: readonly Module[], sink: DiagnosticSink): void {
  const [main] = modules;
  if (main === undefined) return;
  const damage = new Damage();
  const errors = sink.sorted().filter(({ severity }) => severity === 'error');
  for (const module of modules) {
    const own = errors.filter(({ source }) => source === module.source);
    if (lacksNames(module, own)) return;
    damage.add(module, own);
  }
  const inner = new DiagnosticSink(main.source);
  analyse(modules, inner);
  for (const diagnostic of inner.sorted()) {
    // Warnings are about what is not used, not written or never reached, all of which is not known.
    if (diagnostic.severity === 'error' && !damage.explains(diagnostic)) sink.add(diagnostic);
  }
}

/** Whether all names of a file are used that is not there: any name may be one of them. */
function lacksNames({ program }: Module, errors: readonly Diagnostic[]): boolean {
  return program.uses.some(
    ({ span, alias, names }) =>
      alias === undefined &&
      names === undefined &&
      errors.some((error) => overlap(error.span, span)),
  );
}

/** Errors that say that something is not there. */
const ABSENCES: ReadonlySet<DiagnosticCode> = new Set([
  ...(['ARGUMENT_COUNT', 'CALL_INVALID', 'FIELD_UNKNOWN', 'MEMBER_UNKNOWN'] as const),
  ...(['METHOD_UNKNOWN', 'MODIFIER_UNKNOWN', 'NAME_UNKNOWN', 'NO_RESULT'] as const),
  ...(['PROTOCOL_BROKEN', 'TYPE_INVALID', 'TYPE_UNKNOWN'] as const),
]);

/** Errors about how the statements of an action stand in each other. */
const STRUCTURES: ReadonlySet<DiagnosticCode> = new Set([
  ...(['LOOP_OUTSIDE', 'MODIFIER_BODY', 'NAME_DUPLICATE', 'RETURN_MISSING'] as const),
]);

/** Words that are all over a text, and seldom names that anything hangs on. */
const COMMON_WORDS: ReadonlySet<string> = new Set(
  'action address bool bytes data emit event init integer list map private public require string view'.split(
    ' ',
  ),
);

/** What is missing of the files, and what hangs on it. */
class Damage {
  readonly #stretches = new Map<SourceFile, Span[]>();
  /** Bodies of actions that may lack statements, or have those of others. */
  readonly #bodies = new Map<SourceFile, Span[]>();
  readonly #words = new Set<string>();
  /** Names of variables whose types are written: what is missing says nothing more about them. */
  readonly #certain = new Set<string>();
  /** Something is declared whose name is not known. */
  #lacksName = false;

  /** @param errors what has been reported about the file */
  add({ source, program, skipped }: Module, errors: readonly Diagnostic[]): void {
    const uses = program.uses.map(({ span }) => span);
    const missing = [
      ...skipped,
      ...errors.map(({ span }) => linesAround(source.text, span)),
      ...uses.filter((use) => errors.some(({ span }) => overlap(span, use))),
    ];
    this.#lacksName ||= errors.some((error) => isNameless(error));
    this.#addStretches(source, missing);
    const isDamaged = ({ span }: { readonly span: Span }): boolean =>
      missing.some((stretch) => overlap(stretch, span));
    const actions = actionsOf(program);
    const damaged = actions.filter(({ body }) => isDamaged(body));
    const described = [
      ...program.contracts.flatMap(({ entities, enums }) => [...entities, ...enums]),
      ...program.entities,
      ...program.enums,
      ...program.protocols,
    ].filter(isDamaged);
    this.#lacksName ||= described.length > 0;
    this.#addNames(
      source,
      [...damaged, ...described].map(({ name }) => name.span),
    );
    this.#addStretches(source, cutShort(source, actions, skipped));
    this.#bodies.set(
      source,
      damaged.map(({ body }) => body.span),
    );
    for (const { data } of program.contracts) {
      for (const { name, type } of data) if (type !== undefined) this.#certain.add(name.name);
    }
    this.#addOutside(source, program, skipped);
  }

  /** Whether an error may be there only because something is missing. */
  explains({ code, source, span }: Diagnostic): boolean {
    const isWithin = (stretch: Span): boolean =>
      span.start >= stretch.start && span.end <= stretch.end;
    if (this.#stretches.get(source)?.some(isWithin)) return true;
    if (STRUCTURES.has(code) && this.#bodies.get(source)?.some(isWithin)) return true;
    const isAbsence = ABSENCES.has(code);
    if (isAbsence && this.#lacksName) return true;
    return wordsOf(source, span).some((word) => {
      if (!this.#words.has(word)) return false;
      return isAbsence || !(this.#certain.has(word) || COMMON_WORDS.has(word));
    });
  }

  /**
   * A brace too many ends a contract early: what follows of it stands outside of contracts then, where
   * actions are functions of the file.
   */
  #addOutside(source: SourceFile, program: Ast.Program, skipped: readonly Span[]): void {
    const { contracts, entities, functions } = program;
    const isInside = (stretch: Span): boolean =>
      [...contracts, ...entities, ...functions].some(({ span }) => overlap(stretch, span));
    const isOutside = !skipped.every(isInside);
    if (isOutside) {
      this.#addNames(
        source,
        functions.map(({ name }) => name.span),
      );
      this.#addStretches(
        source,
        functions.map(({ span }) => span),
      );
    }
    for (const { span, protocols } of contracts) {
      const isDamaged = isOutside || skipped.some((stretch) => overlap(stretch, span));
      if (isDamaged) {
        this.#addNames(
          source,
          protocols.map((protocol) => protocol.span),
        );
      }
    }
  }

  #addStretches(source: SourceFile, stretches: readonly Span[]): void {
    this.#stretches.set(source, [...(this.#stretches.get(source) ?? []), ...stretches]);
    this.#addNames(source, stretches);
  }

  #addNames(source: SourceFile, stretches: readonly Span[]): void {
    for (const stretch of stretches) {
      for (const word of wordsOf(source, stretch)) {
        if (!RESERVED_WORDS.has(word)) this.#words.add(word);
      }
    }
  }
}

/** Words that a name follows which others use. */
const DECLARING_WORD =
  /\b(?:action|const|data|entity|enum|error|event|function|ledger|let|modifier|state|storage)\s*$/;

/** Whether an error says that something declared has no name: of others it is known where they are. */
function isNameless({ code, source: { text }, span: { start } }: Diagnostic): boolean {
  if (code === 'EXPECTED_CONTRACT' || code === 'EXPECTED_MEMBER') {
    return NAMELESS_DECLARATION.test(text.slice(start, start + LONGEST_HEAD));
  }
  const before = text.slice(Math.max(0, start - LONGEST_HEAD), start);
  return code === 'EXPECTED_NAME' && DECLARING_WORD.test(before);
}

/** A declaration in which something else stands where its name should. */
const NAMELESS_DECLARATION =
  /^(?:\w+\s+){0,3}?(?:action|const|data|entity|enum|error|event|function|ledger|modifier|state)\s*[^\s\w]/;

/** As much of the text as holds the words of a declaration before its name. */
const LONGEST_HEAD = 64;

/**
 * The bodies of actions that are followed by something that is no declaration: a brace too many may have
 * ended them early.
 */
function cutShort(
  { text }: SourceFile,
  actions: readonly Pick<Ast.ActionDeclaration, 'body'>[],
  skipped: readonly Span[],
): readonly Span[] {
  const bodies = actions.map(({ body }) => body.span);
  return skipped.flatMap((stretch) => {
    if (bodies.some((body) => overlap(stretch, body))) return [];
    const before = bodies.filter(({ end }) => end <= stretch.start);
    const last = before.toSorted((left, right) => right.end - left.end)[0];
    const isNext = last !== undefined && !text.slice(last.end, stretch.start).includes('{');
    return isNext ? [last] : [];
  });
}

function actionsOf({
  functions,
  contracts,
  entities,
}: Ast.Program): readonly Pick<Ast.ActionDeclaration, 'body' | 'name'>[] {
  const inner = [...entities, ...contracts.flatMap((contract) => contract.entities)];
  return [
    ...functions,
    ...contracts.flatMap(({ actions, modifiers }) => [...actions, ...modifiers]),
    ...inner.flatMap(({ actions }) => actions),
  ];
}

function overlap(first: Span, second: Span): boolean {
  return first.start < second.end && second.start < first.end;
}

function wordsOf({ text }: SourceFile, { start, end }: Span): readonly string[] {
  return text.slice(start, end).match(/[A-Za-z_][A-Za-z0-9_]*/g) ?? [];
}
