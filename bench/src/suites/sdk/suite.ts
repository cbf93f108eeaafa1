import type { Suite } from '../../harness.ts';
import { ledgerCases } from './ledger-cases.ts';
import { poolCases } from './pool-cases.ts';

/** The ledger and the pool that programs embed, beside what somebody writes in Python in an afternoon. */
export const sdkSuite: Suite = { name: 'sdk', cases: [...ledgerCases, ...poolCases] };
