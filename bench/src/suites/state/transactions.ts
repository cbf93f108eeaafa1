import { assert, fixedBytes, fromHex, type Log } from '@lucerna/base';
import { keccak256, type SignatureEngine } from '@lucerna/crypto';
import { loadSignatureEngine } from '@lucerna/platform-node/crypto';
import {
  encodeTransaction,
  INITIAL_FORKS,
  publicKeyToAddress,
  type RecoveredTransaction,
  recoverTransaction,
  rulesAt,
  signTransaction,
  validateTransaction,
} from '@lucerna/protocol';
import { timeEachCall } from '../../clock.ts';
import type { Case, Measure, Peer, Prepared } from '../../harness.ts';
import { peerName } from '../../peers.ts';
import { addressOf, cycled, digestOf, upTo } from './fixtures.ts';

export const CHAIN_ID = 31_337n;
export const BLOCK_GAS_LIMIT = 30_000_000n;
const GWEI = 10n ** 9n;

/** Somebody whose key is a hash of a number. */
export type Signer = { readonly key: Uint8Array; readonly address: Uint8Array };

export function signerOf(index: number, signatures: SignatureEngine): Signer {
  const key = keccak256(fixedBytes(BigInt(index), 4));
  return { key, address: publicKeyToAddress(signatures.publicKey(key)) };
}

/** The engine of the product: it says so when there is no native one to measure. */
export async function benchSignatures(): Promise<SignatureEngine> {
  const silent = (): void => {};
  const warn: Log['warn'] = (message) => console.error(`lucerna: ${message}`);
  return loadSignatureEngine({ debug: silent, info: silent, warn, error: warn });
}

/** A type-2 transaction as it goes over the wire. */
export function signedTransaction(
  from: Signer,
  change: { readonly to: Uint8Array; readonly data: Uint8Array; readonly gasLimit: bigint },
  signatures: SignatureEngine,
): Uint8Array {
  const unsigned = {
    type: 2 as const,
    chainId: CHAIN_ID,
    nonce: 0n,
    maxPriorityFeePerGas: GWEI,
    maxFeePerGas: 30n * GWEI,
    value: 10n ** 15n,
    accessList: [],
    ...change,
  };
  return encodeTransaction(signTransaction(unsigned, from.key, signatures));
}

/** Calls of `transfer(address,uint256)`: the usual token transfer, 186 bytes or so. */
function tokenTransfers(count: number, signatures: SignatureEngine): readonly Uint8Array[] {
  const selector = fromHex('0xa9059cbb');
  return upTo(count).map((index) => {
    const data = new Uint8Array(68);
    data.set(selector);
    data.set(addressOf(index), 16);
    data.set(keccak256(addressOf(index)).subarray(0, 8), 60);
    const to = addressOf(count + index);
    return signedTransaction(
      signerOf(index, signatures),
      { to, data, gasLimit: 65_000n },
      signatures,
    );
  });
}

/** Decodes, recovers the sender and makes all checks that need no state. */
type Receive = (raw: Uint8Array) => Uint8Array;

function ourReceive(signatures: SignatureEngine): Receive {
  const context = {
    chainId: CHAIN_ID,
    rules: rulesAt(INITIAL_FORKS, 0),
    blockGasLimit: BLOCK_GAS_LIMIT,
  };
  return (raw) => {
    const received: RecoveredTransaction = recoverTransaction(raw, signatures);
    validateTransaction(received.transaction, context);
    return received.sender;
  };
}

/**
 * The same by `@ethereumjs/tx`, as fast as it goes: libsecp256k1 and our Keccak in the places where
 * it takes them, and its objects not frozen. Its constructor makes the checks but that of the gas.
 */
async function peerReceive(): Promise<Receive | undefined> {
  const [{ createTxFromRLP }, { Common, Hardfork, Mainnet }, library] = await Promise.all([
    import('@ethereumjs/tx'),
    import('@ethereumjs/common'),
    import('secp256k1/bindings.js').catch(() => undefined),
  ]);
  if (library === undefined) return undefined;
  const common = new Common({
    chain: { ...Mainnet, chainId: Number(CHAIN_ID) },
    hardfork: Hardfork.London,
    customCrypto: {
      keccak256,
      ecrecover: (digest, v, r, s) => {
        const signature = new Uint8Array(64);
        signature.set(r, 32 - r.length);
        signature.set(s, 64 - s.length);
        return library.default.ecdsaRecover(signature, Number(v), digest, false).subarray(1);
      },
    },
  });
  return (raw) => {
    const transaction = createTxFromRLP(raw, { common, freeze: false });
    assert(transaction.gasLimit >= transaction.getIntrinsicGas(), 'the gas suffices');
    return transaction.getSenderAddress().bytes;
  };
}

/** Transactions per second. */
function measureReceive(receive: Receive, raws: readonly Uint8Array[], quick: boolean): Measure {
  const leastMs = quick ? 5 : 200;
  const eachMs = (): number => timeEachCall(leastMs, (index) => receive(cycled(raws, index)));
  eachMs();
  return async () => ({ value: 1000 / eachMs(), hash: digestOf(raws.map(receive)) });
}

async function prepareReceive(quick: boolean): Promise<Prepared> {
  const signatures = await benchSignatures();
  const raws = tokenTransfers(256, signatures);
  const name = `${peerName('@ethereumjs/tx')}, libsecp256k1, our keccak`;
  const receive = await peerReceive();
  const peer: Peer =
    receive === undefined
      ? { kind: 'absent', name }
      : { kind: 'measured', name, measure: measureReceive(receive, raws, quick) };
  const ours = measureReceive(ourReceive(signatures), raws, quick);
  return { ours, peer, close: async () => {} };
}

/** From the bytes of `eth_sendRawTransaction` to a transaction that the pool may look at. */
export const transactionCases: readonly Case[] = [
  {
    id: 'tx-decode-sender',
    unit: 'tx/s',
    better: 'higher',
    target: 1.6,
    rounds: 9,
    cpuTime: true,
    note: 'bound by libsecp256k1: the recovery of the sender, equal on both sides, is two thirds of our time',
    prepare: prepareReceive,
  },
];
