import type {
  AccountView,
  BlockView,
  CallResult,
  MineOptions,
  NodeApi,
  TransactionRequest,
} from '@lucerna/api';
import { type Clock, present } from '@lucerna/base';
import type { Chain } from '@lucerna/chain';
import { EMPTY_KECCAK, type SignatureEngine } from '@lucerna/crypto';
import { type BlockContext, estimateGas, simulateCall } from '@lucerna/execution';
import { type Mempool, mempoolErrors } from '@lucerna/mempool';
import {
  maxFeePerGas,
  nextBaseFee,
  type RecoveredTransaction,
  recoverTransaction,
} from '@lucerna/protocol';
import { completeTransaction } from './complete-transaction.ts';
import { blockAttributes, type Mining } from './dev-sealer.ts';
import { nodeErrors } from './errors.ts';
import type { Keyring } from './keyring.ts';
import { nodeLimits } from './limits.ts';
import type { Sealer } from './sealer.ts';
import { CLIENT_VERSION } from './version.ts';

/** Wei per gas: enough to be taken by a sealer that takes everything that pays something. */
const SUGGESTED_PRIORITY_FEE_PER_GAS = 1_000_000_000n;

/** What the API of a node is made of. */
export type LocalApiParts = {
  readonly chain: Chain;
  readonly pool: Mempool;
  readonly sealer: Sealer;
  readonly mining: Mining;
  readonly keyring: Keyring;
  readonly signatures: SignatureEngine;
  readonly clock: Clock;
};

/** Answers the API from the chain and the pool of this process. */
export function createLocalApi(parts: LocalApiParts): NodeApi {
  const { chain, pool, keyring } = parts;
  return {
    chainId: chain.genesis.chainId,
    clientVersion: CLIENT_VERSION,
    accounts: () => keyring.addresses,
    syncing: () => false,
    ...blockQueries(parts),
    ...stateQueries(parts),
    ...simulations(parts),
    pendingNonce: (address) => pool.pendingNonce(address),
    priorityFee: () => SUGGESTED_PRIORITY_FEE_PER_GAS,
    sendRaw: (raw) => submit(parts, raw),
    sendFromAccount: (request) => submit(parts, signRequest(parts, request)),
    mine: (options) => mine(parts, options),
  };
}

type BlockQueries = Pick<
  NodeApi,
  | 'block'
  | 'findTransaction'
  | 'head'
  | 'header'
  | 'heightOf'
  | 'nextBaseFee'
  | 'pendingBlock'
  | 'pooledTransaction'
>;

function blockQueries(parts: LocalApiParts): BlockQueries {
  const { chain, pool } = parts;
  return {
    head: () => chain.head(),
    header: (height) => chain.header(height),
    heightOf: (blockHash) => chain.heightOf(blockHash),
    block: (height) => chain.block(height),
    findTransaction: (hash) => chain.findTransaction(hash),
    pooledTransaction: (hash) => pool.get(hash),
    nextBaseFee: () => baseFeeAfterHead(chain),
    pendingBlock: (): BlockView => {
      const { executed } = chain.build(blockAttributes(parts, {}), pool.source());
      return { block: executed.block, receipts: executed.receipts };
    },
  };
}

function stateQueries({ chain }: LocalApiParts): Pick<NodeApi, 'account' | 'code' | 'storage'> {
  return {
    account: (height, address): AccountView => {
      const account = chain.state(height).account(address);
      if (account === undefined) return { nonce: 0n, balance: 0n, codeHash: EMPTY_KECCAK };
      return { nonce: account.nonce, balance: account.balance, codeHash: account.codeHash };
    },
    code: (height, address): Uint8Array => {
      const state = chain.state(height);
      return state.code(state.account(address)?.codeHash ?? EMPTY_KECCAK);
    },
    storage: (height, address, slot) => chain.state(height).storage(address, slot),
  };
}

function simulations({ chain }: LocalApiParts): Pick<NodeApi, 'call' | 'estimateGas'> {
  return {
    call: (request, height): CallResult =>
      simulateCall(chain.state(height), contextAt(chain, height), request),
    estimateGas: (request, height) =>
      estimateGas(chain.state(height), contextAt(chain, height), request),
  };
}

