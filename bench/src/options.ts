import { parseArgs } from 'node:util';

export type BenchOptions = {
  /** Undefined runs every suite. */
  readonly suite: string | undefined;
  readonly caseId: string | undefined;
  readonly json: boolean;
  readonly quick: boolean;
};

export const usage = 'npm run bench -- [SUITE] [--case ID] [--json] [--quick]';

/** Reads the command line; throws a TypeError that says which argument is wrong. */
export function parseOptions(args: readonly string[]): BenchOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      case: { type: 'string' },
      json: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
    },
  });
  if (positionals.length > 1) throw new TypeError(`one suite at a time: ${positionals.join(' ')}`);
  return {
    suite: positionals[0],
    caseId: values.case,
    json: values.json,
    quick: values.quick,
  };
}
