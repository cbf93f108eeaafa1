import type { CompileOptions } from '../../src/compiler/compile.ts';
import { PLENTY } from '../vm/support.ts';
import { World } from './world.ts';

/** Lines of a program that say what to call: `#> name(arguments in JSON)`, and `#! deploy(…)` before. */
const STEP = /^#([>!]) (\w+)\((.*)\)$/gm;

/** What the calls that the comments of a program ask for give, log, and use as gas. */
export function runLines(text: string, options: CompileOptions): string[] {
  const steps = [...text.matchAll(STEP)].map(([, kind, name = '', values = '']) => ({
    isDeployment: kind === '!',
    name,
    values: parseValues(values),
    written: `${name}(${values})`,
  }));
  if (steps.length === 0) return [];
  const world = new World();
  const values = steps.find((step) => step.isDeployment)?.values ?? [];
  const contract = world.deploy(text, values, undefined, options);
  return steps.flatMap(({ isDeployment, name, values, written }) => {
    if (isDeployment) return [];
    const earlier = world.logs.length;
    const outcome = contract.outcome(name, values);
    const result = plainText(contract.resultOf(name, outcome));
    return [
      `  ${written} → ${result} ; gas ${PLENTY - outcome.gasLeft}`,
      ...contract.events(earlier).map((event) => `    log ${plainText(event)}`),
    ];
  });
}

function parseValues(text: string): readonly unknown[] {
  return JSON.parse(`[${text}]`, (_, value: unknown) =>
    typeof value === 'number' ? BigInt(value) : value,
  );
}

function plainText(value: unknown): string {
  if (value === undefined) return 'nothing';
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'bigint' ? Number(part) : part,
  );
}
