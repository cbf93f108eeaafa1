import { type Case, median, type Suite } from '../harness.ts';
import { formatNumber } from '../report.ts';
import type { Program } from './programs.ts';
import { memoryCases } from './rpc/memory-cases.ts';
import { ANVIL_NAME, anvilProgram, cliProgram, npmProgram } from './rpc/nodes.ts';
import { readCases } from './rpc/read-cases.ts';
import { sendCases } from './rpc/send-cases.ts';
import { timeToFirstAnswer } from './time-to-first-answer.ts';

const startRounds = 5;

function startCase(
  id: string,
  limitMs: number,
  program: (args: readonly string[]) => Program,
): Case {
  return {
    id,
    unit: 'ms',
    better: 'lower',
    target: 1,
    rounds: startRounds,
    level: 'process',
    prepare: async (quick) => {
      const beside = await describeAnvil(quick ? 1 : startRounds);
      // The first start fills caches that every later one finds.
      await timeToFirstAnswer(program);
      return {
        ours: async () => ({ value: await timeToFirstAnswer(program) }),
        peer: { kind: 'figure', name: `limit:${limitMs}ms${beside}`, value: limitMs },
        close: async () => {},
      };
    },
  };
}

/** The time that anvil takes, for comparison. */
async function describeAnvil(rounds: number): Promise<string> {
  const samples: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const sample = await anvilStartMs();
    if (sample === undefined) return '';
    samples.push(sample);
  }
  return ` (${ANVIL_NAME}: ${formatNumber(median(samples))} ms)`;
}

async function anvilStartMs(): Promise<number | undefined> {
  const program = anvilProgram([]);
  if (program === undefined) return undefined;
  // It keeps nothing and takes no directory: only the port is of interest.
  return timeToFirstAnswer((args) => ({
    ...program,
    args: [...program.args, ...args.slice(0, 2)],
  }));
}

/** What a client meets: how soon the first answer comes, and how fast the others. */
export const rpcSuite: Suite = {
  name: 'rpc',
  cases: [
    startCase('start', 500, cliProgram),
    startCase('npm-start', 700, npmProgram),
    ...readCases,
    ...sendCases,
    ...memoryCases,
  ],
};
