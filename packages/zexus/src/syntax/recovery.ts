import { isNameToken, isSymbol, isWord, type TokenCursor } from './cursor.ts';
import type { Token } from './tokens.ts';

/** The modifiers that actions have, and those that they have elsewhere. */
export const ACTION_MODIFIERS: ReadonlySet<string> = new Set([
  'payable',
  'private',
  'public',
  'view',
]);
export const FOREIGN_MODIFIERS: ReadonlySet<string> = new Set([
  ...['async', 'external', 'inline', 'internal', 'native', 'override', 'protected', 'pure'],
  ...['sealed', 'secure', 'static', 'virtual'],
]);

/** More modifiers in a row than these are not looked behind: looking must take constant time. */
const MODIFIERS_IN_A_ROW = 16;

const STATEMENT_WORDS: ReadonlySet<string> = new Set([
  ...['break', 'const', 'continue', 'elif', 'else', 'for', 'if', 'let', 'return', 'throw', 'try'],
  'while',
]);
const COMMAND_WORDS: ReadonlySet<string> = new Set(['emit', 'require', 'revert']);

/**
 * The current token begins a member of a contract, or a contract: two words in a row on one line, which
 * no statement can have there.
 */
export function beginsDeclaration(cursor: TokenCursor): boolean {
  const { text, kind } = cursor.current;
  const next = cursor.peek();
  if (kind !== 'word' || next.startsLine) return false;
  if (text === 'data' || text === 'state' || text === 'contract') return isNameToken(next);
  if (text === 'event') return isNameToken(next) && isOneOf(cursor.peek(2), '(', '{');
  return beginsAction(cursor);
}

/** The current token is the word `action` before a name or a modifier, or a modifier before it. */
export function beginsAction(cursor: TokenCursor): boolean {
  let distance = 0;
  while (distance < MODIFIERS_IN_A_ROW && isModifier(cursor.peek(distance))) distance += 1;
  const word = cursor.peek(distance);
  const next = cursor.peek(distance + 1);
  const isAction = isWord(word, 'action') || isWord(word, 'function');
  if (!isAction || next.kind !== 'word' || next.startsLine) return false;
  return next.text !== 'and' && next.text !== 'or';
}

function isModifier(token: Token): boolean {
  const { kind, text } = token;
  return kind === 'word' && (ACTION_MODIFIERS.has(text) || FOREIGN_MODIFIERS.has(text));
}

export function isOneOf(token: Token, ...symbols: readonly string[]): boolean {
  return token.kind === 'symbol' && symbols.includes(token.text);
}

/** Skips the bracket that the current token opens with all that it holds. */
export function skipBrackets(cursor: TokenCursor): void {
  const isBrace = isOneOf(cursor.current, '{', '#{');
  let braces = 0;
  let others = 0;
  while (!cursor.isAtEnd()) {
    if (isOneOf(cursor.current, '{', '#{')) braces += 1;
    else if (isOneOf(cursor.current, '(', '[')) others += 1;
    else if (isOneOf(cursor.current, ')', ']')) others -= 1;
    else if (cursor.isSymbol('}')) {
      // The bracket is never closed: the block around it ends here.
      if (braces === 0) return;
      braces -= 1;
    }
    cursor.advance();
    if (braces === 0 && (isBrace || others <= 0)) return;
  }
}

/**
 * Skips the rest of a statement or declaration that began with the token `first`: to behind its
 * semicolon, to the next line unless brackets are open, or to the brace that closes the block around
 * it. Blocks on the way are skipped whole. Consumes something unless that brace comes at once.
 */
export function skipStatement(cursor: TokenCursor, first: number): void {
  let brackets = cursor.openBracketsSince(first);
  for (let isFirst = cursor.index === first; !cursor.isAtEnd(); isFirst = false) {
    const token = cursor.current;
    if (isSymbol(token, '}')) return;
    if (!isFirst && token.startsLine && (brackets === 0 || beginsStatement(cursor))) return;
    if (isOneOf(token, '{', '#{')) {
      skipBrackets(cursor);
      if (cursor.current.startsLine && !isOneOf(cursor.current, ')', ']', ',')) brackets = 0;
      continue;
    }
    cursor.advance();
    if (isSymbol(token, ';')) return;
    if (isOneOf(token, '(', '[')) brackets += 1;
    else if (isOneOf(token, ')', ']')) brackets = Math.max(0, brackets - 1);
  }
}

function beginsStatement(cursor: TokenCursor): boolean {
  const { kind, text } = cursor.current;
  if (kind !== 'word') return false;
  if (STATEMENT_WORDS.has(text)) return true;
  const next = cursor.peek();
  if (COMMAND_WORDS.has(text)) return next.kind === 'word' || isSymbol(next, '(');
  return beginsDeclaration(cursor);
}

/** Skips to the block of a statement whose head is not understood; false when there is none. */
export function skipToBlock(cursor: TokenCursor): boolean {
  while (!cursor.isSymbol('{')) {
    if (isOneOf(cursor.current, '(', '[')) {
      skipBrackets(cursor);
      continue;
    }
    if (cursor.isAtStatementEnd()) return false;
    cursor.advance();
  }
  return true;
}

/** What an operand must follow, so that a line break or a brace behind it belongs to the value. */
const OPEN_ENDS: readonly string[] = ['?', ':', '??', '=>', '+', '-', '*', '/', '%', '&&', '||'];

/**
 * Skips what is left of a value that is not understood: to a comma, a closing bracket, the brace of a
 * block or the end of the statement.
 */
export function skipValue(cursor: TokenCursor): void {
  while (!cursor.isAtEnd()) {
    const isOpen = isOneOf(cursor.previous, ...OPEN_ENDS);
    const continues = isOneOf(cursor.current, '?', ':', '??', '=>');
    if (isOneOf(cursor.current, ',', ')', ']', '}', ';')) return;
    if (cursor.startsLine() && !isOpen && !continues) return;
    if (isOneOf(cursor.current, '(', '[', '#{') || (cursor.isSymbol('{') && isOpen)) {
      skipBrackets(cursor);
    } else if (cursor.isSymbol('{')) {
      return;
    } else {
      cursor.advance();
    }
  }
}

/** Skips to the next contract of the file, or to its end. */
export function skipToContract(cursor: TokenCursor): void {
  while (!cursor.isAtEnd() && !beginsContract(cursor)) cursor.advance();
}

/** The current token is the word `contract` before a name and what can follow it. */
export function beginsContract(cursor: TokenCursor): boolean {
  const next = cursor.peek();
  if (!cursor.isWord('contract') || next.kind !== 'word' || next.startsLine) return false;
  return isOneOf(cursor.peek(2), '{', '(', '<') || isWord(cursor.peek(2), 'implements');
}
