// Compiles the WebAssembly kernels into their generated files; with --check it only compares.
import { fileURLToPath } from 'node:url';
import { judgeKernels } from './src/kernels/judge-kernels.ts';
import { kernels } from './src/kernels/kernel-list.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const mode = process.argv.includes('--check') ? 'check' : 'write';

const { failures, written } = judgeKernels(root, kernels, mode);
for (const line of written) console.log(`wrote ${line}`);
for (const line of failures) console.log(line);
if (failures.length > 0) process.exitCode = 1;
