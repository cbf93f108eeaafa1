import type { ExecutionStatistics, TransactionOutcome } from '@lucerna/execution';

/** What all runs of a machine together have done; what was taken back counts as well. */
export type ContractVmStatistics = ExecutionStatistics & {
  readonly deployments: number;
  readonly executions: number;
  readonly staticCalls: number;
  readonly succeeded: number;
  readonly failed: number;
  /** How often runs have ended with each code. */
  readonly errors: Readonly<Record<string, number>>;
  readonly gasUsed: bigint;
  readonly gasRefunded: bigint;
};

export type RunKind = 'deployments' | 'executions' | 'staticCalls';

const NOTHING: ContractVmStatistics = {
  deployments: 0,
  executions: 0,
  staticCalls: 0,
  succeeded: 0,
  failed: 0,
  errors: {},
  gasUsed: 0n,
  gasRefunded: 0n,
  frames: 0,
  stateReads: 0,
  stateWrites: 0,
  hashes: 0,
  logs: 0,
  actionCalls: 0,
};

/** Adds up runs. */
export class ContractTotals {
  #total: ContractVmStatistics = NOTHING;

  get total(): ContractVmStatistics {
    return this.#total;
  }

  add(kind: RunKind, { status, error, gasUsed, refund, statistics }: TransactionOutcome): void {
    const total = this.#total;
    const count = error === undefined ? 0 : (total.errors[error.code] ?? 0) + 1;
    this.#total = {
      ...total,
      [kind]: total[kind] + 1,
      succeeded: total.succeeded + status,
      failed: total.failed + 1 - status,
      errors: error === undefined ? total.errors : { ...total.errors, [error.code]: count },
      gasUsed: total.gasUsed + gasUsed,
      gasRefunded: total.gasRefunded + refund,
      frames: total.frames + statistics.frames,
      stateReads: total.stateReads + statistics.stateReads,
      stateWrites: total.stateWrites + statistics.stateWrites,
      hashes: total.hashes + statistics.hashes,
      logs: total.logs + statistics.logs,
      actionCalls: total.actionCalls + statistics.actionCalls,
    };
  }
}
