import { EMPTY_BYTES, fixedBytes, fromHexKey, toHexKey } from '@lucerna/base';
import { type RecoveredTransaction, unsignedTransaction } from '@lucerna/protocol';
import {
  type AppendFile,
  createMemoryFile,
  createMemoryStore,
  KEYSPACES,
  type KvStore,
} from '@lucerna/storage';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import { importBlocks } from '../src/archive/import-blocks.ts';
import type { Chain } from '../src/chain.ts';
import type { Note } from '../src/patch-record.ts';
import { blocksOf, diskWith, fileOf, stateOf, WORK } from './support/archives.ts';
import { rowsWithoutLog } from './support/branches.ts';
import {
  ADDRESSES,
  attributesOn,
  COINBASE,
  memoryDisk,
  openOn,
  signed,
  sourceOf,
  testGenesis,
} from './support/ledger.ts';
import { NaiveChain } from './support/naive-chain.ts';

/** Senders without keys, which patches pay. */
const STRANGERS = [0x51n, 0x52n].map((number) => fixedBytes(number, 20));
const EVERYBODY = [...ADDRESSES, ...STRANGERS, fixedBytes(0x61n, 20)];
const GAS_PRICE = 50_000_000_000n;
const OPTIONS = { genesis: testGenesis(), cheats: 'allowed' } as const;

type Transfer = { readonly sender: number; readonly to: number; readonly value: bigint };
type Edit = {
  readonly account: number;
  readonly kind: 'balance' | 'nonce' | 'slot';
  readonly value: number;
};
type NoteStep = { readonly key: number; readonly value: number };

/** What happens to a chain; points are taken modulo what there is. */
type Step =
  | { readonly kind: 'block'; readonly transfers: readonly Transfer[]; readonly lifted: boolean }
  | { readonly kind: 'patch'; readonly edits: readonly Edit[]; readonly notes: readonly NoteStep[] }
  | { readonly kind: 'rewind'; readonly points: number; readonly notes: readonly NoteStep[] }
  | { readonly kind: 'reopen'; readonly flushBlocks: number }
  | { readonly kind: 'rebuild' };

const account = fc.nat(EVERYBODY.length - 1);
const notes = fc.array(fc.record({ key: fc.nat(3), value: fc.nat(3) }), { maxLength: 2 });
const arbitraryStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('block' as const),
      transfers: fc.array(fc.record({ sender: fc.nat(4), to: account, value: fc.bigInt(0n, 2n) }), {
        maxLength: 3,
      }),
      lifted: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('patch' as const),
      edits: fc.array(
        fc.record({
          account,
          kind: fc.constantFrom('balance' as const, 'nonce' as const, 'slot' as const),
          value: fc.nat(4),
        }),
        { maxLength: 3 },
      ),
      notes,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('rewind' as const), points: fc.nat(5), notes }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('reopen' as const),
      flushBlocks: fc.constantFrom(1, 2, 100),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rebuild' as const) }) },
);

/** A chain that is put through steps, and the naive one that should be the same. */
class Subject {
  readonly #file: AppendFile = createMemoryFile();
  readonly #history: number;
  naive: NaiveChain | undefined;
  store: KvStore = createMemoryStore();
  #chain: Chain | undefined;

  constructor(history: number) {
    this.#history = history;
  }

