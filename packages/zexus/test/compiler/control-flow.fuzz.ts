import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runs } from '../../../../tools/src/fuzz-runs.ts';
import { World } from '../support/world.ts';

/** Statements that JavaScript has as well, and means the same by. */
type Node =
  | { readonly kind: 'mark'; readonly digit: number }
  /** Sometimes: how many steps were made before decides. */
  | {
      readonly kind: 'break' | 'continue' | 'return' | 'throw';
      readonly at: number;
      readonly digit: number;
    }
  | { readonly kind: 'if'; readonly at: number; readonly body: readonly Node[] }
  | { readonly kind: 'each' | 'while'; readonly rounds: number; readonly body: readonly Node[] }
  | { readonly kind: 'tx'; readonly body: readonly Node[] }
  | { readonly kind: 'match'; readonly body: readonly Node[]; readonly other: readonly Node[] }
  | {
      readonly kind: 'try';
      readonly body: readonly Node[];
      readonly handler: readonly Node[] | undefined;
      readonly cleanup: readonly Node[] | undefined;
    };

const digit = fc.integer({ min: 0, max: 9 });
/** In how many of eight steps it is left. */
const at = fc.integer({ min: 0, max: 7 });

const { block } = fc.letrec<{ block: readonly Node[]; node: Node }>((tie) => ({
  block: fc.array(tie('node'), { minLength: 1, maxLength: 4, depthIdentifier: 'block' }),
  node: fc.oneof(
    { maxDepth: 6, depthSize: 'max', depthIdentifier: 'block' },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('mark' as const), digit }) },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constantFrom('break' as const, 'continue', 'continue', 'return', 'throw'),
        at,
        digit,
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('if' as const), at, body: tie('block') }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constantFrom('each' as const, 'while' as const),
        rounds: fc.integer({ min: 0, max: 3 }),
        body: tie('block'),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('tx' as const), body: tie('block') }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('match' as const),
        body: tie('block'),
        other: tie('block'),
      }),
    },
    {
      weight: 5,
      arbitrary: fc
        .record({
          kind: fc.constant('try' as const),
          body: tie('block'),
          handler: fc.option(tie('block'), { nil: undefined }),
          cleanup: fc.option(tie('block'), { nil: undefined, freq: 3 }),
        })
        .filter(({ handler, cleanup }) => handler !== undefined || cleanup !== undefined),
    },
  ),
}));

/** What differs between the two languages. */
type Dialect = {
  readonly each: (name: string, rounds: number) => string;
  readonly match: (body: string, other: string) => string;
  readonly tx: string;
};

const ZEXUS: Dialect = {
  each: (name, rounds) => `for each ${name} in [${rounded(rounds)}]`,
  match: (body, other) => `match steps % 3 { 0, 1 => { ${body} } _ => { ${other} } }`,
  tx: 'tx',
};

const JAVASCRIPT: Dialect = {
  each: (name, rounds) => `for (const ${name} of [${rounded(rounds)}])`,
  match: (body, other) => `if (steps % 3 < 2) { ${body} } else { ${other} }`,
  tx: '',
};

function rounded(rounds: number): string {
  return Array.from({ length: rounds }, (_, index) => index).join();
}

/** The statements as text; names are numbered. */
function written(nodes: readonly Node[], dialect: Dialect, isInLoop = false, depth = 0): string {
  const inner = (body: readonly Node[], isLoop = isInLoop): string =>
    `{ ${written(body, dialect, isLoop, depth + 1)} }`;
  const texts = nodes.map((node, index) => {
    const name = `v${depth}_${index}`;
    switch (node.kind) {
      case 'mark':
        return `steps += 1; trace = trace + "${node.digit}"`;
      case 'return':
      case 'throw': {
        const value = node.kind === 'return' ? `trace + "r${node.digit}"` : `"t${node.digit}"`;
        return `steps += 1; if (steps % 8 < ${node.at}) { ${node.kind} ${value} }`;
      }
      case 'break':
      case 'continue':
        if (!isInLoop) return 'steps += 1';
        return `steps += 1; if (steps % 8 < ${node.at}) { ${node.kind} }`;
      case 'if':
        return `if (steps % 8 >= ${node.at}) ${inner(node.body)}`;
      case 'each':
        return `${dialect.each(name, node.rounds)} ${inner(node.body, true)}`;
      case 'while':
        return `let ${name} = 0; while (${name} < ${node.rounds}) { ${name} += 1; ${written(node.body, dialect, true, depth + 1)} }`;
      case 'tx':
        return `${dialect.tx} ${inner(node.body)}`;
      case 'match':
        return dialect.match(
          written(node.body, dialect, isInLoop, depth + 1),
          written(node.other, dialect, isInLoop, depth + 1),
        );
      default: {
        const handler =
          node.handler === undefined
            ? ''
            : `catch (e${depth}_${index}) { trace = trace + e${depth}_${index}; ${written(node.handler, dialect, isInLoop, depth + 1)} }`;
        const cleanup = node.cleanup === undefined ? '' : `finally ${inner(node.cleanup)}`;
        return `try ${inner(node.body)} ${handler} ${cleanup}`;
      }
    }
  });
  return texts.join('\n');
}

function inZexus(nodes: readonly Node[]): unknown {
  return new World()
    .deploy(
      `contract C { action go() -> string { let trace = ""; let steps = 0\n${written(nodes, ZEXUS)}\nreturn trace } }`,
    )
    .call('go');
}

function inJavaScript(nodes: readonly Node[]): unknown {
  const body = `let trace = ''; let steps = 0;\n${written(nodes, JAVASCRIPT)}\nreturn trace;`;
  try {
    return new Function(body)() as unknown;
  } catch (error) {
    if (typeof error !== 'string') throw error;
    return `reverted: ${error}`;
  }
}

it('leaves loops, tries, transactions and matches as JavaScript does', () => {
  fc.assert(
    fc.property(block, (nodes) => {
      expect(inZexus(nodes)).toBe(inJavaScript(nodes));
    }),
    runs(300),
  );
});
