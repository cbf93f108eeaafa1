import type { Suite } from '../../harness.ts';
import { durableCases } from './durable.ts';
import { hashCases } from './hashes.ts';
import { largeTrieCases } from './large-trie.ts';
import { seedCases } from './seed.ts';
import { transactionCases } from './transactions.ts';
import { trieCases } from './tries.ts';

/** State, trie, hashes, transactions and databases. */
export const stateSuite: Suite = {
  name: 'state',
  cases: [
    ...trieCases,
    ...largeTrieCases,
    ...hashCases,
    ...transactionCases,
    ...seedCases,
    ...durableCases,
  ],
};
