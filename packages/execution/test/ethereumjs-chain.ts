import {
  type BlockHeader,
  createBlock,
  createBlockHeader,
  genTransactionsTrieRoot,
} from '@ethereumjs/block';
import { type Common, createCustomCommon, Hardfork, Mainnet } from '@ethereumjs/common';
import { MerkleStateManager } from '@ethereumjs/statemanager';
import { createTxFromRLP } from '@ethereumjs/tx';
import { createAccount, createAddressFromString } from '@ethereumjs/util';
import { createVM, runBlock, type VM } from '@ethereumjs/vm';
import { toHex } from '@lucerna/base';
import { type Genesis, type Header, parametersHash } from '@lucerna/protocol';
import type { BlockAttributes } from '../src/builder.ts';

/** The same chain, kept by EthereumJS: its own codec, base fee, execution, trie and header hash. */
export class EthereumJsChain {
  readonly #vm: VM;
  readonly #common: Common;
  #head: BlockHeader;

  private constructor(vm: VM, common: Common, head: BlockHeader) {
    this.#vm = vm;
    this.#common = common;
    this.#head = head;
  }

  static async open(genesis: Genesis): Promise<EthereumJsChain> {
    const common = createCustomCommon({ chainId: Number(genesis.chainId) }, Mainnet, {
      hardfork: Hardfork.Paris,
    });
    const stateManager = new MerkleStateManager({ common });
    for (const { address, balance, nonce } of genesis.alloc) {
      await stateManager.putAccount(
        createAddressFromString(toHex(address)),
        createAccount({ balance, nonce }),
      );
    }
    const stateRoot = await stateManager.getStateRoot();
    const head = createBlockHeader(
      {
        number: 0,
        stateRoot,
        timestamp: genesis.timestamp,
        gasLimit: genesis.gasLimit,
        baseFeePerGas: genesis.baseFeePerGas,
        coinbase: toHex(genesis.coinbase),
        mixHash: parametersHash(genesis),
      },
      { common },
    );
    const vm = await createVM({ common, stateManager });
    return new EthereumJsChain(vm, common, head);
  }

  get headHash(): Uint8Array {
    return this.#head.hash();
  }

  /** Executes a block of these raw transactions and makes it the head. */
  async extend(
    attributes: BlockAttributes,
    rawTransactions: readonly Uint8Array[],
  ): Promise<OracleBlock> {
    const common = this.#common;
    const transactions = rawTransactions.map((raw) => createTxFromRLP(raw, { common }));
    const draft = {
      parentHash: this.#head.hash(),
      number: this.#head.number + 1n,
      timestamp: attributes.timestamp,
      coinbase: toHex(attributes.coinbase),
      gasLimit: attributes.gasLimit,
      mixHash: attributes.mixHash,
      baseFeePerGas: this.#head.calcNextBaseFee(),
    };
    const block = createBlock({ header: draft, transactions }, { common });
    const result = await runBlock(this.#vm, {
      block,
      generate: true,
      skipBlockValidation: true,
      skipHeaderValidation: true,
    });
    const fields = {
      stateRoot: result.stateRoot,
      transactionsRoot: await genTransactionsTrieRoot(transactions),
      receiptsRoot: result.receiptsRoot,
      logsBloom: result.logsBloom,
      gasUsed: result.gasUsed,
      baseFeePerGas: draft.baseFeePerGas,
    };
    this.#head = createBlockHeader(
      {
        ...draft,
        stateRoot: fields.stateRoot,
        transactionsTrie: fields.transactionsRoot,
        receiptTrie: fields.receiptsRoot,
        logsBloom: fields.logsBloom,
        gasUsed: fields.gasUsed,
      },
      { common },
    );
    return { hash: this.#head.hash(), fields };
  }
}

/** What EthereumJS makes of a block. */
export type OracleBlock = {
  readonly hash: Uint8Array;
  readonly fields: Pick<
    Header,
    'stateRoot' | 'transactionsRoot' | 'receiptsRoot' | 'logsBloom' | 'gasUsed' | 'baseFeePerGas'
  >;
};
