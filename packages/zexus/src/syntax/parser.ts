import { parseAction } from './actions.ts';
import type {
  ActionDeclaration,
  ConstantDeclaration,
  ContractDeclaration,
  EntityDeclaration,
  EnumDeclaration,
  ErrorDeclaration,
  EventDeclaration,
  Identifier,
  Program,
  ProtocolDeclaration,
  UseDeclaration,
} from './ast.ts';
import { describe, type Grammar, isNameToken, isSymbol, isWord, TokenCursor } from './cursor.ts';
import { parseConstant, parseContract } from './declarations.ts';
import { type Diagnostic, DiagnosticSink } from './diagnostics.ts';
import { parseEntity, parseEnum, parseError, parseEvent, parseProtocol } from './entities.ts';
import { foreignDeclarationHint } from './foreign-forms.ts';
import { parseExportedNames, parseFrom, parseUse } from './imports.ts';
import { tokenize } from './lexer.ts';
import { parseExpression } from './operators.ts';
import { beginsAction, beginsContract, isOneOf, skipToTopLevel } from './recovery.ts';
import type { SourceFile, Span } from './source.ts';
import { parseBlock, parseStatement } from './statements.ts';
import { type Feature, foreignFeature, reportUnsupported } from './unsupported.ts';

export type ParseResult = {
  /** What could be understood. Only complete when no diagnostic is an error. */
  readonly program: Program;
  /** In the order of the text. */
  readonly diagnostics: readonly Diagnostic[];
  /** The stretches of the text that are missing in the program because they were not understood. */
  readonly skipped: readonly Span[];
};

/** The declarations of a file, while they are being collected. */
type Declarations = {
  readonly uses: UseDeclaration[];
  readonly contracts: ContractDeclaration[];
  readonly entities: EntityDeclaration[];
  readonly enums: EnumDeclaration[];
  readonly protocols: ProtocolDeclaration[];
  readonly events: EventDeclaration[];
  readonly errors: ErrorDeclaration[];
  readonly functions: ActionDeclaration[];
  readonly constants: ConstantDeclaration[];
  readonly exports: Identifier[];
};

const GRAMMAR: Grammar = {
  expression: parseExpression,
  block: parseBlock,
  statement: parseStatement,
};

/**
 * The program that a text spells. Never throws, whatever the text: what is wrong is a diagnostic, and
 * parsing goes on behind the statement or member that it is in, up to the limit on diagnostics.
 */
export function parse(source: SourceFile): ParseResult {
  const sink = new DiagnosticSink(source);
  const tokens = tokenize(source, sink);
  const program = emptyProgram();
  const cursor = tokens && new TokenCursor(tokens, sink, GRAMMAR);
  if (cursor !== undefined) parseProgram(cursor, program);
  const isEmpty = Object.values(program).every((declarations) => declarations.length === 0);
  if (isEmpty && !sink.hasErrors) {
    sink.report('EXPECTED_CONTRACT', { start: 0, end: 0 }, 'the file declares nothing', {
      hint: 'write contract Name { … }',
    });
  }
  const skipped = cursor?.skipped ?? [{ start: 0, end: source.text.length }];
  return { program, diagnostics: sink.sorted(), skipped };
}

function emptyProgram(): Declarations {
  return {
    uses: [],
    contracts: [],
    entities: [],
    enums: [],
    protocols: [],
    events: [],
    errors: [],
    functions: [],
    constants: [],
    exports: [],
  };
}

function parseProgram(cursor: TokenCursor, program: Declarations): void {
  while (!cursor.isAtEnd()) {
    if (cursor.acceptSymbol(';')) continue;
    cursor.attempt(
      () => parseTopLevel(cursor, program),
      (first) => skipToTopLevel(cursor, first),
    );
  }
}

function parseTopLevel(cursor: TokenCursor, program: Declarations): void {
  if (isImport(cursor)) {
    program.uses.push(cursor.isWord('from') ? parseFrom(cursor) : parseUse(cursor));
    return;
  }
  const isExported = cursor.isWord('export') && !isVariable(cursor);
  const { start } = cursor.current;
  if (isExported) cursor.advance();
  if (parseDeclaration(cursor, program, start, isExported)) return;
  const isList = isExported && (cursor.isSymbol('{') || cursor.current.kind === 'word');
  if (isList) program.exports.push(...parseExportedNames(cursor));
  else failTopLevel(cursor);
}

function isImport(cursor: TokenCursor): boolean {
  if (isVariable(cursor)) return false;
  if (cursor.isWord('from')) return cursor.peek().kind === 'string';
  return cursor.isWord('use') || cursor.isWord('import');
}

function isVariable(cursor: TokenCursor): boolean {
  return isSymbol(cursor.peek(), '=') || isSymbol(cursor.peek(), ':');
}

/** A declaration that may stand behind `export`; false when none begins here. */
function parseDeclaration(
  cursor: TokenCursor,
  program: Declarations,
  start: number,
  isExported: boolean,
): boolean {
  const { text } = cursor.current;
  const next = cursor.peek();
  const isNamed = cursor.current.kind === 'word' && next.kind === 'word' && !next.startsLine;
  if (beginsContract(cursor) || (isNamed && text === 'contract')) {
    // What `secure` asks for holds for every contract.
    while (!cursor.isWord('contract')) cursor.advance();
    program.contracts.push({ ...parseContract(cursor, start), isExported });
  } else if (beginsAction(cursor)) {
    program.functions.push({ ...parseAction(cursor), isExported });
  } else if (!isNamed) {
    return false;
  } else if (text === 'entity' || (text === 'data' && isSymbol(cursor.peek(2), '{'))) {
    program.entities.push({ ...parseEntity(cursor), isExported });
  } else if (text === 'enum') {
    program.enums.push({ ...parseEnum(cursor), isExported });
  } else if (text === 'protocol' || text === 'interface') {
    program.protocols.push({ ...parseProtocol(cursor), isExported });
  } else if (text === 'event') {
    program.events.push({ ...parseEvent(cursor), isExported });
  } else if (text === 'error') {
    program.errors.push({ ...parseError(cursor), isExported });
  } else if (text === 'const' || text === 'let') {
    program.constants.push({ ...parseConstant(cursor), isExported });
  } else {
    return false;
  }
  return true;
}

/** Reports what is no declaration; the caller skips it. */
function failTopLevel(cursor: TokenCursor): never {
  const token = cursor.current;
  const feature = scriptFeature(cursor);
  if (feature !== undefined) {
    reportUnsupported(cursor, feature, token);
  } else if (token.kind !== 'invalid') {
    const message = `expected a declaration, found ${describe(token)}`;
    cursor.report('EXPECTED_CONTRACT', token, message, { hint: topLevelHint(cursor) });
  }
  return cursor.unwind();
}

function scriptFeature(cursor: TokenCursor): Feature | undefined {
  if (isWord(cursor.current, 'print') || isWord(cursor.current, 'debug')) return 'print';
  return foreignFeature(cursor);
}

function topLevelHint(cursor: TokenCursor): string {
  const { text } = cursor.current;
  const isMember = ['data', 'state', 'modifier', 'ledger', 'persistent', 'init'];
  if (isMember.includes(text)) return 'it stands in a contract: contract Name { … }';
  const isTyped = isNameToken(cursor.peek()) && isOneOf(cursor.peek(2), ';', '=');
  const foreign = isTyped ? undefined : foreignDeclarationHint(cursor);
  return foreign ?? 'statements stand in an action of a contract: contract Name { … }';
}
