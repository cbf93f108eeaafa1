import { assert, concatBytes, type Hex, toHex } from '@lucerna/base';
import { keccak256, pureSignatureEngine } from '@lucerna/crypto';
import { type BlockContext, executeTransaction } from '@lucerna/execution';
import { DEV_PRIVATE_KEYS, devGenesis } from '@lucerna/node';
import {
  type AbiItem,
  createAddress,
  EMPTY_TRIE_ROOT,
  type Genesis,
  publicKeyToAddress,
  rulesAt,
  unsignedTransaction,
} from '@lucerna/protocol';
import {
  genesisDiff,
  latestState,
  StateCommitter,
  type StateDiff,
  StateJournal,
  type StateReader,
} from '@lucerna/state';
import { createMemoryStore, DiffLayer } from '@lucerna/storage';
import { type AbiField, Address, decodeContainer, readVariable, selectorOf } from '@lucerna/zexus';
import {
  actionOf,
  bytecodeOf,
  type ContractArguments,
  type ContractSource,
  encodedArguments,
  orderedArguments,
  scalarsIn,
} from './contract-call.ts';
import { type ContractReceipt, receiptOf } from './contract-receipt.ts';
import { ContractTotals, type ContractVmStatistics, type RunKind } from './contract-statistics.ts';
import { addressBytes, addressText, fromZexusValue, toZexusValue } from './contract-values.ts';
import { sdkErrors } from './errors.ts';
import { type KnownContract, KnownContracts } from './known-contracts.ts';

/** How a machine is to be. Every option has a default. */
export type ContractVmOptions = {
  /** Default: 31337. */
  readonly chainId?: bigint;
  /** Of the block in which the first run happens. Default: 1. */
  readonly blockNumber?: number;
  /** Seconds since the Unix epoch. Default: 0. */
  readonly timestamp?: number;
  /** Who calls where nobody is named. Default: the first account of a dev node. */
  readonly caller?: Hex;
};

/** What goes with a run. */
export type ContractCallOptions = {
  /** Any address: nothing is signed. Default: that of the machine. */
  readonly caller?: Hex;
  /** Wei, which the caller must have. Default: 0. */
  readonly value?: bigint;
  /** Default: 10,000,000. */
  readonly gasLimit?: bigint;
};

/** What goes with a deployment. */
export type DeployOptions = ContractCallOptions & {
  /** Of the constructor: in order, or by the names of the parameters. */
  readonly args?: ContractArguments;
  /** Which contract of a source; needed when there are several. */
  readonly contract?: string;
};

/** What a deployment came to. */
export type DeploymentReceipt = ContractReceipt & {
  /** Where the contract is, or would be if the deployment had not failed. */
  readonly address: Hex;
  readonly abi: readonly AbiItem[];
};

/**
 * Runs contracts in memory, without a chain around them, by the same rules: gas, limits, rollback, calls of
 * contracts by contracts, addresses, state. See {@link createContractVm}.
 */
export type ContractVm = {
  /** Gives an account wei. @throws `VM_ARGUMENT_INVALID`, `VM_SETTING_INVALID`, `BALANCE_OVERFLOW` */
  readonly fund: (address: Hex, wei: bigint) => void;
  readonly balanceOf: (address: Hex) => bigint;
  /**
   * Deploys a contract. One that fails has a receipt as well.
   *
   * @throws `COMPILE_FAILED`, `CONTRACT_MISSING`, `CONTRACT_AMBIGUOUS`, `ZXC_*`, `VM_ARGUMENT_INVALID`; and
   *   where no transaction could be: `TX_INSUFFICIENT_FUNDS`, `TX_INTRINSIC_GAS`, `TX_GAS_LIMIT`, …
   */
  readonly deploy: (source: ContractSource, options?: DeployOptions) => DeploymentReceipt;
  /**
   * Calls an action, by its name in the source or in the ABI. What fails is taken back.
   *
   * @throws `VM_CONTRACT_UNKNOWN`, `VM_ACTION_UNKNOWN`, `VM_ARGUMENT_INVALID`, and as {@link deploy}
   */
  readonly execute: (
    address: Hex,
    action: string,
    args?: ContractArguments,
    options?: ContractCallOptions,
  ) => ContractReceipt;
  /** What {@link execute} would come to: nothing stays of it. @throws as `execute` */
  readonly staticCall: ContractVm['execute'];
  /**
   * What a variable of the state holds, or what keys lead to in it: integers as bigint, lists as arrays,
   * maps as `Map`.
   *
   * @throws `VM_CONTRACT_UNKNOWN`, `VARIABLE_UNREADABLE`
   */
  readonly read: (address: Hex, variable: string, ...keys: readonly unknown[]) => unknown;
  /** The block in which the next run happens. Each deployment and each execution is one of its own. */
  readonly block: { readonly number: number; readonly timestamp: number };
  /** Moves on to a later block, or to a later time. @throws `VM_SETTING_INVALID` */
  readonly setBlock: (block: { readonly number?: number; readonly timestamp?: number }) => void;
  /** Root of the state, as in the header of a block. */
  readonly stateRoot: () => Hex;
  readonly statistics: () => ContractVmStatistics;
};

