import type { Suite } from '../../harness.ts';
import { callCase } from './calls.ts';
import { compileCase } from './compiling.ts';
import { fileCases } from './files.ts';
import { containerCases, loopCases } from './loops.ts';
import { sizeCases } from './sizes.ts';
import { tokenCases } from './tokens.ts';

/** Contracts: their files, their compiler, their machine. */
export const zexusSuite: Suite = {
  name: 'zexus',
  cases: [
    ...fileCases,
    ...sizeCases,
    compileCase,
    ...loopCases,
    ...containerCases,
    callCase,
    ...tokenCases,
  ],
};
