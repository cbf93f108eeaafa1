import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Case, Suite } from '../harness.ts';
import { type Program, pinnedNode, userEnvironment } from './programs.ts';
import { timeToFirstAnswer } from './time-to-first-answer.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

const startRounds = 5;

/** `npm start` as a person types it. */
function npmStart(args: readonly string[]): Program {
  return { command: 'npm', args: ['start', '--', ...args], cwd: root, env: userEnvironment(root) };
}

/** The command without npm and the launcher in front of it. */
function cliStart(args: readonly string[]): Program {
  return {
    command: pinnedNode(root),
    args: [join(root, 'apps/cli/src/main.ts'), 'dev', ...args, '--quiet'],
    cwd: root,
    env: userEnvironment(root),
  };
}

function startCase(id: string, limitMs: number, program: typeof npmStart): Case {
  return {
    id,
    unit: 'ms',
    better: 'lower',
    target: 1,
    rounds: startRounds,
    level: 'process',
    prepare: async () => {
      // The first start fills caches that every later one finds.
      await timeToFirstAnswer(program);
      return {
        ours: async () => ({ value: await timeToFirstAnswer(program) }),
        peer: { kind: 'figure', name: `limit:${limitMs}ms`, value: limitMs },
        close: async () => {},
      };
    },
  };
}

/** What a client meets: how soon the first answer comes. */
export const rpcSuite: Suite = {
  name: 'rpc',
  cases: [startCase('start', 500, cliStart), startCase('npm-start', 700, npmStart)],
};
