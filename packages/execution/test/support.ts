import { fixedBytes, present, toHexKey } from '@lucerna/base';
import { keccak256, pureSignatureEngine } from '@lucerna/crypto';
import {
  EMPTY_TRIE_ROOT,
  encodeTransaction,
  type Genesis,
  genesisHeader,
  type Header,
  headerHash,
  INITIAL_FORKS,
  publicKeyToAddress,
  type RecoveredTransaction,
  type Rules,
  recoverTransaction,
  rulesAt,
  signTransaction,
  type UnsignedTransaction,
  validateGenesis,
} from '@lucerna/protocol';
import {
  type Account,
  commitDiff,
  EMPTY_ACCOUNT,
  genesisDiff,
  StateCommitter,
  type StateReader,
  verifyState,
} from '@lucerna/state';
import { createMemoryStore, type KvStore } from '@lucerna/storage';
import type { BlockEnvironment, ExecutedBlock } from '../src/block-run.ts';
import type { BlockAttributes } from '../src/builder.ts';
import type { BlockContext } from '../src/context.ts';
import type { TxSource } from '../src/fill.ts';

export const CHAIN_ID = 31_337n;
export const RULES: Rules = rulesAt(INITIAL_FORKS, 0);
export const GWEI: bigint = 1_000_000_000n;
export const ETHER: bigint = 10n ** 18n;

/** A key pair whose key is a hash of its number. */
export type Signer = { readonly key: Uint8Array; readonly address: Uint8Array };

export function signer(index: number): Signer {
  const key = keccak256(fixedBytes(BigInt(index), 4));
  return { key, address: publicKeyToAddress(pureSignatureEngine.publicKey(key)) };
}

/** An address that nobody has the key of and no precompile lies at. */
export function strangerAddress(index: number): Uint8Array {
  return keccak256(fixedBytes(BigInt(index), 8)).slice(12);
}

export function sign(tx: UnsignedTransaction, from: Signer): RecoveredTransaction {
  const raw = encodeTransaction(signTransaction(tx, from.key, pureSignatureEngine));
  return recoverTransaction(raw, pureSignatureEngine);
}

/** A type-2 transfer of 1 wei with ample fees; what a test is about comes in `change`. */
export function transfer(
  from: Signer,
  change: Partial<Omit<UnsignedTransaction & { type: 2 }, 'type'>> = {},
): RecoveredTransaction {
  return sign(
    {
      type: 2,
      chainId: CHAIN_ID,
      nonce: 0n,
      maxPriorityFeePerGas: GWEI,
      maxFeePerGas: 10n * GWEI,
      gasLimit: 21_000n,
      to: strangerAddress(1),
      value: 1n,
      data: new Uint8Array(0),
      accessList: [],
      ...change,
    },
    from,
  );
}

/** A state that is a list of accounts, and the codes that these may have. */
export function stateOf(
  accounts: readonly (readonly [Uint8Array, Partial<Account>])[],
  codes: readonly Uint8Array[] = [],
): StateReader {
  const byHash = new Map(codes.map((code) => [toHexKey(keccak256(code)), code]));
  const byAddress = new Map(
    accounts.map(([address, account]) => [toHexKey(address), { ...EMPTY_ACCOUNT, ...account }]),
  );
  return {
    account: (address) => byAddress.get(toHexKey(address)),
    storage: () => new Uint8Array(32),
    code: (codeHash) => present(byHash.get(toHexKey(codeHash)), 'the test knows all code'),
  };
}

export const CONTEXT: BlockContext = {
  chainId: CHAIN_ID,
  height: 1,
  timestamp: 1_700_000_000,
  coinbase: strangerAddress(777),
  gasLimit: 30_000_000n,
  baseFeePerGas: GWEI,
  mixHash: new Uint8Array(32),
  rules: RULES,
  hashAt: (height) => keccak256(fixedBytes(BigInt(height), 8)),
};

/** The least of a chain: a store and a head, so that blocks can be put on top of each other. */
export class TestChain {
  readonly genesis: Genesis;
  readonly store: KvStore = createMemoryStore();
  readonly committer: StateCommitter = new StateCommitter();
  head: { readonly header: Header; readonly hash: Uint8Array };
  /** Of all blocks, by their heights. */
  readonly hashes: Uint8Array[];

  private constructor(genesis: Genesis, header: Header) {
    this.genesis = genesis;
    this.head = { header, hash: headerHash(header) };
    this.hashes = [this.head.hash];
  }

  static async open(change: Partial<Genesis> & Pick<Genesis, 'alloc'>): Promise<TestChain> {
    const genesis: Genesis = {
      chainId: CHAIN_ID,
      timestamp: 1_700_000_000,
      gasLimit: 30_000_000n,
      baseFeePerGas: GWEI,
      coinbase: new Uint8Array(20),
      forks: INITIAL_FORKS,
      ...change,
    };
    validateGenesis(genesis);
    const diff = genesisDiff(genesis);
    const options = { parentRoot: EMPTY_TRIE_ROOT, height: 0, history: false };
    const store = createMemoryStore();
    const { stateRoot, batch } = commitDiff(store, diff, options);
    const chain = new TestChain(genesis, genesisHeader(genesis, stateRoot));
    await chain.store.commit(batch, 'process');
    return chain;
  }

  environment(change: Partial<BlockEnvironment> = {}): BlockEnvironment {
    return {
      reader: this.store,
      stateRoot: this.head.header.stateRoot,
      committer: this.committer,
      parent: this.head,
      hashAt: (height) => this.hashes[height],
      chainId: this.genesis.chainId,
      rules: RULES,
      history: false,
      ...change,
    };
  }

  attributes(change: Partial<BlockAttributes> = {}): BlockAttributes {
    return {
      timestamp: this.head.header.timestamp + 1,
      coinbase: strangerAddress(777),
      gasLimit: this.head.header.gasLimit,
      mixHash: new Uint8Array(32),
      ...change,
    };
  }

  async publish(executed: ExecutedBlock): Promise<void> {
    await this.store.commit(executed.batch, 'process');
    this.head = { header: executed.block.header, hash: executed.block.hash };
    this.hashes.push(executed.block.hash);
  }

  /** Wei of all accounts, after a check of the whole state. */
  async supply(): Promise<bigint> {
    const { stateRoot } = this.head.header;
    const { totalBalance } = await verifyState(this.store, stateRoot, async () => undefined);
    return totalBalance;
  }
}

/** A source that offers a list in its order and honours skips; `skips` counts them. */
export class ListSource implements TxSource {
  readonly #transactions: readonly RecoveredTransaction[];
  readonly #barred = new Set<string>();
  #next = 0;
  #last: RecoveredTransaction | undefined;
  skips = 0;

  constructor(transactions: readonly RecoveredTransaction[]) {
    this.#transactions = transactions;
  }

  next = (): RecoveredTransaction | undefined => {
    do {
      this.#last = this.#transactions[this.#next];
      this.#next += 1;
    } while (this.#last !== undefined && this.#barred.has(toHexKey(this.#last.sender)));
    return this.#last;
  };

  skipSender = (): void => {
    this.skips += 1;
    this.#barred.add(toHexKey(present(this.#last, 'skipped after a transaction was given').sender));
  };
}
