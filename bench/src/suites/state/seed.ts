import {
  assert,
  EMPTY_BYTES,
  fixedBytes,
  present,
  type SeededRandom,
  seededRandom,
} from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import {
  EMPTY_OMMERS_HASH,
  emptyBloom,
  type Header,
  headerHash,
  INITIAL_FORKS,
  type RecoveredTransaction,
  recoverTransaction,
  rulesAt,
  ZERO_BLOCK_NONCE,
} from '@lucerna/protocol';
import { commitDiff, EMPTY_ACCOUNT, latestState, proveAccount, StateJournal } from '@lucerna/state';
import { type KvReader, OverlayStore } from '@lucerna/storage';
import type { BlockContext } from '../../../../packages/execution/src/context.ts';
import { executeTransaction } from '../../../../packages/execution/src/transaction.ts';
import { timeCpu, timeEachCall, timeWall } from '../../clock.ts';
import type { Case, Measure } from '../../harness.ts';
import { addressOf, cycled, openBenchState, orClose, sample, upTo } from './fixtures.ts';
import {
  BLOCK_GAS_LIMIT,
  benchSignatures,
  CHAIN_ID,
  signedTransaction,
  signerOf,
} from './transactions.ts';

/** Accounts or transactions of a block. */
function blockSize(quick: boolean): number {
  return quick ? 50 : 1000;
}

function accountCount(quick: boolean): number {
  return quick ? 1000 : 100_000;
}

/** Ours, ready to be measured, and what is to be done afterwards. */
type Ready = { readonly ours: Measure; readonly close: () => Promise<void> };

/** A case against a figure that a predecessor published, in milliseconds for one operation. */
function seedCase(
  id: string,
  seedMs: number,
  target: number | undefined,
  prepare: (quick: boolean) => Promise<Ready>,
): Case {
  return {
    id,
    unit: 'ms',
    better: 'lower',
    target,
    rounds: 9,
    cpuTime: true,
    prepare: async (quick) => ({
      ...(await prepare(quick)),
      peer: { kind: 'figure', name: 'seed:luxtensor', value: seedMs },
    }),
  };
}

function microCase(call: (index: number) => void, quick: boolean): Ready {
  const leastMs = quick ? 5 : 120;
  timeEachCall(leastMs, call);
  return {
    ours: async () => ({ value: timeEachCall(leastMs, call) }),
    close: async () => {},
  };
}

function headerOf(height: number): Header {
  const hash = keccak256(fixedBytes(BigInt(height), 8));
  return {
    parentHash: hash,
    ommersHash: EMPTY_OMMERS_HASH,
    coinbase: addressOf(height),
    stateRoot: hash,
    transactionsRoot: hash,
    receiptsRoot: hash,
    logsBloom: emptyBloom(),
    difficulty: 0n,
    height,
    gasLimit: BLOCK_GAS_LIMIT,
    gasUsed: 21_000n,
    timestamp: 1_700_000_000 + height,
    extraData: EMPTY_BYTES,
    mixHash: hash,
    nonce: ZERO_BLOCK_NONCE,
    baseFeePerGas: 875_000_000n,
  };
}

/** The hash of a header: its encoding and the Keccak of it. */
async function prepareBlockHash(quick: boolean): Promise<Ready> {
  const headers = upTo(64).map(headerOf);
  return microCase((index) => headerHash(cycled(headers, index)), quick);
}

/** One `verify` of a signature, against a public key that is known. */
async function prepareVerify(quick: boolean): Promise<Ready> {
  const signatures = await benchSignatures();
  const signed = upTo(64).map((index) => {
    const digest = keccak256(fixedBytes(BigInt(index), 32));
    const key = keccak256(digest);
    const { bytes } = signatures.sign(digest, key);
    return { digest, bytes, publicKey: signatures.publicKey(key) };
  });
  return microCase((index) => {
    const { digest, bytes, publicKey } = cycled(signed, index);
    assert(signatures.verify(digest, bytes, publicKey), 'the signature is right');
  }, quick);
}

