import {
  compileContract,
  compileStandardContract,
  createDevNode,
  type DevNode,
} from '@lucerna/sdk';
import {
  type Abi,
  type Account,
  type Address,
  BaseError,
  type ContractFunctionParameters,
  ContractFunctionRevertedError,
  createPublicClient,
  createWalletClient,
  custom,
  getAddress,
  type Hex,
  isAddressEqual,
  type PublicClient,
  parseAbi,
  parseEventLogs,
  type TransactionReceipt,
  zeroAddress,
} from 'viem';
import type { HDAccount } from 'viem/accounts';
import { foundry } from 'viem/chains';
import { expect } from 'vitest';
import { devAccount } from '../support/dev-accounts.ts';

// The standard library as its users see it: by viem, with the ABIs of the standards and nothing of ours
// but the bytecode.

export const alice: HDAccount = devAccount(0);
export const bob: HDAccount = devAccount(1);
export const carol: HDAccount = devAccount(2);
export const NOBODY: Address = zeroAddress;

/** The errors of ERC-6093, and those of contracts that have an owner. */
export const ERRORS: Abi = parseAbi([
  'error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed)',
  'error ERC20InvalidSender(address sender)',
  'error ERC20InvalidReceiver(address receiver)',
  'error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed)',
  'error ERC20InvalidSpender(address spender)',
  'error ERC2612ExpiredSignature(uint256 deadline)',
  'error ERC2612InvalidSigner(address signer, address owner)',
  'error ERC721InvalidOwner(address owner)',
  'error ERC721NonexistentToken(uint256 tokenId)',
  'error ERC721IncorrectOwner(address sender, uint256 tokenId, address owner)',
  'error ERC721InvalidSender(address sender)',
  'error ERC721InvalidReceiver(address receiver)',
  'error ERC721InsufficientApproval(address operator, uint256 tokenId)',
  'error ERC721InvalidApprover(address approver)',
  'error ERC721InvalidOperator(address operator)',
  'error ERC1155InsufficientBalance(address sender, uint256 balance, uint256 needed, uint256 tokenId)',
  'error ERC1155InvalidSender(address sender)',
  'error ERC1155InvalidReceiver(address receiver)',
  'error ERC1155MissingApprovalForAll(address operator, address owner)',
  'error ERC1155InvalidOperator(address operator)',
  'error ERC1155InvalidArrayLength(uint256 idsLength, uint256 valuesLength)',
  'error ERC1967InvalidImplementation(address implementation)',
  'error ERC1967InvalidAdmin(address admin)',
  'error ProxyUnauthorizedAccount(address account)',
  'error ProxyNoEarlierVersion()',
  'error InvalidInitialization()',
  'error OwnableInvalidOwner(address owner)',
  'error OwnableUnauthorizedAccount(address account)',
]);

/** What an owned contract has besides. */
export const OWNABLE: Abi = parseAbi([
  'function owner() view returns (address)',
  'function transferOwnership(address newOwner)',
  'function renounceOwnership()',
  'event OwnershipTransferred(address indexed previousOwner, address indexed newOwner)',
]);

/** An event by name, with what it says. */
export type Said = { readonly eventName: string; readonly args: Readonly<Record<string, unknown>> };

/** Why a call reverts, as viem decodes it: a declared error, or the text of `Error(string)`. */
export type Refusal = { readonly name: string; readonly args: readonly unknown[] };

/** A node in this process with viem before it. */
export class TokenStage {
  readonly node: DevNode;
  readonly reader: PublicClient;
  readonly #transport: ReturnType<typeof custom>;

  private constructor(node: DevNode) {
    this.node = node;
    // By default viem asks again, three times, after a revert of a provider like this one.
    this.#transport = custom(node.provider, { retryCount: 0 });
    const transport = this.#transport;
    this.reader = createPublicClient({ chain: foundry, transport, cacheTime: 0 }) as PublicClient;
  }

  static async open(): Promise<TokenStage> {
    return new TokenStage(await createDevNode());
  }

