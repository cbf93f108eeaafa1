/** A part of a rule of a grammar. */
export type Part =
  | { readonly kind: 'literal' | 'name'; readonly text: string }
  | { readonly kind: 'optional' | 'repeated'; readonly part: Part }
  | { readonly kind: 'choice' | 'sequence'; readonly parts: readonly Part[] };

/** The rules of a grammar by their names. */
export type Grammar = ReadonlyMap<string, Part>;

/** Reads `name = "literal" other { repeated } [ optional ] ( a | b ) ;` rules; `(* … *)` is a comment. */
export function parseGrammar(text: string): Grammar {
  const tokens = text.replace(/\(\*.*?\*\)/gs, '').match(/"[^"]*"|[A-Za-z]+|[=;|()[\]{}]/g) ?? [];
  let next = 0;
  const take = (expected?: string): string => {
    const token = tokens[next] ?? 'the end';
    if (expected !== undefined && token !== expected) {
      throw new Error(`expected ${expected}, found ${token} as token ${next}`);
    }
    next += 1;
    return token;
  };
  const choice = (): Part => {
    const parts = [sequence()];
    while (tokens[next] === '|') {
      take();
      parts.push(sequence());
    }
    return parts.length === 1 ? (parts[0] as Part) : { kind: 'choice', parts };
  };
  const sequence = (): Part => {
    const parts: Part[] = [];
    while (!['|', ';', ')', ']', '}'].includes(tokens[next] ?? ';')) parts.push(part());
    return { kind: 'sequence', parts };
  };
  const closed = (closing: string): Part => {
    const inner = choice();
    take(closing);
    return inner;
  };
  const part = (): Part => {
    const token = take();
    switch (token) {
      case '(':
        return closed(')');
      case '[':
        return { kind: 'optional', part: closed(']') };
      case '{':
        return { kind: 'repeated', part: closed('}') };
      default:
        return token.startsWith('"')
          ? { kind: 'literal', text: token.slice(1, -1) }
          : { kind: 'name', text: token };
    }
  };
  const rules = new Map<string, Part>();
  while (next < tokens.length) {
    const name = take();
    take('=');
    rules.set(name, choice());
    take(';');
  }
  return rules;
}

/** Names that rules use, and no rule and no terminal has. */
export function undefinedNames(grammar: Grammar, terminals: readonly string[]): readonly string[] {
  const used = new Set<string>();
  const visit = (part: Part): void => {
    if (part.kind === 'name') used.add(part.text);
    else if ('part' in part) visit(part.part);
    else if ('parts' in part) part.parts.forEach(visit);
  };
  for (const part of grammar.values()) visit(part);
  return [...used].filter((name) => !grammar.has(name) && !terminals.includes(name));
}

/** How a sentence is made: numbers to choose by, and what stands for names that are no rules. */
export type SentenceMaker = {
  /** A number from 0 to below `count`. */
  readonly choose: (count: number) => number;
  readonly terminal: (name: string) => string;
  /** What stands for the text that a rule has led to. */
  readonly made: (rule: string, text: string) => string;
  /** Whether from here on the shortest way out is taken. */
  readonly isEnding: () => boolean;
};

/** A sentence of a rule, with blanks between its words. */
export function sentence(grammar: Grammar, rule: string, maker: SentenceMaker): string {
  const heights = heightsOf(grammar);
  const { choose } = maker;
  const make = (part: Part): string => {
    const isEnding = maker.isEnding();
    switch (part.kind) {
      case 'literal':
        return part.text;
      case 'name': {
        const body = grammar.get(part.text);
        if (body === undefined) return maker.terminal(part.text);
        return maker.made(part.text, make(body));
      }
      case 'sequence':
        return part.parts
          .map((each) => make(each))
          .filter((text) => text !== '')
          .join(' ');
      case 'choice': {
        const lowest = Math.min(...part.parts.map((each) => heightOf(each, heights)));
        const parts = isEnding
          ? part.parts.filter((each) => heightOf(each, heights) === lowest)
          : part.parts;
        return make(parts[choose(parts.length)] as Part);
      }
      case 'optional':
        return isEnding || choose(2) === 0 ? '' : make(part.part);
      case 'repeated': {
        const count = isEnding ? 0 : choose(3);
        return Array.from({ length: count }, () => make(part.part)).join(' ');
      }
    }
  };
  return make({ kind: 'name', text: rule });
}

/** How many rules within each other a rule needs at least. */
function heightsOf(grammar: Grammar): ReadonlyMap<string, number> {
  const heights = new Map([...grammar.keys()].map((name) => [name, Number.POSITIVE_INFINITY]));
  for (let isChanged = true; isChanged; ) {
    isChanged = false;
    for (const [name, part] of grammar) {
      const height = 1 + heightOf(part, heights);
      if (height < (heights.get(name) as number)) {
        heights.set(name, height);
        isChanged = true;
      }
    }
  }
  return heights;
}

function heightOf(part: Part, heights: ReadonlyMap<string, number>): number {
  switch (part.kind) {
    case 'literal':
    case 'optional':
    case 'repeated':
      return 0;
    case 'name':
      return heights.get(part.text) ?? 0;
    default: {
      const all = part.parts.map((each) => heightOf(each, heights));
      return part.kind === 'choice' ? Math.min(...all) : Math.max(0, ...all);
    }
  }
}