/**
 * One signed transfer among the thousand of a block: the checks of the block's context and its effect
 * on the journal, which reads both accounts from the database. Its sender is recovered beforehand; the
 * block's roots are not part of it.
 */
async function prepareExecute(quick: boolean): Promise<Ready> {
  const signatures = await benchSignatures();
  const count = accountCount(quick);
  const signers = upTo(blockSize(quick)).map((index) => signerOf(index, signatures));
  const funded = signers.map(({ address }) => ({
    address,
    before: undefined,
    after: { ...EMPTY_ACCOUNT, balance: 10n ** 20n },
    storageCleared: false,
  }));
  const random = seededRandom(3);
  const transfers = signers.map((from) => {
    const change = { to: addressOf(random.below(count)), data: EMPTY_BYTES, gasLimit: 21_000n };
    return recoverTransaction(signedTransaction(from, change, signatures), signatures);
  });
  const opened = await openBenchState(count, funded);
  const execute: Measure = async () => ({
    value: await timeTransfers(OverlayStore.open(opened.store), transfers),
  });
  return warmed(execute, opened);
}

const context: BlockContext = {
  chainId: CHAIN_ID,
  height: 1,
  timestamp: 1_700_000_000,
  coinbase: addressOf(2 ** 40),
  gasLimit: BLOCK_GAS_LIMIT,
  baseFeePerGas: 10n ** 9n,
  mixHash: keccak256(EMPTY_BYTES),
  rules: rulesAt(INITIAL_FORKS, 1),
  hashAt: () => undefined,
};

/** Milliseconds for one of the transfers. */
async function timeTransfers(
  reader: KvReader,
  transfers: readonly RecoveredTransaction[],
): Promise<number> {
  const journal = new StateJournal(latestState(reader));
  const elapsedMs = await timeCpu(() => {
    for (const transfer of transfers) {
      const { status } = executeTransaction(journal, context, transfer, BLOCK_GAS_LIMIT);
      assert(status === 1, 'the transfer succeeds');
    }
  });
  return elapsedMs / transfers.length;
}

/** A block's journal reads a thousand accounts, of which it has none yet. */
async function prepareRead(quick: boolean): Promise<Ready> {
  const count = accountCount(quick);
  const opened = await openBenchState(count);
  const overlay = OverlayStore.open(opened.store);
  const random = seededRandom(4);
  const readBlock = async (): Promise<number> => {
    const addresses = sample(random, blockSize(quick), count).map(addressOf);
    const journal = new StateJournal(latestState(overlay));
    const elapsedMs = await timeCpu(() => {
      for (const address of addresses) present(journal.account(address), 'the account is there');
    });
    return elapsedMs / addresses.length;
  };
  return averaging(readBlock, quick, opened);
}

/** The mean of several blocks on what is open, after as many that are not counted. */
async function averaging(
  measureBlock: () => Promise<number>,
  quick: boolean,
  opened: Pick<Ready, 'close'>,
): Promise<Ready> {
  const blocks = quick ? 1 : 10;
  const measure: Measure = async () => {
    let sum = 0;
    for (let block = 0; block < blocks; block += 1) sum += await measureBlock();
    return { value: sum / blocks };
  };
  return warmed(measure, opened);
}

/** After one measurement that is not counted. */
function warmed(ours: Measure, opened: Pick<Ready, 'close'>): Promise<Ready> {
  return orClose(opened, async () => {
    await ours();
    return { ours, close: opened.close };
  });
}

/** A state that blocks of a thousand changed accounts are put on. */
class ChangingState {
  readonly #overlay: OverlayStore;
  readonly #random: SeededRandom = seededRandom(5);
  readonly #count: number;
  readonly #blockSize: number;
  #root: Uint8Array;
  #height = 0;

  constructor(overlay: OverlayStore, stateRoot: Uint8Array, quick: boolean) {
    this.#overlay = overlay;
    this.#root = stateRoot;
    this.#count = accountCount(quick);
    this.#blockSize = blockSize(quick);
  }

