import type { Token } from '../../packages/zexus/src/syntax/tokens.ts';
import { RESERVED_WORDS } from '../../packages/zexus/src/syntax/tokens.ts';
import type { Grammar, Part } from './ebnf.ts';

/**
 * How far the tokens can be what a rule leads to, from the first one on: the greatest number of tokens that
 * anything in the rule has looked at, and whether the rule leads to all of them.
 */
export function recognise(
  grammar: Grammar,
  rule: string,
  tokens: readonly Token[],
): { readonly isWhole: boolean; readonly furthest: number } {
  const memory = new Map<Part, Map<number, readonly number[]>>();
  let furthest = 0;
  const literal = (at: number, text: string): readonly number[] => {
    furthest = Math.max(furthest, at);
    const token = tokens[at];
    const isWritten = token?.kind === 'word' || token?.kind === 'symbol';
    return isWritten && token.text === text ? [at + 1] : [];
  };
  const terminal = (at: number, name: string): readonly number[] => {
    const token = tokens[at];
    const isOf = (kind: Token['kind']): readonly number[] => (token?.kind === kind ? [at + 1] : []);
    switch (name) {
      case 'NAME':
        return token?.kind === 'word' && !RESERVED_WORDS.has(token.text) ? [at + 1] : [];
      case 'WORD':
        return isOf('word');
      case 'INTEGER':
        return isOf('integer');
      case 'HEX':
        return isOf('hex');
      case 'STRING':
        return isOf('string');
      case 'TEMPLATE':
        return token?.kind === 'templateHead' ? [behindTemplate(tokens, at)] : [];
      case 'LINE': {
        // Nothing is written there, also before a brace, before the comma of an arm, and at the end.
        const isEnd = token === undefined || token.kind === 'end' || /^[},]$/.test(token.text);
        return isEnd || token.startsLine ? [at] : [];
      }
      default:
        throw new Error(`no rule and no terminal: ${name}`);
    }
  };
  const ends = (part: Part, at: number): readonly number[] => {
    const known = memory.get(part)?.get(at);
    if (known !== undefined) return known;
    const found = [...new Set(endsAnew(part, at))];
    memory.set(part, (memory.get(part) ?? new Map<number, readonly number[]>()).set(at, found));
    return found;
  };
  const endsAnew = (part: Part, at: number): readonly number[] => {
    switch (part.kind) {
      case 'literal':
        return literal(at, part.text);
      case 'name': {
        const body = grammar.get(part.text);
        return body === undefined ? terminal(at, part.text) : ends(body, at);
      }
      case 'choice':
        return part.parts.flatMap((each) => ends(each, at));
      case 'optional':
        return [at, ...ends(part.part, at)];
      case 'sequence':
        return part.parts.reduce<readonly number[]>(
          (starts, each) => [...new Set(starts.flatMap((start) => ends(each, start)))],
          [at],
        );
      case 'repeated': {
        const reached = new Set([at]);
        for (const start of reached) for (const end of ends(part.part, start)) reached.add(end);
        return [...reached];
      }
    }
  };
  const count = tokens.findIndex(({ kind }) => kind === 'end');
  const isWhole = ends({ kind: 'name', text: rule }, 0).includes(count);
  return { isWhole, furthest };
}

/** The position behind the tail of the template whose head is at `at`. */
function behindTemplate(tokens: readonly Token[], at: number): number {
  let open = 0;
  for (let index = at; ; index += 1) {
    const kind = tokens[index]?.kind;
    if (kind === 'templateHead') open += 1;
    if (kind === 'templateTail') open -= 1;
    if (open === 0 || kind === undefined) return index + 1;
  }
}
