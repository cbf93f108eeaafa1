import type { Suite } from '../../harness.ts';
import { batchCases } from './batch-cases.ts';
import { codecCases } from './codec-cases.ts';
import { seedCases } from './seed-cases.ts';
import { streamCases } from './stream-case.ts';

/** Encodings of embeddings as text. */
export const q64Suite: Suite = {
  name: 'q64',
  cases: [...codecCases, ...batchCases, ...streamCases, ...seedCases],
};
