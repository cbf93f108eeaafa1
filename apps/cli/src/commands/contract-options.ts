/** Options of `contract abi`, `inspect` and `disasm`. */
export type AbiOptions = {
  readonly contract?: string;
  readonly rpc: string;
  readonly cache?: boolean;
  readonly json?: boolean;
};

/** Options of `contract compile`. */
export type CompileOptions = {
  readonly contract?: string;
  readonly out?: string;
  readonly strip?: boolean;
  readonly cache?: boolean;
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

/** Options of `contract query` and `contract call` about what is called. */
export type CalledOptions = {
  /** Which contract's actions there are, where the code at the address does not say: behind a proxy. */
  readonly abi?: string;
};

/** Options of `contract encode`. */
export type EncodeOptions = {
  readonly contract?: string;
  readonly rpc: string;
  readonly cache?: boolean;
};

/** Options of `contract call`. */
export type TransactionOptions = ConnectionOptions & {
  /** Milliseconds to wait for the block. */
  readonly timeout: number;
};

/** Options of `contract deploy`. */
export type DeployOptions = TransactionOptions & {
  readonly contract?: string;
  readonly cache?: boolean;
};
