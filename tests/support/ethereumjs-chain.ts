import { Block, type BlockHeader, createBlockHeader, type HeaderData } from '@ethereumjs/block';
import { type Common, createCustomCommon, Hardfork, Mainnet } from '@ethereumjs/common';
import { MerkleStateManager } from '@ethereumjs/statemanager';
import { createTxFromRLP } from '@ethereumjs/tx';
import { Account, createAddressFromString } from '@ethereumjs/util';
import { createVM, type RunTxResult, runBlock, type VM } from '@ethereumjs/vm';
import { type Hex, toHex } from '@lucerna/base';
import type { RpcBlock } from './rpc-types.ts';

/** What the oracle has made of one block: every header field that follows from execution. */
export type OracleBlock = {
  readonly header: BlockHeader;
  readonly transactions: readonly RunTxResult[];
};

/** A deliberate mistake, to see that the comparison would notice it in the node. */
export type Plant = {
  readonly height: number;
  /** `baseFee`: one wei too low (so that everybody can still pay it); `tip`: the proposer gets one wei too little. */
  readonly kind: 'baseFee' | 'tip';
};

/** An account at genesis. */
export type Allocation = {
  readonly address: string;
  readonly balance: bigint;
  /** Of a contract, whose nonce is 1 (EIP-161). */
  readonly code?: Uint8Array;
};

/** The Ethereum rules that our ledger follows, with our chain id. */
export function parisRules(chainId: bigint): Common {
  return createCustomCommon({ chainId: Number(chainId) }, Mainnet, { hardfork: Hardfork.Paris });
}

/**
 * A second implementation of the ledger: executes blocks one after the other from a genesis. It
 * takes from our header only what the proposer is free to choose (time, coinbase, mix, extra data,
 * gas limit) and computes everything else.
 */
export class EthereumjsChain {
  readonly #vm: VM;
  readonly #plant: Plant | undefined;
  #parent: BlockHeader;

  private constructor(vm: VM, genesis: BlockHeader, plant: Plant | undefined) {
    this.#vm = vm;
    this.#parent = genesis;
    this.#plant = plant;
  }

  /** Starts from `allocation`; `genesis` is our block 0, whose parameters are free. */
  static async create(
    rules: Common,
    allocation: readonly Allocation[],
    genesis: RpcBlock,
    plant?: Plant,
  ): Promise<EthereumjsChain> {
    const stateManager = new MerkleStateManager({ common: rules });
    const vm = await createVM({ common: rules, stateManager });
    await vm.evm.journal.checkpoint();
    for (const { address, balance, code } of allocation) {
      const place = createAddressFromString(address);
      await stateManager.putAccount(place, new Account(code === undefined ? 0n : 1n, balance));
      if (code !== undefined) await stateManager.putCode(place, code);
    }
    await vm.evm.journal.commit();
    const header = createBlockHeader(
      {
        ...freeFields(genesis),
        number: 0,
        baseFeePerGas: genesis.baseFeePerGas,
        stateRoot: await stateManager.getStateRoot(),
      },
      { common: rules },
    );
    return new EthereumjsChain(vm, header, plant);
  }

  /** The head's header. */
  get head(): BlockHeader {
    return this.#parent;
  }

  /** Executes the `raw` transactions as the next block and makes it the head. */
  async execute(block: RpcBlock, raw: readonly Uint8Array[]): Promise<OracleBlock> {
    const common = this.#vm.common;
    const parent = this.#parent;
    const planted = this.#plant?.height === Number(block.number) ? this.#plant.kind : undefined;
    const inputs: HeaderData = {
      ...freeFields(block),
      parentHash: parent.hash(),
      number: parent.number + 1n,
      baseFeePerGas: parent.calcNextBaseFee() - (planted === 'baseFee' ? 1n : 0n),
    };
    const transactions = raw.map((bytes) => createTxFromRLP(bytes, { common }));
    const draft = new Block(createBlockHeader(inputs, { common }), transactions, [], undefined, {
      common,
    });
    // The draft has no roots yet that could be validated: they are what is being computed.
    const options = { block: draft, generate: true, skipBlockValidation: true };
    const result = await runBlock(this.#vm, options);
    if (planted === 'tip') await this.#takeOneWei(block.miner);
    const header = createBlockHeader(
      {
        ...inputs,
        stateRoot: await this.#vm.stateManager.getStateRoot(),
        transactionsTrie: await draft.genTxTrie(),
        receiptTrie: result.receiptsRoot,
        logsBloom: result.logsBloom,
        gasUsed: result.gasUsed,
      },
      { common },
    );
    this.#parent = header;
    return { header, transactions: result.results };
  }

  /** The balance as of the head. */
  async balance(address: string): Promise<bigint> {
    const account = await this.#vm.stateManager.getAccount(createAddressFromString(address));
    return account?.balance ?? 0n;
  }

  async #takeOneWei(address: string): Promise<void> {
    const { journal, stateManager } = this.#vm.evm;
    await journal.checkpoint();
    await stateManager.modifyAccountFields(createAddressFromString(address), {
      balance: (await this.balance(address)) - 1n,
    });
    await journal.commit();
  }
}

/** The header fields that a proposer chooses. */
function freeFields(block: RpcBlock): HeaderData {
  return {
    coinbase: block.miner,
    gasLimit: block.gasLimit,
    timestamp: block.timestamp,
    extraData: block.extraData,
    mixHash: block.mixHash,
  };
}

/** One field of one block that the two implementations do not agree on. */
export type Difference = {
  readonly height: number;
  readonly field: string;
  readonly ours: string;
  readonly oracle: string;
};

/** Where our block differs from what the oracle computed. */
export function headerDifferences(ours: RpcBlock, oracle: BlockHeader): readonly Difference[] {
  const expected: Readonly<Partial<Record<keyof RpcBlock, Hex>>> = {
    parentHash: toHex(oracle.parentHash),
    sha3Uncles: toHex(oracle.uncleHash),
    stateRoot: toHex(oracle.stateRoot),
    transactionsRoot: toHex(oracle.transactionsTrie),
    receiptsRoot: toHex(oracle.receiptTrie),
    logsBloom: toHex(oracle.logsBloom),
    gasUsed: `0x${oracle.gasUsed.toString(16)}`,
    baseFeePerGas: `0x${(oracle.baseFeePerGas ?? 0n).toString(16)}`,
    difficulty: `0x${oracle.difficulty.toString(16)}`,
    nonce: toHex(oracle.nonce),
    hash: toHex(oracle.hash()),
  };
  return Object.entries(expected).flatMap(([field, value]) => {
    const own = String(ours[field as keyof RpcBlock]);
    return own === value ? [] : [{ height: Number(ours.number), field, ours: own, oracle: value }];
  });
}