const DEFAULT_GAS_LIMIT = 10_000_000n;
const NO_HASH: Uint8Array = new Uint8Array(32);

/**
 * A machine for contracts, in memory and without a chain.
 *
 * ```ts
 * const vm = createContractVm();
 * const { address } = vm.deploy(source, { args: [1_000n] });
 * const receipt = vm.execute(address, 'transfer', [bob, 10n]);
 * receipt.logs[0]?.args; // { from: '0x…', to: '0x…', value: 10n }
 * vm.read(address, 'balances', bob); // 10n
 * ```
 *
 * Nothing is signed and gas costs nothing: the price is zero, so that an account needs funds only for the
 * value that it sends. Otherwise each run is what a transaction with that price is on a development chain
 * which begins with nobody's money: nonces, addresses and the root of the state are the same. Hashes of
 * blocks are zero: there are none.
 *
 * @throws `VM_ARGUMENT_INVALID`, `VM_SETTING_INVALID`
 */
export function createContractVm(options: ContractVmOptions = {}): ContractVm {
  const machine = new Machine(options);
  return {
    fund: (address, wei) => machine.fund(address, wei),
    balanceOf: (address) => machine.balanceOf(address),
    deploy: (source, deployment = {}) => machine.deploy(source, deployment),
    execute: (...call) => machine.call('executions', ...call),
    staticCall: (...call) => machine.call('staticCalls', ...call),
    read: (address, variable, ...keys) => machine.read(address, variable, keys),
    get block() {
      return machine.block;
    },
    setBlock: (block) => machine.setBlock(block),
    stateRoot: () => toHex(machine.stateRoot),
    statistics: () => machine.statistics,
  };
}

/** A run before it begins. */
type Run = {
  readonly kind: RunKind;
  readonly to: Uint8Array | null;
  readonly data: Uint8Array;
  readonly options: ContractCallOptions;
  readonly contract: KnownContract | undefined;
  readonly result: AbiField | undefined;
  /** Arguments, of which keys of maps may be. */
  readonly args: readonly unknown[];
};

class Machine {
  readonly #genesis: Genesis;
  readonly #caller: Uint8Array;
  readonly #layer = new DiffLayer(createMemoryStore());
  readonly #state = latestState(this.#layer);
  readonly #committer = new StateCommitter();
  readonly #contracts = new KnownContracts();
  readonly #accounts: Uint8Array[] = [];
  readonly #totals = new ContractTotals();
  #block: { readonly number: number; readonly timestamp: number };
  stateRoot: Uint8Array;

  constructor({ chainId, blockNumber = 1, timestamp = 0, caller }: ContractVmOptions) {
    const chain = chainId === undefined ? {} : { chainId };
    this.#genesis = devGenesis(pureSignatureEngine, { ...chain, timestamp, balance: 0n });
    this.#caller = caller === undefined ? firstAccount() : addressBytes(caller, 'caller');
    this.#block = { number: 0, timestamp: 0 };
    this.setBlock({ number: blockNumber, timestamp });
    this.stateRoot = EMPTY_TRIE_ROOT;
    this.#commit(genesisDiff(this.#genesis));
  }

  get block(): { readonly number: number; readonly timestamp: number } {
    return this.#block;
  }

  get statistics(): ContractVmStatistics {
    return this.#totals.total;
  }

