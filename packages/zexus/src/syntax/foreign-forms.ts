import { isNameToken, isSymbol, type TokenCursor } from './cursor.ts';
import { isOneOf } from './recovery.ts';

/** How many words a declaration of another language is looked through for its name. */
const WORDS_OF_A_DECLARATION = 6;

/** Words that begin declarations in other languages, with what to write instead. */
const DECLARATION_WORDS: ReadonlyMap<string, string> = new Map([
  ['abstract', 'write contract Name { … }, or protocol Name { … } for what others promise'],
  ['class', 'write contract Name { … }, or entity Name { … } for data'],
  ['def', 'write action name(parameters) { … }'],
  ['fn', 'write action name(parameters) { … }'],
  ['fun', 'write action name(parameters) { … }'],
  ['func', 'write action name(parameters) { … }'],
  ['library', 'write functions outside of contracts: action name(parameters) { … }'],
  ['mapping', 'write data name: map<key, value>'],
  ['pragma', 'remove it: a file does not name a version'],
  ['pub', 'remove it: actions are public unless they are private'],
  ['struct', 'write entity Name { field: type }'],
  ['using', 'remove it; functions are called with the value as an argument'],
  ['var', 'write data name = value in a contract, let name = value in an action'],
]);

/** The hint for what is no member and no declaration here, and is one in another language. */
export function foreignDeclarationHint(cursor: TokenCursor): string | undefined {
  const { kind, text } = cursor.current;
  if (kind !== 'word') return undefined;
  const known = DECLARATION_WORDS.get(text);
  if (known !== undefined) return known;
  // `uint256 public total`: the type, other words, and the name.
  let name: string | undefined;
  for (let distance = 1; distance < WORDS_OF_A_DECLARATION; distance += 1) {
    const token = cursor.peek(distance);
    const isEnd = token.startsLine || token.kind === 'end' || isOneOf(token, ';', '=', '}');
    if (isEnd && name !== undefined) return `write data ${name}: ${text}`;
    if (isEnd || !isNameToken(token)) return undefined;
    name = token.text;
  }
  return undefined;
}

/** Words behind a number that stand for a unit in Solidity, with the number to multiply by. */
const UNITS: ReadonlyMap<string, string> = new Map([
  ['wei', '1'],
  ['gwei', '10 ** 9'],
  ['ether', '10 ** 18'],
  ['seconds', '1'],
  ['minutes', '60'],
  ['hours', '3600'],
  ['days', '86400'],
  ['weeks', '604800'],
]);

/** The hint for a second word where a statement should end. */
export function foreignStatementHint(cursor: TokenCursor): string | undefined {
  const { previous, current } = cursor;
  if (!isNameToken(current) || current.startsLine) return undefined;
  const unit = UNITS.get(current.text);
  if (previous.kind === 'integer' && unit !== undefined) {
    return `there are no units: write ${previous.text}${unit === '1' ? '' : ` * ${unit}`}`;
  }
  if (previous.kind !== 'word') return undefined;
  if (previous.text === 'delete') return 'write map.remove(key), or set the variable to its zero';
  if (previous.text === 'new') return 'contracts are deployed by transactions, not by contracts';
  const isTyped = isSymbol(cursor.peek(), '=') || isSymbol(cursor.peek(), ';');
  return isTyped ? `write let ${current.text}: ${previous.text} = value` : undefined;
}