  /** Deploys a contract of the library. */
  standard(name: string, args: readonly unknown[], from: Account = alice): Promise<Address> {
    const { abi, bytecode } = compileStandardContract(name);
    return this.deploy(abi as Abi, bytecode, args, from);
  }

  /** Deploys a contract of a source text. */
  source(text: string, args: readonly unknown[] = [], contract?: string): Promise<Address> {
    const options = contract === undefined ? {} : { contract };
    const { abi, bytecode, warnings } = compileContract(text, options);
    expect(warnings).toEqual([]);
    return this.deploy(abi as Abi, bytecode, args, alice);
  }

  async deploy(abi: Abi, bytecode: Hex, args: readonly unknown[], from: Account): Promise<Address> {
    const hash = await this.#wallet(from).deployContract({ abi, bytecode, args });
    const receipt = await this.reader.waitForTransactionReceipt({ hash });
    expect(receipt.status).toBe('success');
    return getAddress(receipt.contractAddress ?? zeroAddress);
  }

  #wallet(account: Account) {
    return createWalletClient({ account, chain: foundry, transport: this.#transport });
  }

  /** A contract at an address by an ABI. */
  at(address: Address, abi: Abi): StandardContract {
    return new StandardContract(this, address, [...abi, ...ERRORS, ...OWNABLE]);
  }

  async send(
    call: ContractFunctionParameters,
    account: Account,
    value?: bigint,
  ): Promise<TransactionReceipt> {
    const options = { ...call, account, ...(value === undefined ? {} : { value }) };
    const { request } = await this.reader.simulateContract(options as never);
    const hash = await this.#wallet(account).writeContract(request as never);
    const receipt = await this.reader.waitForTransactionReceipt({ hash });
    expect(receipt.status).toBe('success');
    return receipt;
  }
}

export class StandardContract {
  readonly address: Address;
  readonly #stage: TokenStage;
  readonly #abi: Abi;

  constructor(stage: TokenStage, address: Address, abi: Abi) {
    this.#stage = stage;
    this.address = address;
    this.#abi = abi;
  }

  #call(functionName: string, args: readonly unknown[]): ContractFunctionParameters {
    return { address: this.address, abi: this.#abi, functionName, args };
  }

  read(functionName: string, ...args: readonly unknown[]): Promise<unknown> {
    return this.#stage.reader.readContract(this.#call(functionName, args));
  }

  send(
    from: Account,
    functionName: string,
    ...args: readonly unknown[]
  ): Promise<TransactionReceipt> {
    return this.#stage.send(this.#call(functionName, args), from);
  }

  /** Sends a transaction that must succeed. @returns its events, as the standard's ABI has them */
  async write(from: Account, name: string, ...args: readonly unknown[]): Promise<readonly Said[]> {
    return this.events(await this.send(from, name, ...args));
  }

  events({ logs }: TransactionReceipt): readonly Said[] {
    const own = logs.filter(({ address }) => isAddressEqual(address, this.address));
    const parsed = parseEventLogs({ abi: this.#abi, logs: own }) as unknown as readonly Said[];
    expect(parsed).toHaveLength(own.length);
    return parsed.map(({ eventName, args }) => ({ eventName, args }));
  }

  /** Why a call is refused, which must be. */
  async refusal(
    from: Account,
    functionName: string,
    ...args: readonly unknown[]
  ): Promise<Refusal> {
    const call = this.#stage.send(this.#call(functionName, args), from);
    const caught = await call.then(
      () => undefined,
      (error: unknown) => error,
    );
    if (!(caught instanceof BaseError)) throw new Error(`${functionName}: ${String(caught)}`);
    const found = caught.walk((cause) => cause instanceof ContractFunctionRevertedError);
    if (!(found instanceof ContractFunctionRevertedError)) throw caught;
    const { data } = found;
    return { name: data?.errorName ?? '', args: data?.args ?? [] };
  }
}

/** An error by its name and arguments. */
export function refused(name: string, ...args: readonly unknown[]): Refusal {
  return { name, args };
}

/** An event by its name and arguments. */
export function said(eventName: string, args: Readonly<Record<string, unknown>>): Said {
  return { eventName, args };
}