  setBlock(change: { readonly number?: number; readonly timestamp?: number }): void {
    const { number = this.#block.number, timestamp = this.#block.timestamp } = change;
    checkForward('number', this.#block.number, number);
    checkForward('timestamp', this.#block.timestamp, timestamp);
    this.#block = { number, timestamp };
  }

  fund(address: Hex, wei: bigint): void {
    const account = addressBytes(address, 'address');
    if (wei < 0n) throw sdkErrors.create('VM_SETTING_INVALID', `wei: ${wei}`, { wei });
    const journal = new StateJournal(this.#state);
    journal.addBalance(account, wei);
    journal.endTransaction();
    this.#commit(journal.diff());
    this.#accounts.push(account);
  }

  balanceOf(address: Hex): bigint {
    return this.#state.account(addressBytes(address, 'address'))?.balance ?? 0n;
  }

  deploy(source: ContractSource, options: DeployOptions): DeploymentReceipt {
    const bytecode = bytecodeOf(source, options.contract);
    const container = decodeContainer(bytecode);
    const init = container.init === undefined ? undefined : container.actions[container.init];
    const args = orderedArguments(init?.parameters ?? [], options.args ?? [], 'init');
    const data = concatBytes(bytecode, encodedArguments(init?.parameters ?? [], args));
    const { caller } = options;
    const sender = caller === undefined ? this.#caller : addressBytes(caller, 'caller');
    const address = createAddress(sender, this.#state.account(sender)?.nonce ?? 0n);
    const contract = this.#contracts.of(keccak256(bytecode), bytecode);
    const receipt = this.#run({
      kind: 'deployments',
      to: null,
      data,
      options,
      contract,
      result: undefined,
      args,
    });
    if (receipt.success) this.#accounts.push(address);
    return { ...receipt, address: addressText(address), abi: contract?.abi ?? [] };
  }

  call(
    kind: 'executions' | 'staticCalls',
    address: Hex,
    name: string,
    given: ContractArguments = [],
    options: ContractCallOptions = {},
  ): ContractReceipt {
    const to = addressBytes(address, 'address');
    const contract = this.#contractAt(to);
    const action = actionOf(contract, name);
    const args = orderedArguments(action.parameters, given, name);
    const selector = selectorOf(action);
    assert(selector !== undefined, 'the action is exported');
    const data = concatBytes(selector, encodedArguments(action.parameters, args));
    return this.#run({ kind, to, data, options, contract, result: action.result, args });
  }

  read(address: Hex, variable: string, keys: readonly unknown[]): unknown {
    const account = addressBytes(address, 'address');
    const { program } = this.#contractAt(account);
    const values = keys.map((key, index) => toZexusValue(key, `keys[${index}]`));
    const load = (slot: Uint8Array): Uint8Array => this.#state.storage(account, slot);
    return fromZexusValue(readVariable(program, variable, values, load));
  }

  #run({ kind, to, data, options, contract, result, args }: Run): ContractReceipt {
    const { value = 0n, gasLimit = DEFAULT_GAS_LIMIT } = options;
    const { caller = addressText(this.#caller) } = options;
    const sender = addressBytes(caller, 'caller');
    const journal = new StateJournal(this.#state);
    const transaction = unsignedTransaction(
      {
        type: 2,
        chainId: this.#genesis.chainId,
        nonce: journal.nonce(sender),
        maxPriorityFeePerGas: 0n,
        maxFeePerGas: 0n,
        gasLimit,
        to,
        value,
        data,
        accessList: [],
      },
      sender,
    );
    const context = this.#context();
    const outcome = executeTransaction(journal, context, transaction, context.gasLimit);
    const diff = journal.diff();
    const accounts = [sender, ...(to === null ? [] : [to]), ...this.#accounts];
    const receipt = receiptOf({
      outcome,
      diff,
      gasLimit,
      blockNumber: context.height,
      result,
      contract,
      find: (address) => this.#knownContract(address, journal),
      load: (address, slot) => journal.storage(address, slot),
      keys: [...accounts.map((each) => new Address(each)), ...scalarsIn(args)],
    });
    this.#totals.add(kind, outcome);
    if (kind !== 'staticCalls') {
      this.#commit(diff);
      this.#block = { ...this.#block, number: context.height + 1 };
    }
    return receipt;
  }

  #context(): BlockContext {
    const { number: height, timestamp } = this.#block;
    const { chainId, gasLimit, coinbase, forks } = this.#genesis;
    return {
      chainId,
      height,
      timestamp,
      coinbase,
      gasLimit,
      baseFeePerGas: 0n,
      mixHash: NO_HASH,
      rules: rulesAt(forks, height),
      hashAt: () => NO_HASH,
    };
  }

  #commit(diff: StateDiff): void {
    const options = { parentRoot: this.stateRoot, height: 0, history: false };
    const { stateRoot, batch } = this.#committer.commit(this.#layer, diff, options);
    this.#layer.publish(batch);
    this.stateRoot = stateRoot;
  }

  #contractAt(address: Uint8Array): KnownContract {
    const known = this.#knownContract(address, this.#state);
    if (known !== undefined) return known;
    const text = addressText(address);
    throw sdkErrors.create('VM_CONTRACT_UNKNOWN', text, { address: text });
  }

  #knownContract(
    address: Uint8Array,
    state: Pick<StateReader, 'account' | 'code'>,
  ): KnownContract | undefined {
    const account = state.account(address);
    return account && this.#contracts.of(account.codeHash, state.code(account.codeHash));
  }
}

let firstDevAccount: Uint8Array | undefined;

/** The address of the first account of a dev node. */
function firstAccount(): Uint8Array {
  const [privateKey] = DEV_PRIVATE_KEYS;
  assert(privateKey !== undefined, 'a dev node has accounts');
  firstDevAccount ??= publicKeyToAddress(pureSignatureEngine.publicKey(privateKey));
  return firstDevAccount;
}

function checkForward(name: string, now: number, next: number): void {
  if (Number.isSafeInteger(next) && next >= now) return;
  throw sdkErrors.create('VM_SETTING_INVALID', `${name}: ${next}, it is ${now}`, { [name]: next });
}
