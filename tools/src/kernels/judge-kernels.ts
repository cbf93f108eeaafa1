import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildKernel } from './build-kernel.ts';
import type { Kernel } from './kernel-list.ts';

/** What one run found or did. */
export type KernelReport = {
  /** Kernels that do not compile, exceed their limit or differ from what is committed. */
  readonly failures: readonly string[];
  /** Generated files that were written. */
  readonly written: readonly string[];
};

/** Compiles every kernel anew and compares the generated files byte for byte, or writes them. */
export function judgeKernels(
  root: string,
  kernels: readonly Kernel[],
  mode: 'check' | 'write',
): KernelReport {
  const failures: string[] = [];
  const written: string[] = [];
  for (const kernel of kernels) {
    const built = buildKernel(root, kernel);
    const path = join(root, kernel.output);
    if (built.kind === 'failed') failures.push(`${kernel.source}: ${built.reason}`);
    else if (readIfPresent(path) === built.text) continue;
    else if (mode === 'check') {
      failures.push(`${kernel.output} does not follow from its source: run npm run kernels`);
    } else {
      writeFileSync(path, built.text);
      written.push(`${kernel.output}: ${built.moduleBytes} of ${kernel.maxBytes} bytes`);
    }
  }
  return { failures, written };
}

function readIfPresent(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
