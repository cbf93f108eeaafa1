import type { NodeApi, TransactionRequest } from '@lucerna/api';
import { toHex } from '@lucerna/base';
import { estimateGas } from '@lucerna/execution';
import {
  protocolErrors,
  protocolLimits,
  type RecoveredTransaction,
  recoverTransaction,
  type UnsignedTransaction,
  unsignedTransaction,
} from '@lucerna/protocol';
import { completeTransaction } from './complete-transaction.ts';
import { nodeErrors } from './errors.ts';
import type { LocalApiParts } from './local-api-parts.ts';
import type { StatePoints } from './state-points.ts';

/** Wei per gas: enough to be taken by a sealer that takes everything that pays something. */
const SUGGESTED_PRIORITY_FEE_PER_GAS = 1_000_000_000n;

/** What sends, or makes ready to be sent. */
export type Submissions = Pick<
  NodeApi,
  | 'accounts'
  | 'fillTransaction'
  | 'priorityFee'
  | 'sendFromAccount'
  | 'sendRaw'
  | 'signDigest'
  | 'signTransaction'
>;

/** Puts transactions into the pool, and signs for the node's own accounts. */
export function submissions(parts: LocalApiParts, points: StatePoints): Submissions {
  const { keyring, signatures } = parts;
  const complete = (request: TransactionRequest): UnsignedTransaction =>
    completeRequest(parts, points, request);
  const sign = (request: TransactionRequest): RecoveredTransaction => {
    keyring.check(request.from);
    return keyring.sign(request.from, complete(request));
  };
  return {
    // Libraries look here before they let an account send.
    accounts: () => [
      ...keyring.addresses,
      ...(parts.sealer.impersonated?.() ?? []).filter((address) => !keyring.has(address)),
    ],
    priorityFee: () => SUGGESTED_PRIORITY_FEE_PER_GAS,
    sendRaw: async (raw) => submit(parts, recoverTransaction(raw, signatures)),
    sendFromAccount: async (request, signing) => {
      const { from } = request;
      const { dev, mayImpersonate } = parts.sealer;
      const mayGoUnsigned =
        !keyring.has(from) &&
        (mayImpersonate?.(from) === true || (signing === 'without' && dev !== undefined));
      return submit(
        parts,
        mayGoUnsigned ? unsignedTransaction(complete(request), from) : sign(request),
      );
    },
    fillTransaction: complete,
    signTransaction: sign,
    signDigest: (address, digest) => keyring.signDigest(address, digest),
  };
}

function completeRequest(
  parts: LocalApiParts,
  points: StatePoints,
  request: TransactionRequest,
): UnsignedTransaction {
  const { chain, pool, sealer } = parts;
  return completeTransaction(request, {
    chainId: chain.genesis.chainId,
    nonce: () => pool.pendingNonce(request.from),
    gasLimit: () => {
      const { state, context } = points.circumstances(chain.head().header.height);
      return estimateGas(state, context, request);
    },
    baseFeePerGas: sealer.nextBaseFee(),
    priorityFeePerGas: SUGGESTED_PRIORITY_FEE_PER_GAS,
  });
}

async function submit(parts: LocalApiParts, recovered: RecoveredTransaction): Promise<Uint8Array> {
  const { chain, pool, sealer, clock } = parts;
  const { hash, raw, transaction } = recovered;
  // What comes from outside was decoded; what was made here may have grown too large.
  if (raw.length > protocolLimits.values.transactionBytes) {
    throw protocolErrors.create('TX_TOO_LARGE', undefined, { length: raw.length });
  }
  sealer.checkIncludable(transaction);
  const nowMs = clock.nowMs();
  const offered = { kind: 'transaction', transaction: recovered, nowMs, origin: 'local' } as const;
  for (const effect of pool.step(offered)) {
    if (effect.kind === 'rejected') throw effect.error;
  }
  try {
    await sealer.transactionAccepted(hash);
  } catch (error) {
    // It may be in a block although a later one of the same round failed.
    if (chain.findTransaction(hash) !== undefined) return hash;
    // Its sender is told that it failed: it is not to be mined behind the sender's back, and sending
    // it again is not "already known".
    pool.step({ kind: 'remove', hash });
    throw error;
  }
  checkThere(parts, recovered);
  // What is in a block by now is in the log of blocks.
  if (pool.has(hash)) await pool.recorded();
  return hash;
}

/**
 * Before its turn came, the nonce may have gone to another transaction of the same sender, or somebody
 * may have emptied the pool or gone back in the chain: its sender would wait for a receipt for ever.
 *
 * @throws `TX_NONCE_TOO_LOW`, `TRANSACTION_DROPPED`
 */
function checkThere({ chain, pool }: LocalApiParts, recovered: RecoveredTransaction): void {
  const { hash, sender, transaction } = recovered;
  if (pool.has(hash) || chain.findTransaction(hash) !== undefined) return;
  const stateNonce = chain.state().account(sender)?.nonce ?? 0n;
  const { nonce } = transaction;
  if (nonce >= stateNonce) throw nodeErrors.create('TRANSACTION_DROPPED', toHex(hash));
  throw protocolErrors.create('TX_NONCE_TOO_LOW', `next nonce ${stateNonce}, tx nonce ${nonce}`, {
    nonce,
    stateNonce,
  });
}
