import { type Durability, isLucernaError, LucernaError, SILENT_LOG } from '@lucerna/base';
import { type CrashKind, type FailureMode, FaultyDisk } from '@lucerna/storage/faulty';
import { describe, expect, it } from 'vitest';
import { DEFAULT_DATABASE, type VectorDatabase } from '../src/collection-api.ts';
import { openVectorDatabase } from '../src/database.ts';
import { ManualClock } from './catalog/manual-clock.ts';
import { FaultyPlace } from './log/faulty-place.ts';

/** What a database holds: ids of records by name of collection. */
type Contents = ReadonlyMap<string, readonly string[]>;

/** A store (the catalog, or a collection) over time. */
class History {
  /** What it was after each acknowledged change, the first one before all of them. */
  readonly states: string[];
  /** From this one on they outlive the power. */
  hardened = 0;
  /** What it may be besides: after a change that failed. */
  doubt: string | undefined;

  constructor(first: string) {
    this.states = [first];
  }

  get last(): string {
    return this.states.at(-1) as string;
  }

  /** Whether it may be so after a crash. */
  allows(state: string, survives: boolean): boolean {
    const first = survives ? this.states.length - 1 : this.hardened;
    return state === this.doubt || this.states.slice(first).includes(state);
  }

  /** The store was found so: everything else is over. */
  adopt(state: string): void {
    this.states.push(state);
    this.doubt = undefined;
  }
}

const CATALOG = '';

/** What a run could rely on when it ended: histories of the catalog and of each collection, by id. */
type Known = Map<string, History>;

/** A change that is tried: in which store, and what the store is then. */
type Change = {
  readonly store: string;
  readonly after: string;
  readonly isDeletion?: boolean;
  readonly make: () => Promise<unknown>;
};

async function open(place: FaultyPlace, durability: Durability): Promise<VectorDatabase> {
  let next = 0;
  const bytes = (length: number): Uint8Array => {
    next += 1;
    return new Uint8Array(length).fill(next, 0, 4).fill(place.disk.operations & 0xff, 4, 6);
  };
  const ports = {
    folder: await place.open('write'),
    clock: new ManualClock(),
    random: { bytes },
    log: SILENT_LOG,
  };
  return openVectorDatabase(ports, { durability });
}

function catalogState(database: VectorDatabase): string {
  const collections = database.collections(DEFAULT_DATABASE);
  return JSON.stringify(collections.map(({ id, name }) => [id, name]).sort());
}

function contentsOf(database: VectorDatabase): Contents {
  const collections = database.collections(DEFAULT_DATABASE);
  return new Map(
    collections.map(({ name, ids }, place) => [name, [...ids.call(collections[place])]]),
  );
}

/** Makes one change; goes on when it fails, with what is known then. */
async function attempt(known: Known, { store, after, isDeletion, make }: Change): Promise<void> {
  const history = known.get(store) ?? new History(JSON.stringify([]));
  known.set(store, history);
  // Nothing would be written, and nothing learned of what is in doubt.
  if (after === history.last) return;
  try {
    await make();
    history.adopt(after);
    // Deletions outlive the power at either level.
    if (isDeletion === true) history.hardened = history.states.length - 1;
  } catch (error) {
    expect(error).toBeInstanceOf(LucernaError);
    if (!isLucernaError(error, 'VECTOR_WRITES_STOPPED')) history.doubt = after;
  }
}

/** A script of changes, with a second session behind it. */
async function work(place: FaultyPlace, durability: Durability): Promise<Known> {
  const known: Known = new Map();
  for (const session of [firstSession, secondSession]) {
    try {
      const database = await open(place, durability);
      try {
        adoptAll(known, database, true);
        await session(database, known);
      } finally {
        await database.close();
      }
    } catch (error) {
      if (!(error instanceof LucernaError)) throw error;
    }
  }
  return known;
}

async function firstSession(database: VectorDatabase, known: Known): Promise<void> {
  await create(database, known, 'a');
  await add(database, known, 'a', '1', '2');
  await create(database, known, 'b');
  await add(database, known, 'b', '3');
  await remove(database, known, 'a', '1');
  await persist(database, known);
  await database.findCollection(DEFAULT_DATABASE, 'b')?.compact().catch(expectCoded);
  await add(database, known, 'b', '4');
  await rename(database, known, 'b', 'c');
  await drop(database, known, 'a');
  await create(database, known, 'a');
  await add(database, known, 'a', '5');
}

async function secondSession(database: VectorDatabase, known: Known): Promise<void> {
  await add(database, known, 'c', '6');
  await database.findCollection(DEFAULT_DATABASE, 'c')?.compact().catch(expectCoded);
  const after = JSON.stringify([]);
  await attempt(known, { store: CATALOG, after, isDeletion: true, make: () => database.reset() });
  await create(database, known, 'd');
  await add(database, known, 'd', '7');
}

async function create(database: VectorDatabase, known: Known, name: string): Promise<void> {
  const history = known.get(CATALOG) ?? new History(JSON.stringify([]));
  known.set(CATALOG, history);
  try {
    const { id } = await database.createCollection(DEFAULT_DATABASE, {
      name,
      index: { mode: 'exact' },
    });
    history.adopt(catalogState(database));
    known.set(id, new History(JSON.stringify([])));
  } catch (error) {
    expectCoded(error);
    // Its id is not known: that it has the name is all that can be said.
    if (!isLucernaError(error, 'VECTOR_WRITES_STOPPED', 'COLLECTION_EXISTS')) {
      history.doubt = `${history.last} and ${name}`;
    }
  }
}

async function change(
  database: VectorDatabase,
  known: Known,
  name: string,
  make: (id: string) => Omit<Change, 'store'> & { readonly store?: string },
): Promise<void> {
  const collection = database.findCollection(DEFAULT_DATABASE, name);
  if (collection === undefined) return;
  await attempt(known, { store: collection.id, ...make(collection.id) });
}

