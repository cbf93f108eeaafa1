import { type SeededRandom, seededRandom } from '@lucerna/base';
import { type Address, type Hex, type TransactionSerializable, toHex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { DEV_ACCOUNT_COUNT, devAccount, privateKeyOf } from '../support/dev-accounts.ts';
import type { RpcBlock, RpcReceipt } from '../support/rpc-types.ts';

/** Asks a node: the `request` of an EIP-1193 provider. */
export type Request = (call: {
  readonly method: string;
  readonly params?: unknown;
}) => Promise<unknown>;

/** A mined block with what was sent and what came of it, in the order of the block. */
export type PlayedBlock = {
  readonly block: RpcBlock;
  readonly raw: readonly Uint8Array[];
  readonly receipts: readonly RpcReceipt[];
};

/** How a transfer is out of the ordinary. */
export type TransferKind =
  | 'plain'
  | 'self'
  | 'zero to a fresh address'
  | 'to the proposer'
  | 'data'
  | 'access list'
  | 'drain to zero'
  | 'drain to the fee cap';

/** What a played script holds, for a test to see that it was worth playing. */
export type Played = {
  readonly blocks: readonly PlayedBlock[];
  readonly kinds: ReadonlyMap<TransferKind, number>;
};

/** Transfers in each block; the padded ones are more than half full, so that the base fee rises. */
const BLOCKS: readonly { readonly transfers: number; readonly padded: boolean }[] = [
  { transfers: 1, padded: false },
  { transfers: 22, padded: true },
  { transfers: 31, padded: true },
  { transfers: 5, padded: false },
  { transfers: 60, padded: false },
  { transfers: 13, padded: true },
  { transfers: 17, padded: false },
  { transfers: 3, padded: false },
  { transfers: 42, padded: true },
  { transfers: 1, padded: false },
  { transfers: 28, padded: false },
  { transfers: 24, padded: true },
  { transfers: 12, padded: true },
  { transfers: 37, padded: false },
  { transfers: 4, padded: false },
];

/** Transfers of the whole script. */
export const SCRIPT_TRANSFERS: number = BLOCKS.reduce((sum, { transfers }) => sum + transfers, 0);

/** Gas of the padding in a padded block: more than half of 30 M, and room for the other transfers. */
const PADDING_GAS = 22_000_000;
/** A transaction has at most 128 KiB; this many non-zero bytes cost 1.76 M gas. */
const PADDING_BYTES_MAX = 110_000;
const GAS_PER_BYTE = 16;
const GAS_TRANSFER = 21_000n;
/** The proposer of a dev chain. */
const PROPOSER: Address = `0x${'00'.repeat(20)}`;

const CHAIN_ID = 31_337;
const FUNDING = 3n * 10n ** 18n;

type Sender = { readonly key: Hex; readonly address: Address; nonce: number };
type Fees = { readonly baseFee: bigint; readonly tip: bigint; readonly cap: bigint };
type Draft = Readonly<{ to: Address; value: bigint; data?: Hex; accessList?: AccessList }>;
type AccessList = readonly { readonly address: Address; readonly storageKeys: readonly Hex[] }[];

/** Sends the script's transfers to a dev node that mines when told to, block after block. */
export async function playTransferScript(request: Request, seed: number): Promise<Played> {
  const script = new TransferScript(seed);
  const raw = new Map<string, Hex>();
  const blocks: PlayedBlock[] = [];
  for (const { transfers, padded } of BLOCKS) {
    const pending = (await request({
      method: 'eth_getBlockByNumber',
      params: ['pending', false],
    })) as RpcBlock;
    script.beginBlock(BigInt(pending.baseFeePerGas), transfers, padded);
    for (let index = 0; index < transfers; index += 1) {
      const bytes = await script.nextTransfer();
      const hash = await request({ method: 'eth_sendRawTransaction', params: [bytes] });
      raw.set(hash as string, bytes);
    }
    await request({ method: 'evm_mine', params: [] });
    blocks.push(await readHead(request, raw));
  }
  return { blocks, kinds: script.kinds };
}

async function readHead(request: Request, raw: ReadonlyMap<string, Hex>): Promise<PlayedBlock> {
  const params = ['latest', false];
  const block = (await request({ method: 'eth_getBlockByNumber', params })) as RpcBlock;
  const receipts: RpcReceipt[] = [];
  for (const hash of block.transactions) {
    const receipt = await request({ method: 'eth_getTransactionReceipt', params: [hash] });
    receipts.push(receipt as RpcReceipt);
  }
  return {
    block,
    raw: block.transactions.map((hash) =>
      Buffer.from(raw.get(hash as string)?.slice(2) ?? '', 'hex'),
    ),
    receipts,
  };
}

/** The seeded choices: who sends what to whom, and how it is paid for. */
class TransferScript {
  readonly kinds = new Map<TransferKind, number>();
  readonly #random: SeededRandom;
  readonly #rich: readonly Sender[];
  /** Accounts that were funded in an earlier block and are to be emptied. */
  #fundedBefore: Sender[] = [];
  #fundedNow: Sender[] = [];
  #freshAddresses = 0;
  #baseFee = 0n;
  #paddingLeft: number[] = [];

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    this.#rich = Array.from({ length: DEV_ACCOUNT_COUNT }, (_, index) => {
      const account = devAccount(index);
      return { key: privateKeyOf(account), address: account.address, nonce: 0 };
    });
  }

  /** The next transfers go into one block with this base fee. */
  beginBlock(baseFee: bigint, transfers: number, padded: boolean): void {
    this.#baseFee = baseFee;
    this.#fundedBefore = [...this.#fundedBefore, ...this.#fundedNow];
    this.#fundedNow = [];
    const paddings = padded ? Math.min(transfers, 14) : 0;
    const bytes = Math.min(PADDING_BYTES_MAX, Math.floor(PADDING_GAS / paddings / GAS_PER_BYTE));
    this.#paddingLeft = Array.from({ length: paddings }, () => bytes);
  }

  /** The next transfer, signed. */
  async nextTransfer(): Promise<Hex> {
    const padding = this.#paddingLeft.pop();
    const sender = this.#pick(this.#rich);
    if (padding !== undefined) {
      this.#count('data');
      return this.#sign(sender, { to: this.#known(), value: 1n, data: this.#bytes(padding) });
    }
    const poor = this.#fundedBefore.pop();
    return poor === undefined ? this.#ordinary(sender) : this.#drain(poor);
  }

  #ordinary(sender: Sender): Promise<Hex> {
    const value = BigInt(this.#random.below(1_000_000));
    switch (this.#random.below(8)) {
      case 0:
        this.#count('self');
        return this.#sign(sender, { to: sender.address, value });
      case 1:
        this.#count('zero to a fresh address');
        return this.#sign(sender, { to: this.#fresh(), value: 0n });
      case 2:
        this.#count('to the proposer');
        return this.#sign(sender, { to: PROPOSER, value });
      case 3:
        this.#count('data');
        return this.#sign(sender, {
          to: this.#known(),
          value,
          data: `${this.#bytes(this.#random.below(40))}0000${'00ff'.repeat(this.#random.below(9))}`,
        });
      case 4:
      case 5:
        this.#count('access list');
        return this.#sign(sender, {
          to: this.#known(),
          value,
          accessList: this.#accessList(sender),
        });
      case 6:
        return this.#fund(sender);
      default:
        this.#count('plain');
        return this.#sign(sender, { to: this.#fresh(), value });
    }
  }

  #fund(sender: Sender): Promise<Hex> {
    this.#count('plain');
    const key = toHex(0xf00d_0000 + this.#freshAddresses, { size: 32 });
    this.#freshAddresses += 1;
    const { address } = privateKeyToAccount(key);
    this.#fundedNow.push({ key, address, nonce: 0 });
    return this.#sign(sender, { to: address, value: FUNDING });
  }

  /** Leaves an account with nothing, or with just what its fee cap was above the price. */
  #drain(sender: Sender): Promise<Hex> {
    const { cap, tip } = this.#fees();
    const value = FUNDING - GAS_TRANSFER * cap;
    const transfer = { chainId: CHAIN_ID, to: this.#known(), value, gas: GAS_TRANSFER };
    const legacy = this.#random.below(2) === 0;
    this.#count(legacy ? 'drain to zero' : 'drain to the fee cap');
    return signWith(
      sender,
      legacy
        ? { type: 'legacy', ...transfer, gasPrice: cap }
        : { type: 'eip1559', ...transfer, maxFeePerGas: cap, maxPriorityFeePerGas: tip },
    );
  }

  #sign(sender: Sender, draft: Draft): Promise<Hex> {
    const { cap, tip, baseFee } = this.#fees();
    // Every other time there is more gas than needed, which comes back.
    const slack = this.#random.below(2) === 0 ? 0n : BigInt(this.#random.below(5_000));
    const { to, value, data = '0x', accessList = [] } = draft;
    const gas = intrinsicGas(data, accessList) + slack;
    const common = { chainId: CHAIN_ID, to, value, data, gas };
    const type = accessList.length > 0 ? 1 + this.#random.below(2) : this.#random.below(3);
    if (type === 0) {
      return signWith(sender, { type: 'legacy', ...common, gasPrice: baseFee + tip });
    }
    if (type === 1) {
      return signWith(sender, { type: 'eip2930', ...common, accessList, gasPrice: cap });
    }
    const caps = { maxFeePerGas: cap, maxPriorityFeePerGas: tip };
    return signWith(sender, { type: 'eip1559', ...common, accessList, ...caps });
  }

  /** A tip of zero to five gwei, and a cap that is the limit of what is paid now and then. */
  #fees(): Fees {
    const baseFee = this.#baseFee;
    const tip = this.#random.below(4) === 0 ? 0n : BigInt(this.#random.below(5_000)) * 1_000_003n;
    const headroom = this.#random.below(3) === 0 ? tip / 2n : 2n * baseFee;
    const cap = baseFee + headroom;
    return { baseFee, cap, tip: tip < cap ? tip : cap };
  }

  #accessList(sender: Sender): AccessList {
    const slot = toHex(this.#random.below(3), { size: 32 });
    const entry = { address: this.#known(), storageKeys: [slot, slot, toHex(7, { size: 32 })] };
    const others = [sender.address, PROPOSER, `0x${'00'.repeat(19)}01` as const];
    const bare = others.map((address) => ({ address, storageKeys: [] }));
    return [entry, entry, ...bare.slice(0, this.#random.below(4))];
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#random.below(list.length)] as T;
  }

  #known(): Address {
    return this.#pick(this.#rich).address;
  }

  #fresh(): Address {
    this.#freshAddresses += 1;
    return toHex(0xace_0000 + this.#freshAddresses, { size: 20 });
  }

  /** Bytes none of which is zero. */
  #bytes(length: number): Hex {
    const bytes = new Uint8Array(length);
    for (let index = 0; index < length; index += 1) bytes[index] = 1 + this.#random.below(255);
    return `0x${Buffer.from(bytes).toString('hex')}`;
  }

  #count(kind: TransferKind): void {
    this.kinds.set(kind, (this.kinds.get(kind) ?? 0) + 1);
  }
}

async function signWith(sender: Sender, transaction: TransactionSerializable): Promise<Hex> {
  const { nonce } = sender;
  sender.nonce += 1;
  return privateKeyToAccount(sender.key).signTransaction({ ...transaction, nonce });
}

/** What a transfer costs at least (EIP-2028, EIP-2930). */
function intrinsicGas(data: Hex, accessList: AccessList): bigint {
  let gas = GAS_TRANSFER;
  for (const byte of Buffer.from(data.slice(2), 'hex')) gas += byte === 0 ? 4n : 16n;
  for (const { storageKeys } of accessList) gas += 2_400n + 1_900n * BigInt(storageKeys.length);
  return gas;
}
