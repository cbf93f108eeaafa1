import { type Hex, type SeededRandom, seededRandom } from '@lucerna/base';
import { type Address, keccak256, type TransactionSerializable, toHex } from 'viem';
import type { HDAccount } from 'viem/accounts';
import { DEV_ACCOUNT_COUNT, devAccount } from '../support/dev-accounts.ts';
import type { RpcAnswer } from '../support/json-rpc.ts';

/** One request of a script; its parameters may hold {@link Earlier} answers. */
export type Step = { readonly method: string; readonly params: readonly unknown[] };

/** A place in the answer to an earlier step of the same node, such as the id of a filter. */
export class Earlier {
  readonly step: number;
  readonly path: readonly (string | number)[];

  /** Quantities are to be JSON numbers. */
  readonly isNumber: boolean;

  constructor(step: number, path: readonly (string | number)[] = [], isNumber = false) {
    this.step = step;
    this.path = path;
    this.isNumber = isNumber;
  }

  /** The same as a JSON number. */
  asNumber(): Earlier {
    return new Earlier(this.step, this.path, true);
  }

  /** A part of it. */
  at(...path: readonly (string | number)[]): Earlier {
    return new Earlier(this.step, [...this.path, ...path]);
  }
}

/** A signed transaction and what the scripts need to know of it. */
export type Signed = { readonly raw: Hex; readonly hash: Hex; readonly sender: Address };

/** What a transfer is; everything else is drawn or counted. */
export type TransferOptions = {
  readonly from?: number;
  readonly to?: Address | null;
  readonly value?: bigint;
  readonly data?: Hex;
  /** Default: the next one, which is then taken. */
  readonly nonce?: number;
  readonly gas?: bigint;
  readonly type?: 0 | 1 | 2;
  readonly tip?: bigint;
  readonly cap?: bigint;
  readonly chainId?: number;
  /** Of type 0, signed as before EIP-155: for every chain. */
  readonly isUnprotected?: boolean;
};

export const GWEI: bigint = 10n ** 9n;
const CHAIN_ID = 31_337;
/** Far enough from now that it shows which times are the script's. */
const START_TIME = 2_000_000_000;

const accounts: readonly HDAccount[] = Array.from({ length: DEV_ACCOUNT_COUNT }, (_, index) =>
  devAccount(index),
);

/** Writes a script: what is asked, in which order, with the nonces that this leads to. */
export class ScriptWriter {
  readonly random: SeededRandom;
  readonly steps: Step[] = [];
  #nonces = new Map<Address, number>();
  #freshAddresses = 0;
  #time = START_TIME;

  constructor(seed: number) {
    this.random = seededRandom(seed);
  }

  /** Adds a request; what it answers can be a parameter of later ones. */
  ask(method: string, ...params: readonly unknown[]): Earlier {
    this.steps.push({ method, params });
    return new Earlier(this.steps.length - 1);
  }

  /** One of the accounts that both nodes have. */
  address(index: number): Address {
    return (accounts[index] as HDAccount).address;
  }

  /** An index of them. */
  anyone(): number {
    return this.random.below(DEV_ACCOUNT_COUNT);
  }

  /** An address that nothing has happened to. */
  fresh(): Address {
    this.#freshAddresses += 1;
    return toHex(0xace_0000 + this.#freshAddresses, { size: 20 });
  }

  /** A time that no block has come near to. */
  laterTime(): number {
    this.#time += 10_000_000;
    return this.#time;
  }

  /** A number below 2^48 that is not zero. */
  amount(): bigint {
    return BigInt(1 + this.random.below(2 ** 31)) * 65_537n;
  }

  nonceOf(address: Address): number {
    return this.#nonces.get(address) ?? 0;
  }

  setNonce(address: Address, nonce: number): void {
    this.#nonces.set(address, nonce);
  }

  /** Nonces as they are, for {@link ScriptWriter.restoreNonces} where the chain goes back. */
  saveNonces(): ReadonlyMap<Address, number> {
    return new Map(this.#nonces);
  }

  restoreNonces(saved: ReadonlyMap<Address, number>): void {
    this.#nonces = new Map(saved);
  }

  /** Signs a transfer without sending it. */
  async sign(options: TransferOptions = {}): Promise<Signed> {
    const account = accounts[options.from ?? this.anyone()] as HDAccount;
    const { address: sender } = account;
    if (options.nonce === undefined) this.setNonce(sender, this.nonceOf(sender) + 1);
    const nonce = options.nonce ?? this.nonceOf(sender) - 1;
    const { data = '0x', chainId = CHAIN_ID, tip = GWEI, cap = 50n * GWEI } = options;
    const common = {
      chainId,
      nonce,
      to: options.to === undefined ? this.address(this.anyone()) : options.to,
      value: options.value ?? this.amount(),
      data,
      gas: options.gas ?? 21_000n,
    };
    const raw = await account.signTransaction(
      options.isUnprotected
        ? unprotected(common, cap)
        : typed(options.type ?? this.random.below(3), common, { tip, cap }),
    );
    return { raw, hash: keccak256(raw), sender };
  }

  /** Signs a transfer and sends it. */
  async transfer(options: TransferOptions = {}): Promise<Signed> {
    const signed = await this.sign(options);
    this.ask('eth_sendRawTransaction', signed.raw);
    return signed;
  }

  /** Has the node sign and send for one of its accounts. */
  send(from: Address, request: Readonly<Record<string, unknown>>): Earlier {
    this.setNonce(from, this.nonceOf(from) + 1);
    return this.ask('eth_sendTransaction', { from, ...request });
  }
}

type TransferFields = {
  readonly chainId: number;
  readonly nonce: number;
  readonly to: Address | null;
  readonly value: bigint;
  readonly data: Hex;
  readonly gas: bigint;
};

function typed(
  type: number,
  common: TransferFields,
  { tip, cap }: { readonly tip: bigint; readonly cap: bigint },
): TransactionSerializable {
  if (type === 0) return { type: 'legacy', ...common, gasPrice: cap };
  if (type === 1) return { type: 'eip2930', ...common, gasPrice: cap, accessList: [] };
  return { type: 'eip1559', ...common, maxFeePerGas: cap, maxPriorityFeePerGas: tip };
}

function unprotected(fields: TransferFields, gasPrice: bigint): TransactionSerializable {
  const { chainId: _, ...common } = fields;
  return { type: 'legacy', ...common, gasPrice };
}

/** Asks a node, whatever it answers. */
export type Ask = (method: string, params: readonly unknown[]) => Promise<RpcAnswer>;

/** A step as one node was asked it, and what it answered. */
export type PlayedStep = Step & { readonly answer: RpcAnswer };

/** Plays a script, step after step, on one node. */
export async function playScript(ask: Ask, steps: readonly Step[]): Promise<readonly PlayedStep[]> {
  const played: PlayedStep[] = [];
  for (const { method, params } of steps) {
    const resolved = params.map((param) => resolve(param, played));
    played.push({ method, params: resolved, answer: await ask(method, resolved) });
  }
  return played;
}

function resolve(value: unknown, played: readonly PlayedStep[]): unknown {
  if (value instanceof Earlier) {
    let found: unknown = played[value.step]?.answer.result;
    for (const key of value.path) found = (found as Record<string | number, unknown>)?.[key];
    return value.isNumber ? Number(found) : (found ?? null);
  }
  if (Array.isArray(value)) return value.map((each) => resolve(each, played));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, resolve(each, played)]),
  );
}