async function add(
  database: VectorDatabase,
  known: Known,
  name: string,
  ...ids: string[]
): Promise<void> {
  await change(database, known, name, (id) => {
    const collection = database.collectionById(id);
    const embeddings = new Float32Array(ids.length * 2).fill(1);
    const before = [...(collection?.ids() ?? [])];
    return {
      after: JSON.stringify([...before, ...ids]),
      make: async () => collection?.add({ ids, embeddings, dimension: 2 }),
    };
  });
}

async function remove(
  database: VectorDatabase,
  known: Known,
  name: string,
  gone: string,
): Promise<void> {
  await change(database, known, name, (id) => {
    const collection = database.collectionById(id);
    const left = [...(collection?.ids() ?? [])].filter((each) => each !== gone);
    return { after: JSON.stringify(left), make: async () => collection?.delete({ ids: [gone] }) };
  });
}

async function rename(
  database: VectorDatabase,
  known: Known,
  name: string,
  next: string,
): Promise<void> {
  await change(database, known, name, (id) => ({
    store: CATALOG,
    after: stateWith(database, (each) => (each.id === id ? { id, name: next } : each)),
    make: () => database.modifyCollection(id, { name: next }),
  }));
}

async function drop(database: VectorDatabase, known: Known, name: string): Promise<void> {
  await change(database, known, name, (id) => ({
    store: CATALOG,
    after: stateWith(database, (each) => (each.id === id ? undefined : each)),
    isDeletion: true,
    make: () => database.deleteCollection(id),
  }));
}

type Named = { readonly id: string; readonly name: string };

function stateWith(database: VectorDatabase, map: (each: Named) => Named | undefined): string {
  const collections = database.collections(DEFAULT_DATABASE).flatMap((each) => map(each) ?? []);
  return JSON.stringify(collections.map(({ id, name }) => [id, name]).sort());
}

async function persist(database: VectorDatabase, known: Known): Promise<void> {
  try {
    await database.persist();
    for (const history of known.values()) history.hardened = history.states.length - 1;
  } catch (error) {
    expectCoded(error);
  }
}

function expectCoded(error: unknown): void {
  expect(error).toBeInstanceOf(LucernaError);
}

/** Checks all stores against what may be, and takes it for what is. */
function adoptAll(known: Known, database: VectorDatabase, survives: boolean): void {
  const history = known.get(CATALOG) ?? new History(JSON.stringify([]));
  known.set(CATALOG, history);
  const found = catalogState(database);
  const isFound = history.allows(found, survives) || isDoubtfulCreation(history, database);
  expect(isFound, `${found} is not in ${JSON.stringify(history)}`).toBe(true);
  history.adopt(found);
  for (const collection of database.collections(DEFAULT_DATABASE)) {
    const state = JSON.stringify([...collection.ids()]);
    const own = known.get(collection.id) ?? new History(JSON.stringify([]));
    known.set(collection.id, own);
    expect(own.allows(state, survives), `${state} is not in ${JSON.stringify(own)}`).toBe(true);
    own.adopt(state);
  }
}

function isDoubtfulCreation({ last, doubt }: History, database: VectorDatabase): boolean {
  return [...contentsOf(database).keys()].some((name) => {
    const others = stateWith(database, (each) => (each.name === name ? undefined : each));
    return others === last && doubt === `${last} and ${name}`;
  });
}

async function checkRestart(
  place: FaultyPlace,
  durability: Durability,
  crash: CrashKind,
  known: Known,
): Promise<void> {
  const database = await open(place, durability);
  adoptAll(known, database, durability === 'power' || crash === 'process');
  await create(database, known, 'last');
  await add(database, known, 'last', '8');
  const before = contentsOf(database);
  expect(before.get('last')).toEqual(['8']);
  await database.close();
  const folder = await place.open('write');
  // Each collection has a log at most, and a snapshot; nobody else has one.
  const owners = new Set((await folder.logNames()).map((name) => name.split('.')[0]));
  expect(owners.size).toBeLessThanOrEqual(before.size + 1);
  await folder.close();
  const again = await open(place, durability);
  expect(contentsOf(again)).toEqual(before);
  await again.close();
}

/** The failures that differ: a process that goes on, one that dies, and the power with it. */
const CASES: readonly {
  readonly durability: Durability;
  readonly crash: CrashKind;
  readonly mode: FailureMode;
}[] = [
  { durability: 'process', crash: 'process', mode: 'once' },
  { durability: 'process', crash: 'power', mode: 'forever' },
  { durability: 'power', crash: 'power', mode: 'once' },
  { durability: 'power', crash: 'power', mode: 'forever' },
];

describe('a failure of the n-th operation, for every n', () => {
  it.each(CASES)('$mode at level $durability, then a $crash crash', async (each) => {
    const { durability, crash, mode } = each;
    const untroubled = new FaultyPlace(new FaultyDisk());
    const histories = [...(await work(untroubled, durability)).values()];
    expect(histories.map(({ doubt }) => doubt)).toEqual(histories.map(() => undefined));
    // The catalog and four collections.
    expect(histories.map(({ states }) => states.length)).toEqual([10, 3, 5, 3, 2]);
    const { operations } = untroubled.disk;
    expect(operations).toBeGreaterThan(70);
    for (let failAt = 1; failAt <= operations; failAt += 1) {
      const plan = { seed: failAt, failAt, mode, powerLoss: 'sectors' } as const;
      const place = new FaultyPlace(new FaultyDisk(plan));
      const known = await work(place, durability);
      await place.crash(crash);
      await checkRestart(place, durability, crash, known);
    }
  });
});
