import { expect, test } from 'vitest';
import { commandStep, runSteps, type Step } from '../src/check-steps.ts';

const step = (name: string, failures: readonly string[], notes: readonly string[] = []): Step => ({
  name,
  run: () => ({ failures, notes }),
});

test('every step runs, every failure is shown, one failure fails the whole', async () => {
  const lines: string[] = [];
  const steps = [step('one', ['broken']), step('two', [], ['note: long']), step('three', [])];
  expect(await runSteps(steps, (line) => lines.push(line))).toBe(false);
  expect(lines.map((line) => line.replace(/\d+\.\d/, 'N'))).toEqual([
    'FAILED   N s  one',
    '  broken',
    'ok       N s  two',
    '  note: long',
    'ok       N s  three',
  ]);
  expect(await runSteps(steps.slice(1), () => {})).toBe(true);
});

test('what a failing command prints is its failure', async () => {
  const failing = commandStep('tool', '.', ['-e', 'console.log("a"); process.exitCode = 2']);
  expect(await failing.run()).toEqual({ failures: ['a', 'exit code 2'], notes: [] });
  const passing = commandStep('tool', '.', ['-e', 'console.log("a")']);
  expect(await passing.run()).toEqual({ failures: [], notes: [] });
});
