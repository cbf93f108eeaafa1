/** Options of `contract abi`, `inspect` and `disasm`. */
export type AbiOptions = {
  readonly contract?: string;
  readonly rpc: string;
  readonly json?: boolean;
};

/** Options of `contract compile`. */
export type CompileOptions = {
  readonly contract?: string;
  readonly out?: string;
  readonly strip?: boolean;
  readonly json?: boolean;
};

/** Options of `contract query`. */
export type ConnectionOptions = {
  readonly rpc: string;
  readonly privateKey?: string;
  readonly from?: string;
  /** Wei. */
  readonly value?: bigint;
  readonly gas?: bigint;
  readonly json?: boolean;
};

/** Options of `contract call`. */
export type TransactionOptions = ConnectionOptions & {
  /** Milliseconds to wait for the block. */
  readonly timeout: number;
};

/** Options of `contract deploy`. */
export type DeployOptions = TransactionOptions & { readonly contract?: string };
