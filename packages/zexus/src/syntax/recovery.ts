import { isNameToken, isSymbol, isWord, type TokenCursor } from './cursor.ts';
import type { Token } from './tokens.ts';

/** The modifiers that actions have, and those that they have elsewhere. */
export const ACTION_MODIFIERS: ReadonlySet<string> = new Set([
  ...['inline', 'payable', 'private', 'public', 'pure', 'sealed', 'secure', 'view'],
]);
export const FOREIGN_MODIFIERS: ReadonlySet<string> = new Set([
  ...['async', 'external', 'internal', 'native', 'override', 'protected', 'static', 'virtual'],
]);

/** More modifiers in a row than these are not looked behind: looking must take constant time. */
const MODIFIERS_IN_A_ROW = 16;

const STATEMENT_WORDS: ReadonlySet<string> = new Set([
  ...['break', 'const', 'continue', 'elif', 'else', 'for', 'if', 'let', 'return', 'throw', 'try'],
  'while',
]);
const COMMAND_WORDS: ReadonlySet<string> = new Set(['emit', 'require', 'revert', 'verify']);

/** What follows the name of a declaration that begins with the word. */
const NAMED_DECLARATIONS: ReadonlyMap<string, readonly string[]> = new Map([
  ['entity', ['{']],
  ['enum', ['{']],
  ['error', ['(', '{']],
  ['event', ['(', '{']],
  ['interface', ['{']],
  ['modifier', ['(', '{']],
  ['protocol', ['{']],
]);

/**
 * The current token begins a member of a contract, or a contract: two words in a row on one line, which
 * no statement can have there.
 */
export function beginsDeclaration(cursor: TokenCursor): boolean {
  const { text, kind } = cursor.current;
  const next = cursor.peek();
  if (kind !== 'word' || next.startsLine) return false;
  if (['data', 'state', 'ledger'].includes(text)) return isNameToken(next);
  if (text === 'persistent') return isWord(next, 'storage');
  const following = NAMED_DECLARATIONS.get(text);
  if (following !== undefined) return isNameToken(next) && isOneOf(cursor.peek(2), ...following);
  return beginsAction(cursor) || beginsContract(cursor);
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

/** The current token is the word `contract`, or `export` or `secure` before it, and a name follows. */
export function beginsContract(cursor: TokenCursor): boolean {
  let distance = 0;
  while (distance < 2 && isPrefix(cursor.peek(distance))) distance += 1;
  const next = cursor.peek(distance + 1);
  const isContract = isWord(cursor.peek(distance), 'contract');
  if (!isContract || next.kind !== 'word' || next.startsLine) return false;
  const following = cursor.peek(distance + 2);
  return isOneOf(following, '{', '(', '<') || isWord(following, 'implements');
}

function isPrefix(token: Token): boolean {
  return isWord(token, 'export') || isWord(token, 'secure');
}

/** The current token begins a line, and a declaration that stands outside of contracts, and mostly there. */
function beginsTopLevel(cursor: TokenCursor): boolean {
  const { kind, text, startsLine } = cursor.current;
  const next = cursor.peek();
  if (kind !== 'word' || !(startsLine || beginsContract(cursor))) return false;
  if (text === 'use' || text === 'import') return next.kind === 'string' || isSymbol(next, '{');
  if (text === 'from') return next.kind === 'string';
  if (text === 'const' || text === 'let') return isNameToken(next);
  if (text === 'export') return next.kind === 'word' || isSymbol(next, '{');
  if (text === 'data') return isNameToken(next) && isSymbol(cursor.peek(2), '{');
  const isMember = ['state', 'ledger', 'persistent', 'event', 'error', 'modifier'].includes(text);
  return !isMember && beginsDeclaration(cursor);
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

/** The brackets that are open behind some tokens, from the outermost on. */
class OpenBrackets {
  readonly #open: string[] = [];

  get isEmpty(): boolean {
    return this.#open.length === 0;
  }

  get hasBrace(): boolean {
    return this.#open.includes('{');
  }

  /** Counts the token in; false when it closes a brace that none of them opened. */
  add(token: Token): boolean {
    if (isOneOf(token, '{', '#{')) {
      this.#open.push('{');
    } else if (isOneOf(token, '(', '[')) {
      this.#open.push('(');
    } else if (isOneOf(token, ')', ']')) {
      if (this.#open.at(-1) === '(') this.#open.pop();
    } else if (isSymbol(token, '}')) {
      const brace = this.#open.lastIndexOf('{');
      if (brace === -1) return false;
      this.#open.length = brace;
    }
    return true;
  }

  clear(): void {
    this.#open.length = 0;
  }
}

/**
 * Skips the rest of a statement or declaration that began with the token `first`: to behind its
 * semicolon, to the next line unless brackets are open, or to the brace that closes the block around
 * it. Blocks on the way are skipped whole. Consumes something unless that brace comes at once.
 */
export function skipStatement(cursor: TokenCursor, first: number): void {
  const brackets = new OpenBrackets();
  for (const token of cursor.consumedSince(first)) brackets.add(token);
  for (let isFirst = cursor.index === first; !cursor.isAtEnd(); isFirst = false) {
    const token = cursor.current;
    if (isSymbol(token, '}') && !brackets.hasBrace) return;
    if (!isFirst && token.startsLine && (brackets.isEmpty || beginsStatement(cursor))) return;
    if (isOneOf(token, '{', '#{')) {
      skipBrackets(cursor);
      const goesOn = brackets.hasBrace || isOneOf(cursor.current, ')', ']', ',');
      if (cursor.current.startsLine && !goesOn) brackets.clear();
      continue;
    }
    cursor.advance();
    if (isSymbol(token, ';') && !brackets.hasBrace) return;
    brackets.add(token);
  }
}

/** The current token begins a statement or a declaration by its first word. */
export function beginsStatement(cursor: TokenCursor): boolean {
  const { kind, text } = cursor.current;
  if (kind !== 'word') return false;
  return STATEMENT_WORDS.has(text) || beginsCommand(cursor) || beginsDeclaration(cursor);
}

/** The current token is a word such as `emit`, with what follows it in a statement. */
export function beginsCommand(cursor: TokenCursor): boolean {
  const next = cursor.peek();
  if (!COMMAND_WORDS.has(cursor.current.text)) return false;
  return next.kind === 'word' || isSymbol(next, '(');
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

/**
 * Skips the rest of a declaration outside of contracts that began with the token `first`, up to the next
 * one. What lies between is in the same report: a script has many statements where none can stand.
 */
export function skipToTopLevel(cursor: TokenCursor, first: number): void {
  let from = first;
  while (!cursor.isAtEnd() && !(cursor.index > first && beginsTopLevel(cursor))) {
    skipStatement(cursor, from);
    if (cursor.isSymbol('}')) cursor.advance();
    from = cursor.index;
  }
}
