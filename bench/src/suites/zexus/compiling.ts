import { assert } from '@lucerna/base';
import { timeSettledCall } from '../../clock.ts';
import type { Case } from '../../harness.ts';
import { cycled, digestOf } from '../state/fixtures.ts';
import { compileSource, corpus } from './corpus.ts';

/** Lines of a text, blank ones and comments among them. */
function lineCount(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}

/** From texts to the bytes that are deployed, source map included. */
export const compileCase: Case = {
  id: 'compile',
  unit: 'lines/s',
  better: 'higher',
  target: undefined,
  rounds: 9,
  cpuTime: true,
  prepare: async (quick) => {
    const sources = corpus();
    const compilations = sources.map((source) => compileSource(source, true));
    const containers = compilations.flatMap(({ contracts }) => contracts);
    // Files that a source uses are read again for each source that does.
    const read = compilations.flatMap((compilation) => compilation.sources);
    const lines = read.reduce((sum, { text }) => sum + lineCount(text), 0);
    const compileAll = (): void => {
      for (const source of sources) compileSource(source, true);
    };
    const leastMs = quick ? 5 : 1_000;
    const eachMs = (): number =>
      timeSettledCall(leastMs, (index) => compileSource(cycled(sources, index), true));
    // The machine compiles the compiler while it runs: the first passes are several times as slow.
    for (let pass = 0; pass < (quick ? 1 : 5); pass += 1) compileAll();
    assert(lines > 0, 'there is something to compile');
    return {
      ours: async () => ({
        value: (1_000 / eachMs()) * (lines / sources.length),
        hash: digestOf(containers.map(({ bytecode }) => bytecode)),
      }),
      peer: { kind: 'none' },
      close: async () => {},
      detail: `${sources.length} sources, ${lines} lines with blank ones, comments and used files, ${containers.length} contracts`,
    };
  },
};
