import type { ContractDeclaration, Program } from './ast.ts';
import { describe, isWord, TokenCursor } from './cursor.ts';
import { parseContract } from './declarations.ts';
import { type Diagnostic, DiagnosticSink } from './diagnostics.ts';
import { tokenize } from './lexer.ts';
import { beginsAction, beginsContract, skipStatement, skipToContract } from './recovery.ts';
import type { SourceFile } from './source.ts';
import { type Feature, reportUnsupported } from './unsupported.ts';

export type ParseResult = {
  /** What could be understood. Only complete when no diagnostic is an error. */
  readonly program: Program;
  /** In the order of the text. */
  readonly diagnostics: readonly Diagnostic[];
};

/** Declarations outside of contracts that later versions have. */
const UNSUPPORTED_DECLARATIONS: ReadonlyMap<string, Feature> = new Map<string, Feature>([
  ['entity', 'entity'],
  ['enum', 'enum'],
  ['import', 'use'],
  ['interface', 'protocol'],
  ['modifier', 'modifier'],
  ['module', 'module'],
  ['package', 'module'],
  ['protocol', 'protocol'],
  ['use', 'use'],
]);

/**
 * The program that a text spells. Never throws, whatever the text: what is wrong is a diagnostic, and
 * parsing goes on behind the statement or member that it is in, up to the limit on diagnostics.
 */
export function parse(source: SourceFile): ParseResult {
  const sink = new DiagnosticSink();
  const tokens = tokenize(source, sink);
  const contracts = tokens === undefined ? [] : parseContracts(new TokenCursor(tokens, sink));
  const isEmpty = contracts.length === 0 && !sink.hasErrors;
  if (isEmpty) {
    sink.report('EXPECTED_CONTRACT', { start: 0, end: 0 }, 'the file has no contract', {
      hint: 'write contract Name { … }',
    });
  }
  return { program: { contracts }, diagnostics: sink.sorted() };
}

function parseContracts(cursor: TokenCursor): readonly ContractDeclaration[] {
  const contracts: ContractDeclaration[] = [];
  while (!cursor.isAtEnd()) {
    if (cursor.acceptSymbol(';')) continue;
    if (!cursor.isWord('contract')) {
      skipOther(cursor);
      continue;
    }
    const contract = cursor.attempt(
      () => parseContract(cursor),
      () => skipToContract(cursor),
    );
    if (contract !== undefined) contracts.push(contract);
  }
  return contracts;
}

/** Reports what is no contract and skips it: one declaration, or everything up to a contract. */
function skipOther(cursor: TokenCursor): void {
  const token = cursor.current;
  const next = cursor.peek();
  if (isWord(next, 'contract') && (isWord(token, 'export') || isWord(token, 'secure'))) {
    reportUnsupported(cursor, 'export', cursor.advance());
    return;
  }
  const feature = declarationFeature(cursor);
  if (feature !== undefined) {
    reportUnsupported(cursor, feature, token);
    skipDeclaration(cursor);
    return;
  }
  if (token.kind !== 'invalid') {
    const message = `expected a contract, found ${describe(token)}`;
    cursor.report('EXPECTED_CONTRACT', token, message, {
      hint: 'everything stands in a contract: contract Name { … }',
    });
  }
  if (!beginsContract(cursor)) cursor.advance();
  skipToContract(cursor);
}

function declarationFeature(cursor: TokenCursor): Feature | undefined {
  const { kind, text } = cursor.current;
  if (kind !== 'word') return undefined;
  if (beginsAction(cursor)) return 'freeFunction';
  const isFollowed = ['word', 'string', 'symbol'].includes(cursor.peek().kind);
  return isFollowed ? UNSUPPORTED_DECLARATIONS.get(text) : undefined;
}

/** To behind the block of the declaration, or to the next line when it has none. */
function skipDeclaration(cursor: TokenCursor): void {
  skipStatement(cursor, cursor.index);
  if (cursor.isSymbol('}')) cursor.advance();
}