  async chain(flushBlocks: number = 3): Promise<Chain> {
    this.#chain ??= await openOn(memoryDisk(this.#file, this.store), {
      ...OPTIONS,
      history: this.#history,
      writeBehind: { flushBlocks },
    });
    this.naive ??= new NaiveChain(genesisState(), toHexKey(this.#chain.head().hash));
    return this.#chain;
  }

  async close(): Promise<void> {
    await this.#chain?.close();
    this.#chain = undefined;
  }

  /** A store that is made from the log alone. Not while the chain is open. */
  async rebuilt(): Promise<KvStore> {
    const store = createMemoryStore();
    const options = { ...OPTIONS, history: this.#history };
    await (await openOn(memoryDisk(this.#file, store), options)).close();
    return store;
  }

  async take(step: Step): Promise<void> {
    const chain = await this.chain();
    const naive = this.naive!;
    switch (step.kind) {
      case 'block':
        await grow(chain, naive, step.transfers, step.lifted);
        return;
      case 'patch':
        await patch(chain, naive, step.edits, notesOf(step.notes));
        return;
      case 'rewind': {
        const left = naive.points.length - (step.points % naive.points.length);
        const given = notesOf(step.notes);
        const { height, ordinal } = naive.points[left - 1]!;
        await chain.rewind({ height, ordinal }, { notes: given });
        naive.cut(left);
        naive.note(given);
        return;
      }
      case 'reopen':
        await this.close();
        await this.chain(step.flushBlocks);
        return;
      case 'rebuild':
        await this.close();
        this.store = createMemoryStore();
        await this.chain();
    }
  }
}

function genesisState() {
  const { alloc } = OPTIONS.genesis;
  return new Map(
    alloc.map(({ address, balance, nonce }) => [
      toHexKey(address),
      { balance, nonce, slots: new Map<number, bigint>() },
    ]),
  );
}

function notesOf(steps: readonly NoteStep[]): readonly Note[] {
  const notesByKey = new Map(
    steps.map(({ key, value }): [string, Note] => [
      `note/${key}`,
      { key: `note/${key}`, value: value === 0 ? undefined : new Uint8Array(value) },
    ]),
  );
  return [...notesByKey.values()];
}

/** The same bytes whenever sender, nonce, recipient and value are the same. */
function transferOf({ sender, to, value }: Transfer, nonce: bigint): RecoveredTransaction {
  const transaction = {
    type: 0,
    chainId: 31_337n,
    nonce,
    gasPrice: GAS_PRICE,
    gasLimit: 21_000n,
    to: EVERYBODY[to] as Uint8Array,
    value,
    data: EMPTY_BYTES,
  } as const;
  if (sender < ADDRESSES.length) return signed(sender, transaction);
  return unsignedTransaction(transaction, EVERYBODY[sender] as Uint8Array);
}

async function grow(
  chain: Chain,
  naive: NaiveChain,
  transfers: readonly Transfer[],
  lifted: boolean,
): Promise<void> {
  const nonces = new Map<number, bigint>();
  const transactions: RecoveredTransaction[] = [];
  for (const transfer of transfers) {
    const { sender } = transfer;
    const from = naive.head.state.get(toHexKey(EVERYBODY[sender] as Uint8Array));
    if (from === undefined || from.balance < 10n ** 18n) continue;
    const nonce = nonces.get(sender) ?? from.nonce;
    nonces.set(sender, nonce + 1n);
    transactions.push(transferOf(transfer, nonce));
  }
  const attributes = attributesOn(chain);
  const { executed, skipped } = chain.build(
    lifted ? { ...attributes, lifted: true, baseFeePerGas: 3n } : attributes,
    sourceOf(transactions),
  );
  if (skipped.length > 0) throw skipped[0]!.error;
  await chain.commit(executed);
  naive.addBlock(executed);
}

async function patch(
  chain: Chain,
  naive: NaiveChain,
  edits: readonly Edit[],
  given: readonly Note[],
): Promise<void> {
  const before = chain.stateRoot();
  const done = edits.filter(({ account: at, kind }) => {
    // An account with nothing but storage does not outlive a transaction (EIP-161).
    const known = naive.head.state.get(toHexKey(EVERYBODY[at] as Uint8Array));
    return kind === 'balance' || (known !== undefined && known.balance > 0n);
  });
  // In the same patch a balance may go to nothing before the storage is written.
  const slots = done.filter(({ kind }) => kind !== 'balance');
  const balances = slots.length > 0 ? [] : done;
  const all = [...balances, ...slots];
  await chain.patch((journal) => {
    for (const { account: at, kind, value } of all) {
      const address = EVERYBODY[at] as Uint8Array;
      if (kind === 'balance') journal.setBalance(address, balanceOf(value));
      else if (kind === 'nonce') journal.setNonce(address, BigInt(value));
      else journal.setStorage(address, slotOf(value), fixedBytes(BigInt(value % 3), 32));
    }
  }, given);
  naive.note(given);
  if (toHexKey(before) === toHexKey(chain.stateRoot())) return;
  naive.change((accountAt) => {
    for (const { account: at, kind, value } of all) {
      const changed = accountAt(toHexKey(EVERYBODY[at] as Uint8Array));
      if (kind === 'balance') changed.balance = balanceOf(value);
      else if (kind === 'nonce') changed.nonce = BigInt(value);
      else changed.slots.set(value % 2, BigInt(value % 3));
    }
  });
}

/** Enough for many fees, or more than the genesis has in all, or nothing. */
function balanceOf(value: number): bigint {
  return value === 0 ? 0n : 10n ** 18n * 7n ** BigInt(value * 3);
}

function slotOf(value: number): Uint8Array {
  return fixedBytes(BigInt(value % 2), 32);
}

/** Everything that can be asked of both. */
async function compare(chain: Chain, naive: NaiveChain, history: number): Promise<void> {
  const { height, ordinal, hash } = naive.head;
  expect(chain.point()).toEqual({ height, ordinal });
  expect(toHexKey(chain.head().hash)).toBe(hash);
  const kept = new Map([...chain.notes('')].map(({ key, value }) => [key, toHexKey(value)]));
  expect(kept).toEqual(naive.notes);
  const { historyFrom } = chain.figures();
  expect(historyFrom).toBeLessThanOrEqual(history === 0 ? height : Math.max(0, height));
  for (let at = historyFrom; at <= height; at += 1) {
    const state = chain.state(at);
    for (const address of [...EVERYBODY, COINBASE]) {
      const expected = naive.at(at).state.get(toHexKey(address));
      const found = state.account(address);
      expect(found?.balance ?? 0n, `balance at ${at}`).toBe(expected?.balance ?? 0n);
      expect(found?.nonce ?? 0n, `nonce at ${at}`).toBe(expected?.nonce ?? 0n);
      for (const slot of [0, 1]) {
        const word = toHexKey(state.storage(address, fixedBytes(BigInt(slot), 32)));
        expect(BigInt(`0x${word}`)).toBe(expected?.slots.get(slot) ?? 0n);
      }
    }
    const proof = await chain.prove(at, ADDRESSES[0]!, [], WORK.takeTurn);
    expect(proof.balance).toBe(naive.at(at).state.get(toHexKey(ADDRESSES[0]!))?.balance ?? 0n);
  }
  compareTransactions(chain, naive);
}

function compareTransactions(chain: Chain, { transactions }: NaiveChain): void {
  for (const address of EVERYBODY) {
    const key = toHexKey(address);
    const mine = transactions.filter(({ sender, recipient }) => [sender, recipient].includes(key));
    const places = mine.map(({ height, index }) => ({ height, index }));
    expect([...chain.transactionsOf(address, undefined, 'newer')]).toEqual(places);
    expect([...chain.transactionsOf(address, undefined, 'older')]).toEqual(places.toReversed());
    for (const [at, place] of places.entries()) {
      expect([...chain.transactionsOf(address, place, 'newer')]).toEqual(places.slice(at + 1));
      expect([...chain.transactionsOf(address, place, 'older')]).toEqual(
        places.slice(0, at).toReversed(),
      );
    }
  }
  for (const { sender, nonce, hash } of transactions) {
    const last = transactions.findLast((each) => each.hash === hash)!;
    const { height, index } = last;
    expect(chain.findTransaction(fromHexKey(hash))).toEqual({ height, index });
    const used = transactions.findLast((each) => each.sender === sender && each.nonce === nonce)!;
    expect(chain.transactionOfNonce(fromHexKey(sender), nonce)).toEqual({
      height: used.height,
      index: used.index,
    });
  }
}

describe('a chain with cheats', () => {
  it('is at every point what a list of full copies says, and its archives make the same', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(arbitraryStep, { minLength: 3, maxLength: 14 }),
        fc.constantFrom(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0, 1, 3),
        async (steps, history) => {
          const subject = new Subject(history);
          for (const step of steps) await subject.take(step);
          const chain = await subject.chain();
          await compare(chain, subject.naive!, history);
          const figures = await chain.verify();
          const archive = await blocksOf(chain);
          const snapshot = await stateOf(chain);
          const stateRoot = chain.stateRoot();
          const point = chain.point();
          const kept = [...chain.notes('')];
          await subject.close();
          const rebuilt = await subject.rebuilt();
          for (const { name, ...space } of Object.values(KEYSPACES)) {
            const live = [...subject.store.range({ name, ...space })];
            expect([...rebuilt.range({ name, ...space })], name).toEqual(live);
          }
          const freshStore = createMemoryStore();
          const fresh = await openOn(memoryDisk(createMemoryFile(), freshStore), {
            ...OPTIONS,
            history: Number.POSITIVE_INFINITY,
          });
          await importBlocks(fresh, fileOf(archive), WORK);
          expect(fresh.point()).toEqual(point);
          // The archive has everything but notes.
          await fresh.patch(undefined, kept);
          await fresh.close();
          const rows = rowsWithoutLog(subject.store);
          for (const [keyspace, texts] of rowsWithoutLog(freshStore)) {
            if (keyspace.endsWith('history') && history !== Number.POSITIVE_INFINITY) continue;
            expect(rows.get(keyspace), keyspace).toEqual(texts);
          }

          const late = await openOn(await diskWith(snapshot), OPTIONS);
          expect(late.stateRoot()).toEqual(stateRoot);
          expect(late.point()).toEqual(point);
          const { totalBalance, burned, minted, destroyed } = await late.verify();
          const expected = { totalBalance, burned, minted, destroyed };
          expect(figures).toMatchObject(expected);
          await late.close();
        },
      ),
      runs(60),
    );
  });
});
