import { type SeededRandom, seededRandom } from '@lucerna/base';
import { Block, DEV_NAMES, Mempool, MempoolConfig, StateDB, Transaction } from '@lucerna/sdk';

// A stream of changes of a ledger that a process makes, another one knows, and neither has to tell the
// other. Beside it a naive ledger of names and numbers, which says what must be there.

const RICH = 10n ** 15n;
const TRANSFER_GAS = 21_000n;
const PRODUCERS = ['validator0', 'validator1', 'validator2'];
/** More that waits or is executed, and the next operation is a block. */
const MOST_LOOSE = 60;

/** A transfer, known by its names. */
export type ModelTransfer = {
  readonly from: string;
  readonly to: string;
  readonly amount: bigint;
  readonly nonce: number;
  readonly gasPrice: bigint;
};

/** One change, known from its number and the ledger that it is made on. */
export type Operation =
  | { readonly kind: 'execute' | 'add' | 'remove'; readonly transfer: ModelTransfer }
  | {
      readonly kind: 'block';
      readonly transfers: readonly ModelTransfer[];
      readonly producer: string;
    };

/** A ledger as one writes it without knowing anything: what must be seen after so many operations. */
export class LedgerModel {
  readonly balances: Map<string, bigint> = new Map(DEV_NAMES.map((name) => [name, RICH]));
  readonly nonces: Map<string, number> = new Map();
  readonly blocks: (readonly ModelTransfer[])[] = [];
  executed: readonly ModelTransfer[] = [];
  waiting: readonly ModelTransfer[] = [];
  readonly #seed: number;
  #next = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** The operation that {@link step} does next. */
  peek(): Operation {
    const random = seededRandom(this.#seed * 1_000_003 + this.#next);
    const kind = random.below(20);
    const isFull = this.executed.length + this.waiting.length >= MOST_LOOSE;
    if (isFull || kind === 0) return this.#block(random);
    const last = this.waiting.at(-1);
    if (kind === 1 && last !== undefined) return { kind: 'remove', transfer: last };
    return kind < 10 ? this.#transfer('execute', random) : this.#transfer('add', random);
  }

  step(): void {
    const operation = this.peek();
    this.#next += 1;
    if (operation.kind === 'add') this.waiting = [...this.waiting, operation.transfer];
    if (operation.kind === 'remove') this.#forget([operation.transfer]);
    if (operation.kind === 'execute') {
      this.executed = [...this.executed, operation.transfer];
      this.#move(operation.transfer);
    }
    if (operation.kind === 'block') {
      const { transfers, producer } = operation;
      for (const transfer of transfers) {
        if (!this.executed.includes(transfer)) this.#move(transfer);
        this.#pay(producer, transfer.gasPrice * TRANSFER_GAS);
      }
      this.executed = this.executed.filter((each) => !transfers.includes(each));
      this.#forget(transfers);
      this.blocks.push(transfers);
    }
    // Whoever has sent something else under a nonce has taken the place of what waits.
    this.#forget(this.waiting.filter(({ from, nonce }) => nonce <= this.#nonce(from)));
  }

  #transfer(kind: 'execute' | 'add', random: SeededRandom): Operation {
    const from = DEV_NAMES[random.below(DEV_NAMES.length)] as string;
    const others = DEV_NAMES.filter((name) => name !== from);
    const isWaiting = kind === 'add';
    const ahead = this.waiting.filter((each) => each.from === from).map(({ nonce }) => nonce);
    const transfer = {
      from,
      to: others[random.below(others.length)] as string,
      amount: BigInt(1 + random.below(1_000)),
      nonce: 1 + Math.max(this.#nonce(from), ...(isWaiting ? ahead : [])),
      gasPrice: isWaiting ? BigInt(1 + random.below(9)) : 0n,
    };
    return { kind, transfer };
  }

  /** Some of what was executed; behind all of that, also some of what waits. */
  #block(random: SeededRandom): Operation {
    const count = random.below(2 * this.executed.length + 1);
    const executed = this.executed.slice(0, count);
    const waiting =
      executed.length === this.executed.length
        ? this.waiting.slice(0, random.below(this.waiting.length + 1))
        : [];
    const producer = PRODUCERS[random.below(PRODUCERS.length)] as string;
    return { kind: 'block', transfers: [...executed, ...waiting], producer };
  }