/** The circumstances in which a call at `height` runs: those of that block. */
function contextAt(chain: Chain, height: number): BlockContext {
  const { header } = present(chain.header(height), 'the state of this height was found');
  return {
    chainId: chain.genesis.chainId,
    height,
    timestamp: header.timestamp,
    coinbase: header.coinbase,
    gasLimit: header.gasLimit,
    baseFeePerGas: header.baseFeePerGas,
    mixHash: header.mixHash,
    rules: chain.rulesAt(height),
  };
}

function baseFeeAfterHead(chain: Chain): bigint {
  const { header } = chain.head();
  return nextBaseFee(header, chain.rulesAt(header.height + 1));
}

async function submit(parts: LocalApiParts, raw: Uint8Array): Promise<Uint8Array> {
  const recovered = recoverTransaction(raw, parts.signatures);
  checkMineable(parts, maxFeePerGas(recovered.transaction));
  for (const effect of parts.pool.step({ kind: 'transaction', transaction: recovered })) {
    if (effect.kind === 'rejected') throw effect.error;
  }
  const { hash } = recovered;
  try {
    await parts.sealer.transactionAccepted();
  } catch (error) {
    // It may be in a block although a later one of the same round failed.
    if (parts.chain.findTransaction(hash) !== undefined) return hash;
    // Its sender is told that it failed: it is not to be mined behind the sender's back, and sending
    // it again is not "already known".
    parts.pool.step({ kind: 'remove', hash });
    throw error;
  }
  checkNonceLeft(parts, recovered);
  return hash;
}

/** While its turn came, the nonce may have gone to another transaction of the same sender. */
function checkNonceLeft({ chain, pool }: LocalApiParts, recovered: RecoveredTransaction): void {
  const { hash, sender, transaction } = recovered;
  if (pool.has(hash) || chain.findTransaction(hash) !== undefined) return;
  const stateNonce = chain.state().account(sender)?.nonce ?? 0n;
  const { nonce } = transaction;
  if (nonce >= stateNonce) return;
  throw mempoolErrors.create('NONCE_TOO_LOW', `next nonce ${stateNonce}, tx nonce ${nonce}`, {
    nonce,
    stateNonce,
  });
}

/**
 * With automine the base fee falls only when a transaction makes a block, so one that cannot pay it
 * would wait for ever: its sender is told instead.
 */
function checkMineable(parts: LocalApiParts, feeCap: bigint): void {
  if (parts.mining.mode !== 'automine') return;
  const baseFee = baseFeeAfterHead(parts.chain);
  if (feeCap >= baseFee) return;
  throw nodeErrors.create(
    'FEE_CAP_BELOW_BASE_FEE',
    `maxFeePerGas: ${feeCap}, baseFee: ${baseFee}`,
    {
      feeCap,
      baseFee,
    },
  );
}

function signRequest(parts: LocalApiParts, request: TransactionRequest): Uint8Array {
  const { chain } = parts;
  const height = chain.head().header.height;
  const transaction = completeTransaction(request, {
    chainId: chain.genesis.chainId,
    nonce: () => parts.pool.pendingNonce(request.from),
    gasLimit: () => estimateGas(chain.state(height), contextAt(chain, height), request),
    baseFeePerGas: baseFeeAfterHead(chain),
    priorityFeePerGas: SUGGESTED_PRIORITY_FEE_PER_GAS,
  });
  return parts.keyring.sign(request.from, transaction);
}

async function mine(parts: LocalApiParts, options: MineOptions): Promise<void> {
  const blocks = options.blocks ?? 1;
  const limit = nodeLimits.values.minedBlocksPerCall;
  if (!Number.isSafeInteger(blocks) || blocks < 1 || blocks > limit) {
    throw nodeErrors.create('BLOCK_COUNT_OUT_OF_RANGE', `${blocks} is not 1 to ${limit}`, {
      blocks,
      limit,
    });
  }
  for (let made = 0; made < blocks; made += 1) {
    const first = made === 0 && options.timestamp !== undefined;
    await parts.sealer.seal(first ? { timestamp: options.timestamp } : {});
  }
}
