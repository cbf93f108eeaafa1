import type {
  AccountView,
  CallResult,
  MineOptions,
  NodeApi,
  TransactionRequest,
} from '@lucerna/api';
import { type Clock, present, turnTaker } from '@lucerna/base';
import type { Chain } from '@lucerna/chain';
import { EMPTY_KECCAK, type SignatureEngine } from '@lucerna/crypto';
import { type BlockContext, estimateGas, simulateCall } from '@lucerna/execution';
import type { Mempool } from '@lucerna/mempool';
import {
  type BlockView,
  nextBaseFee,
  protocolErrors,
  type RecoveredTransaction,
  recoverTransaction,
} from '@lucerna/protocol';
import { completeTransaction } from './complete-transaction.ts';
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
  | 'firstHeight'
  | 'head'
  | 'header'
  | 'heightOf'
  | 'logs'
  | 'nextBaseFee'
  | 'pendingBlock'
  | 'pooledTransaction'
>;

function blockQueries(parts: LocalApiParts): BlockQueries {
  const { chain, pool } = parts;
  return {
    head: () => chain.head(),
    firstHeight: () => chain.firstHeight(),
    header: (height) => chain.header(height),
    heightOf: (blockHash) => chain.heightOf(blockHash),
    block: (height) => chain.block(height),
    logs: (filter) => chain.logs(filter, queryTurns(parts)),
    findTransaction: (hash) => chain.findTransaction(hash),
    pooledTransaction: (hash) => pool.get(hash),
    nextBaseFee: () => baseFeeAfterHead(chain),
    pendingBlock: pendingBlocks(parts),
  };
}

/** What gives the pending block, and builds it anew only when something that goes into it is new. */
function pendingBlocks({ chain, pool, sealer }: LocalApiParts): () => BlockView {
  let last: { readonly made: readonly unknown[]; readonly view: BlockView } | undefined;
  return () => {
    const attributes = sealer.attributes({});
    const made = [chain.head(), pool.version, attributes.timestamp];
    if (last === undefined || made.some((part, index) => part !== last?.made[index])) {
      const { block, receipts } = chain.build(attributes, pool.source()).executed;
      last = { made, view: { block, receipts } };
    }
    return last.view;
  };
}

/** What a query that may read many blocks awaits between them. */
function queryTurns({ clock }: LocalApiParts): () => Promise<void> {
  return turnTaker(clock, nodeLimits.values.queryTurnMs);
}

type StateQueries = Pick<NodeApi, 'account' | 'code' | 'prove' | 'storage'>;

function stateQueries(parts: LocalApiParts): StateQueries {
  const { chain } = parts;
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
    prove: (height, address, slots) => chain.prove(height, address, slots, queryTurns(parts)),
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
  parts.sealer.checkIncludable(recovered.transaction);
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
  throw protocolErrors.create('TX_NONCE_TOO_LOW', `next nonce ${stateNonce}, tx nonce ${nonce}`, {
    nonce,
    stateNonce,
  });
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
