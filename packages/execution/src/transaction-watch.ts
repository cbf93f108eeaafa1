import type { CallTracer } from './trace/tracer.ts';

/** Is told which accounts and slots a transaction accesses (EIP-2929), at least once each. */
export type AccessWatch = {
  address(address: Uint8Array): void;
  slot(address: Uint8Array, slot: Uint8Array): void;
};

/** Who looks on while a transaction is executed; nothing that they do changes its outcome. */
export type TransactionWatch = {
  readonly tracer?: CallTracer | undefined;
  readonly access?: AccessWatch | undefined;
};
