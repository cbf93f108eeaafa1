import type { CallResult, SimulatedBlock } from '@lucerna/api';
import { EMPTY_BYTES, equalBytes, fromHex, LucernaError, toHexKey } from '@lucerna/base';
import { keccak256, pureSignatureEngine } from '@lucerna/crypto';
import {
  type BlockView,
  type CallRequest,
  createAddress,
  encodeTransaction,
  type Genesis,
  headerHash,
  INITIAL_FORKS,
  intrinsicGas,
  type Log,
  logsBloom,
  publicKeyToAddress,
  type Receipt,
  type RecoveredTransaction,
  type Rules,
  recoverTransaction,
  rulesAt,
  type SimulatedBlockRequest,
  signTransaction,
  type TransactionTrace,
  type UnsignedTransaction,
} from '@lucerna/protocol';

export const CHAIN_ID = 31_337n;
export const GWEI: bigint = 10n ** 9n;
export const COIN: bigint = 10n ** 18n;

export const rules: Rules = rulesAt(INITIAL_FORKS, 0);

/** Three accounts whose keys are 32 equal bytes. */
export const KEYS: readonly Uint8Array[] = [1, 2, 3].map((byte) => new Uint8Array(32).fill(byte));
export const ACCOUNTS: readonly Uint8Array[] = KEYS.map((key) =>
  publicKeyToAddress(pureSignatureEngine.publicKey(key)),
);
export const ALICE: Uint8Array = ACCOUNTS[0]!;
export const BOB: Uint8Array = ACCOUNTS[1]!;
export const CAROL: Uint8Array = ACCOUNTS[2]!;

/** Callees with a fixed behaviour. */
export const ECHO: Uint8Array = new Uint8Array(20).fill(0xec);
export const REVERTER: Uint8Array = new Uint8Array(20).fill(0xee);
export const BURNER: Uint8Array = new Uint8Array(20).fill(0xbb);
/** A call to it makes two logs. */
export const LOGGER: Uint8Array = new Uint8Array(20).fill(0x10);
/** An account with a megabyte of code. */
export const GIANT: Uint8Array = new Uint8Array(20).fill(0x99);
export const CODE: Uint8Array = fromHex('0xef5a5801');

export const genesis: Genesis = {
  chainId: CHAIN_ID,
  timestamp: 1_700_000_000,
  gasLimit: 30_000_000n,
  baseFeePerGas: GWEI,
  coinbase: new Uint8Array(20).fill(0xcb),
  forks: INITIAL_FORKS,
  alloc: ACCOUNTS.map((address) => ({ address, balance: 10_000n * COIN, nonce: 0n })),
};

/** A transaction of `key`, signed and recovered. */
export function signed(key: number, transaction: UnsignedTransaction): RecoveredTransaction {
  const secret = KEYS[key] as Uint8Array;
  const raw = encodeTransaction(signTransaction(transaction, secret, pureSignatureEngine));
  return recover(raw);
}

// Nearly all of the time of a test would go into the same signatures.
const recovered = new Map<string, RecoveredTransaction>();

/** A transaction from its bytes. */
export function recover(raw: Uint8Array): RecoveredTransaction {
  const key = toHexKey(raw);
  const known = recovered.get(key) ?? recoverTransaction(raw, pureSignatureEngine);
  recovered.set(key, known);
  return known;
}

/** A fee-market transfer of 1 wei to Bob, changed by `fields`. */
export function transfer(
  fields: Partial<UnsignedTransaction & { type: 2 }> = {},
): UnsignedTransaction {
  return {
    type: 2,
    chainId: CHAIN_ID,
    nonce: 0n,
    maxPriorityFeePerGas: GWEI,
    maxFeePerGas: 10n * GWEI,
    gasLimit: 21_000n,
    to: BOB,
    value: 1n,
    data: EMPTY_BYTES,
    accessList: [],
    ...fields,
  };
}

/** Which of the keys signs for an address. @throws `ACCOUNT_UNKNOWN` */
export function keyOf(address: Uint8Array): number {
  const key = ACCOUNTS.findIndex((account) => equalBytes(account, address));
  if (key === -1) throw coded('ACCOUNT_UNKNOWN', 'unknown account');
  return key;
}

/** Blocks of calls on top of a head, in which nobody has signed anything. */
export function simulated(
  head: BlockView['block'],
  requests: readonly SimulatedBlockRequest[],
  call: (request: CallRequest) => CallResult,
): readonly SimulatedBlock[] {
  let parent = head;
  return requests.map(({ block: overrides, calls: given }) => {
    const { header: before, hash: parentHash } = parent;
    const height = overrides.height ?? before.height + 1;
    const timestamp = overrides.timestamp ?? before.timestamp + 12;
    const header = { ...before, parentHash, height, timestamp };
    const transactions = given.map((request, index): RecoveredTransaction => {
      const { from: sender = new Uint8Array(20), to, data = EMPTY_BYTES } = request;
      const body = transfer({ nonce: BigInt(index), to, data });
      const transaction = { ...body, signature: { r: 1n, s: 1n, yParity: 0 as const } };
      const raw = encodeTransaction(transaction);
      return { transaction, raw, hash: keccak256(raw), sender, unsigned: true };
    });
    const block = { header, hash: headerHash(header), transactions };
    const view = { block, receipts: receiptsOf(transactions) };
    parent = block;
    const calls = given.map((request, index) => ({
      ...call(request),
      logs: view.receipts[index]?.logs ?? [],
    }));
    return { view, calls };
  });
}

/** The trace of a transaction that nobody executes: one frame. */
export function traceOf({ block, receipts }: BlockView, index: number): TransactionTrace {
  const { sender, transaction, hash } = block.transactions[index]!;
  const { to, nonce, value, data } = transaction;
  const receipt = receipts[index]!;
  return {
    transactionHash: hash,
    calls: {
      kind: to === null ? 'create' : 'call',
      from: sender,
      to: to ?? createAddress(sender, nonce),
      gas: transaction.gasLimit,
      gasUsed: intrinsicGas(transaction, rules),
      error: receipt.status === 0 ? coded('OUT_OF_GAS', 'out of gas') : undefined,
      ...{ value, input: data, output: EMPTY_BYTES, location: undefined },
      ...{ logs: receipt.logs, calls: [] },
    },
    steps: undefined,
    isTruncated: false,
  };
}

/** What becomes of transactions that nobody executes. */
export function receiptsOf(transactions: readonly RecoveredTransaction[]): readonly Receipt[] {
  let cumulativeGasUsed = 0n;
  return transactions.map(({ transaction }) => {
    cumulativeGasUsed += intrinsicGas(transaction, rules);
    const { type, to } = transaction;
    const logs = to !== null && equalBytes(to, LOGGER) ? LOGS : [];
    const status = to === null ? 0 : 1;
    return { type, status, cumulativeGasUsed, logs, logsBloom: logsBloom(logs) };
  });
}

/** A word of 32 equal bytes. */
export const topic = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);

const LOGS: readonly Log[] = [
  { address: LOGGER, topics: [topic(1), topic(2)], data: fromHex('0x0102') },
  { address: LOGGER, topics: [], data: EMPTY_BYTES },
];

/** An error of another package, as far as the API can tell. */
export function coded(code: string, message: string, fields = {}): LucernaError {
  return new LucernaError(code, message, 'Do something else.', fields);
}