  /** The addresses of the next block. */
  choose(): readonly Uint8Array[] {
    return sample(this.#random, this.#blockSize, this.#count).map(addressOf);
  }

  /** From a new journal until the block's rows, tries and history are visible. */
  writeBlock(addresses: readonly Uint8Array[]): void {
    this.#height += 1;
    const journal = new StateJournal(latestState(this.#overlay));
    for (const address of addresses) journal.addBalance(address, 1n);
    journal.endTransaction();
    const { stateRoot, batch } = commitDiff(this.#overlay, journal.diff(), {
      parentRoot: this.#root,
      height: this.#height,
      history: true,
    });
    this.#overlay.publish(batch);
    this.#root = stateRoot;
  }
}

/**
 * One account of a block of a thousand: its change in the journal and its share of `commitDiff` (which
 * reads the nodes of the trie from the database) and of the publication, history included. The
 * database gets the rows behind the block log, in groups and on another thread: that is not counted
 * here but in `state-write-durable`.
 */
async function prepareWrite(quick: boolean): Promise<Ready> {
  const opened = await openBenchState(accountCount(quick));
  const overlay = OverlayStore.open(opened.store);
  const state = new ChangingState(overlay, opened.stateRoot, quick);
  const writeBlock = async (): Promise<number> => {
    const addresses = state.choose();
    const elapsedMs = await timeCpu(() => state.writeBlock(addresses));
    await overlay.flush('process');
    return elapsedMs / addresses.length;
  };
  return averaging(writeBlock, quick, opened);
}

/** The same for ten blocks with the flush of all of them, by the clock. */
async function prepareDurableWrite(quick: boolean): Promise<Ready> {
  const opened = await openBenchState(accountCount(quick));
  const overlay = OverlayStore.open(opened.store);
  const state = new ChangingState(overlay, opened.stateRoot, quick);
  const blocks = quick ? 1 : 10;
  const writeBlocks: Measure = async () => {
    const chosen = upTo(blocks).map(() => state.choose());
    const elapsedMs = await timeWall(async () => {
      for (const addresses of chosen) state.writeBlock(addresses);
      await overlay.flush('power');
    });
    return { value: elapsedMs / chosen.flat().length };
  };
  return warmed(writeBlocks, opened);
}

/** The proof of one account, whose nodes are read from the database and checked on the way. */
async function prepareProof(quick: boolean): Promise<Ready> {
  const count = accountCount(quick);
  const opened = await openBenchState(count);
  const overlay = OverlayStore.open(opened.store);
  const addresses = sample(seededRandom(6), blockSize(quick), count).map(addressOf);
  const prove = (index: number): void => {
    const proof = proveAccount(overlay, opened.stateRoot, cycled(addresses, index));
    assert(proof.length > 1, 'the account is below a branch');
  };
  return orClose(opened, async () => ({ ...microCase(prove, quick), close: opened.close }));
}

/** The operations for which a predecessor of this chain published figures. */
export const seedCases: readonly Case[] = [
  seedCase('block-hash', 0.05, 10, prepareBlockHash),
  {
    ...seedCase('sig-verify', 0.12, 2, prepareVerify),
    note: 'bound by libsecp256k1: one verification is one call of it',
  },
  {
    ...seedCase('tx-execute', 0.8, 10, prepareExecute),
    note: 'the recovery of the sender is left out: `tx-decode-sender` measures it',
  },
  seedCase('state-read', 0.15, 10, prepareRead),
  {
    ...seedCase('state-write', 0.4, 10, prepareWrite),
    note: 'no part stands out: garbage collection, Keccak of the nodes, making and encoding them (node --cpu-prof bench/src/main.ts state --case ID)',
  },
  {
    id: 'state-write-durable',
    unit: 'ms',
    better: 'lower',
    target: undefined,
    rounds: 5,
    level: 'power',
    prepare: async (quick) => ({
      ...(await prepareDurableWrite(quick)),
      peer: { kind: 'figure', name: 'seed:luxtensor', value: 0.4 },
    }),
  },
  {
    ...seedCase('merkle-proof', 0.6, 10, prepareProof),
    note: 'bound by the nodes on the path, which are read and checked: Keccak, making bytes and garbage collection are half',
  },
];