  #move({ from, to, amount, nonce, gasPrice }: ModelTransfer): void {
    this.#pay(from, -(amount + gasPrice * TRANSFER_GAS));
    this.#pay(to, amount);
    this.nonces.set(from, nonce);
  }

  #pay(name: string, amount: bigint): void {
    this.balances.set(name, (this.balances.get(name) ?? 0n) + amount);
  }

  #nonce(name: string): number {
    return this.nonces.get(name) ?? 0;
  }

  #forget(gone: readonly ModelTransfer[]): void {
    this.waiting = this.waiting.filter((each) => !gone.includes(each));
  }
}

/** A ledger in a directory with its pool. */
export type OpenLedger = { readonly db: StateDB; readonly pool: Mempool };

export async function openLedgerAt(path: string): Promise<OpenLedger> {
  const db = await StateDB.open(path, { allocation: stateDbAllocation() });
  return { db, pool: await Mempool.open(new MempoolConfig({ maxSize: 1_000 }), db) };
}

/** What the accounts begin with. */
export function stateDbAllocation(): Readonly<Record<string, bigint>> {
  return Object.fromEntries(DEV_NAMES.map((name) => [name, RICH]));
}

export function transactionOf(transfer: ModelTransfer): Transaction {
  const { from, to, amount, nonce, gasPrice } = transfer;
  return Transaction.transfer(from, to, amount, nonce, gasPrice);
}

/** Carries the change out; resolves when it is acknowledged. */
export async function runOperation({ db, pool }: OpenLedger, operation: Operation): Promise<void> {
  if (operation.kind === 'block') {
    const { height, hash } = await db.getLatestBlock();
    const transactions = operation.transfers.map(transactionOf);
    await db.processBlock(new Block(height + 1, hash, transactions, operation.producer));
    return;
  }
  const { kind, transfer } = operation;
  if (kind === 'execute') await db.executeTransaction(transactionOf(transfer));
  if (kind === 'remove') await pool.removeTransaction(transactionOf(transfer).hash());
  if (kind === 'add') {
    const { from, to, amount, nonce, gasPrice: gas_price } = transfer;
    const fields = { from, to, amount: `${amount}`, nonce, gas_price: `${gas_price}` };
    await pool.addTransaction(JSON.stringify(fields));
  }
}

/** How the ledger differs from the model; undefined: not at all. Blocks are compared from `height` on. */
export async function difference(
  { db, pool }: OpenLedger,
  model: LedgerModel,
  height: number,
): Promise<string | undefined> {
  const latest = await db.getLatestBlock();
  if (latest.height !== model.blocks.length) {
    return `height ${latest.height} instead of ${model.blocks.length}`;
  }
  for (let at = height; at <= latest.height; at += 1) {
    const wanted = (model.blocks[at - 1] ?? []).map((each) => transactionOf(each).hash());
    const block = await db.getBlock(at);
    const found = block?.transactions.map((each) => each.hash()) ?? [];
    if (found.join() !== wanted.join()) return `transactions of block ${at}`;
    const parent = await db.getBlock(at - 1);
    if (at > 0 && block?.previousHash !== parent?.hash) return `parent of block ${at}`;
  }
  for (const name of [...DEV_NAMES, ...PRODUCERS]) {
    const [balance, nonce] = [db.getBalance(name), db.getNonce(name)];
    const wanted = [model.balances.get(name) ?? 0n, model.nonces.get(name) ?? 0];
    if (balance !== wanted[0] || nonce !== wanted[1]) {
      return `${name}: ${balance}, nonce ${nonce} instead of ${wanted.join(', nonce ')}`;
    }
  }
  if (pool.size !== model.waiting.length) {
    return `${pool.size} wait instead of ${model.waiting.length}`;
  }
  const lost = model.waiting.find(
    (each) => pool.getTransaction(transactionOf(each).hash()) === undefined,
  );
  return lost && `${lost.from} ${lost.nonce} does not wait`;
}
