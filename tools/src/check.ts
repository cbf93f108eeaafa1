// Everything about the tree that can be judged without running it: `npm run check`.
import { fileURLToPath } from 'node:url';
import {
  commandStep,
  licencesStep,
  lockStep,
  runSteps,
  type Step,
  tidyStep,
} from './check-steps.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

const biome = 'node_modules/@biomejs/biome/bin/biome';
const tsc = 'node_modules/typescript/bin/tsc';

const steps: readonly Step[] = [
  commandStep('format and lint', root, [
    biome,
    'check',
    '--error-on-warnings',
    '--max-diagnostics=none',
    '.',
  ]),
  commandStep('types', root, [tsc, '-p', 'tsconfig.json']),
  commandStep('types without a platform', root, [tsc, '-p', 'tsconfig.core.json']),
  tidyStep(root),
  lockStep(root),
  licencesStep(root),
  commandStep('generated docs', root, ['tools/gen-docs.ts', '--check']),
  commandStep('kernels', root, ['tools/gen-kernels.ts', '--check']),
];

process.exitCode = (await runSteps(steps, (line) => console.log(line))) ? 0 : 1;
