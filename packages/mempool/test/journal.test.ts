import { fixedBytes, type Log, SILENT_LOG, toHex } from '@lucerna/base';
import type { RecoveredTransaction } from '@lucerna/protocol';
import { type AppendFile, crc32c, createMemoryFile } from '@lucerna/storage';
import { FaultyDisk } from '@lucerna/storage/faulty';
import { describe, expect, it } from 'vitest';
import { type JournalFiles, PoolJournal } from '../src/journal.ts';
import { encodeRecord } from '../src/journal-record.ts';
import { Mempool } from '../src/mempool.ts';
import type { PoolEvent } from '../src/pool-event.ts';
import { Accounts, CHAIN_ID, makeTransaction, RULES, senderOf } from './support.ts';

const ALICE = senderOf(1);
const HEAD = { rules: RULES, gasLimit: 30_000_000n, baseFeePerGas: 10n };
/** So small that a few transactions are enough to meet them. */
const LIMITS = { journalSlackBytes: 4_000, journalChunkBytes: 1_500 };

/** A file in memory that outlives its handles. */
function memoryFiles(): JournalFiles {
  return [lasting(createMemoryFile()), lasting(createMemoryFile())];
}

function lasting(file: AppendFile): AppendFile {
  return { ...file, close: async () => undefined };
}

class Warnings {
  readonly messages: string[] = [];
  readonly log: Log = {
    ...SILENT_LOG,
    warn: (message) => this.messages.push(message),
    error: (message) => this.messages.push(message),
  };
}

/** A pool with its journal on some files. */
class World {
  readonly accounts = new Accounts();
  readonly pool: Mempool;
  readonly journal: PoolJournal;

  private constructor(journal: PoolJournal) {
    this.accounts.set(ALICE, { nonce: 0n, balance: 10n ** 18n });
    this.pool = new Mempool({ chainId: CHAIN_ID, accounts: this.accounts, head: HEAD });
    this.journal = journal;
  }

  static async open(files: JournalFiles, log: Log = SILENT_LOG): Promise<World> {
    const world = new World(await PoolJournal.open(files, { log, limits: LIMITS }));
    await world.journal.replay(world.pool, 5);
    return world;
  }

  async step(event: PoolEvent): Promise<void> {
    await this.journal.record(event, this.pool.step(event));
  }

  async send(transaction: RecoveredTransaction, origin: 'local' | 'peer' = 'local'): Promise<void> {
    await this.step({ kind: 'transaction', transaction, nowMs: 5, origin });
  }

  hashes(): string[] {
    return this.pool.content().map(({ transaction }) => toHex(transaction.hash));
  }
}

const transfer = (nonce: number, fee = 20n, dataBytes = 0): RecoveredTransaction =>
  makeTransaction({
    sender: ALICE,
    nonce: BigInt(nonce),
    fee,
    gas: 21_000n + 16n * BigInt(dataBytes),
    data: new Uint8Array(dataBytes).fill(1),
  });

const hashesOf = (...transactions: RecoveredTransaction[]): string[] =>
  transactions.map(({ hash }) => toHex(hash));

describe('the journal', () => {
  it('gives back what waited, with status, order and unsigned mark', async () => {
    const files = memoryFiles();
    const first = await World.open(files);
    const unsigned = { ...transfer(1), unsigned: true } as const;
    for (const tx of [transfer(0), unsigned, transfer(3)]) await first.send(tx);
    const expected = first.pool.content();
    await first.journal.close();
    const second = await World.open(files);
    expect(second.pool.content()).toEqual(expected);
    expect(second.pool.get(unsigned.hash)).toEqual(unsigned);
    expect(second.pool.get(unsigned.hash)?.sender).toEqual(ALICE);
  });

  it('forgets what was dropped or replaced, and what the pool refuses now', async () => {
    const files = memoryFiles();
    const first = await World.open(files);
    const [kept, used, removed] = [transfer(2), transfer(0), transfer(4)];
    for (const tx of [transfer(1), transfer(2, 10n), kept, used, removed]) await first.send(tx);
    await first.step({ kind: 'remove', hash: removed.hash });
    first.accounts.set(ALICE, { nonce: 1n, balance: 10n ** 18n });
    await first.step({ kind: 'head', nowMs: 5, touched: [ALICE], ...HEAD });
    expect(first.journal.size).toBe(2);
    const journal = await PoolJournal.open(files, { log: SILENT_LOG });
    const accounts = new Accounts();
    accounts.set(ALICE, { nonce: 2n, balance: 10n ** 18n });
    const pool = new Mempool({ chainId: CHAIN_ID, accounts, head: HEAD });
    const effects = await journal.replay(pool, 5);
    expect(effects.map(({ kind }) => kind)).toEqual(['rejected', 'accepted']);
    expect(journal.size).toBe(1);
    const third = await PoolJournal.open(files, { log: SILENT_LOG });
    expect(third.size).toBe(1);
  });

  it('keeps what local users sent and what a reorganisation brought back, not what peers sent', async () => {
    const files = memoryFiles();
    const first = await World.open(files);
    await first.send(transfer(0), 'peer');
    expect(files.map((file) => file.size())).toEqual([0, 0]);
    await first.step({
      kind: 'head',
      touched: [],
      nowMs: 5,
      reverted: [transfer(1)],
      ...HEAD,
    });
    const second = await World.open(files);
    expect(second.hashes()).toEqual(hashesOf(transfer(1)));
  });

  it('takes down a step in order: a drop and the same transaction again', async () => {
    const files = memoryFiles();
    const first = await World.open(files);
    const tx = transfer(0);
    await Promise.all([
      first.send(tx),
      first.step({ kind: 'remove', hash: tx.hash }),
      first.send(tx),
      first.step({ kind: 'remove', hash: tx.hash }),
      first.send(tx),
    ]);
    await first.step({ kind: 'tick', nowMs: 6 });
    expect((await World.open(files)).hashes()).toEqual(hashesOf(tx));
  });

  it('is copied when most of it is dead, so that it stays short', async () => {
    const files = memoryFiles();
    const world = await World.open(files);
    const kept = transfer(0);
    await world.send(kept);
    let longest = 0;
    const switches = new Set<boolean>();
    for (let round = 0; round < 80; round += 1) {
      const tx = transfer(1, 20n, 200);
      await world.send(tx);
      await world.step({ kind: 'remove', hash: tx.hash });
      longest = Math.max(longest, files[0].size() + files[1].size());
      switches.add(files[0].size() > 0);
    }
    expect(longest).toBeLessThan(2 * LIMITS.journalSlackBytes);
    expect([...switches]).toEqual([true, false]);
    expect((await World.open(files)).hashes()).toEqual(hashesOf(kept));
  });

  it('is copied in pieces when much is alive', async () => {
    const files = memoryFiles();
    const world = await World.open(files);
    const sent = Array.from({ length: 30 }, (_, nonce) => transfer(nonce, 20n, 300));
    await Promise.all(sent.map((tx) => world.send(tx)));
    for (let round = 0; round < 60; round += 1) {
      const tx = transfer(30, 20n, 300);
      await world.send(tx);
      await world.step({ kind: 'remove', hash: tx.hash });
    }
    expect((await World.open(files)).hashes()).toEqual(hashesOf(...sent));
  });

  it('refuses a file of a newer version and closes both', async () => {
    const files = memoryFiles();
    const world = await World.open(files);
    await world.send(transfer(0));
    const bytes = await files[0].read(0, files[0].size());
    // The version of the first record, behind its header and the magic; its checksum follows.
    bytes[13] = 2;
    const payload = bytes.subarray(9, 18);
    new DataView(bytes.buffer).setUint32(5, crc32c(payload, crc32c(bytes.subarray(0, 5))));
    const newer = [createMemoryFile(bytes), createMemoryFile()] as const;
    await expect(PoolJournal.open(newer, { log: SILENT_LOG })).rejects.toMatchObject({
      code: 'POOL_JOURNAL_VERSION',
    });
    await expect(newer[1].read(0, 0)).rejects.toMatchObject({ code: 'FILE_CLOSED' });
  });
});

describe('damage', () => {
  it('anywhere cuts the journal there, with a warning, and what is before it is read', async () => {
    const files = memoryFiles();
    const world = await World.open(files);
    const sent = [transfer(0), transfer(1), transfer(2)];
    for (const tx of sent) await world.send(tx);
    const bytes = await files[0].read(0, files[0].size());
    for (let offset = 0; offset < bytes.length; offset += 1) {
      const damaged = bytes.slice();
      damaged[offset] = (damaged[offset] as number) ^ 0x10;
      const warnings = new Warnings();
      const copy: JournalFiles = [lasting(createMemoryFile(damaged)), lasting(createMemoryFile())];
      const after = await World.open(copy, warnings.log);
      expect(warnings.messages).toHaveLength(1);
      const survivors = after.hashes();
      expect(survivors).toEqual(hashesOf(...sent).slice(0, survivors.length));
      expect(survivors.length).toBeLessThan(sent.length);
      // The journal goes on from there.
      await after.send(transfer(9));
      const again = await World.open(copy, warnings.log);
      expect(again.hashes()).toEqual([...survivors, ...hashesOf(transfer(9))]);
      expect(warnings.messages).toHaveLength(1);
    }
  });

  it('that is foreign bytes leaves an empty journal', async () => {
    for (const length of [1, 8, 40, 4_000]) {
      const warnings = new Warnings();
      const junk = new Uint8Array(length).fill(0x5a);
      const files: JournalFiles = [
        lasting(createMemoryFile(junk)),
        lasting(createMemoryFile(fixedBytes(7n, length))),
      ];
      const world = await World.open(files, warnings.log);
      await world.send(transfer(0));
      expect((await World.open(files)).hashes()).toEqual(hashesOf(transfer(0)));
    }
  });
});

describe('a crash at any operation', () => {
  /** Sends, drops and copies; tells what was answered. */
  async function work(disk: FaultyDisk): Promise<{ answered: Set<string>; gone: Set<string> }> {
    const answered = new Set<string>();
    const gone = new Set<string>();
    const files = [disk.openFile('a'), disk.openFile('b')] as const;
    const warnings = new Warnings();
    const world = await World.open(files, warnings.log);
    const act = async (event: PoolEvent, done: () => void): Promise<void> => {
      await world.step(event);
      if (warnings.messages.length === 0) done();
    };
    for (let round = 0; round < 24; round += 1) {
      const small = transfer(round);
      const large = transfer(30, 20n, 700);
      await act({ kind: 'transaction', transaction: small, nowMs: 5, origin: 'local' }, () =>
        answered.add(toHex(small.hash)),
      );
      await act({ kind: 'transaction', transaction: large, nowMs: 5, origin: 'local' }, () => {});
      await act({ kind: 'remove', hash: large.hash }, () => {});
      if (round % 3 === 0) {
        await act({ kind: 'remove', hash: small.hash }, () => gone.add(toHex(small.hash)));
      }
    }
    return { answered, gone };
  }

  it('leaves every transaction that was answered and not gone', async () => {
    const whole = new FaultyDisk();
    await work(whole);
    expect(whole.operations).toBeGreaterThan(80);
    for (let failAt = 1; failAt <= whole.operations; failAt += 1) {
      const disk = new FaultyDisk({ seed: failAt, failAt, mode: 'forever' });
      const outcome = await work(disk).catch(() => ({
        answered: new Set<string>(),
        gone: new Set<string>(),
      }));
      await disk.crash('process');
      const world = await World.open([disk.openFile('a'), disk.openFile('b')]);
      const hashes = new Set(world.hashes());
      for (const hash of outcome.answered) {
        expect(hashes.has(hash), `operation ${failAt}`).toBe(!outcome.gone.has(hash));
      }
    }
  });

  it('while it is opened again loses nothing either', async () => {
    const prepared = async (): Promise<FaultyDisk> => {
      const disk = new FaultyDisk({ seed: 3 });
      await work(disk);
      const file = disk.openFile('a').size() > 0 ? disk.openFile('a') : disk.openFile('b');
      // A tail that a crash has torn, so long that opening copies what is alive.
      const dead = encodeRecord({ kind: 'dropped', hash: new Uint8Array(32) });
      for (let count = 0; count < 200; count += 1) await file.append(dead);
      await file.append(dead.subarray(0, 17));
      return disk;
    };
    const reference = await prepared();
    const before = reference.operations;
    const expected = await World.open([reference.openFile('a'), reference.openFile('b')]);
    const steps = reference.operations - before;
    expect(steps).toBeGreaterThan(6);
    for (let step = 1; step <= steps; step += 1) {
      const disk = await prepared();
      disk.failAt(disk.operations + step, 'forever');
      await World.open([disk.openFile('a'), disk.openFile('b')]).catch(() => undefined);
      await disk.crash('process');
      const world = await World.open([disk.openFile('a'), disk.openFile('b')]);
      expect(world.hashes()).toEqual(expected.hashes());
    }
  });

  it('of power may lose what was not synced, and never hinders the start', async () => {
    for (let seed = 0; seed < 60; seed += 1) {
      const disk = new FaultyDisk({ seed, powerLoss: seed % 2 === 0 ? 'prefix' : 'sectors' });
      await work(disk);
      await disk.crash('power');
      const world = await World.open([disk.openFile('a'), disk.openFile('b')]);
      await world.send(transfer(40));
      expect(world.pool.has(transfer(40).hash)).toBe(true);
    }
  });

  it('is not needed: a disk that refuses ends the journal, and the pool goes on', async () => {
    const disk = new FaultyDisk({ failAt: 3 });
    const warnings = new Warnings();
    const world = await World.open([disk.openFile('a'), disk.openFile('b')], warnings.log);
    for (const nonce of [0, 1, 2, 3]) await world.send(transfer(nonce));
    expect(world.pool.size).toBe(4);
    expect(warnings.messages).toHaveLength(1);
    await world.journal.close();
  });
});

it('takes more at once than a call takes arguments', async () => {
  const warnings = new Warnings();
  const journal = await PoolJournal.open(memoryFiles(), { log: warnings.log });
  const transaction = transfer(0);
  const steps = Array.from({ length: 140_000 }, (_, index) => {
    const numbered = { ...transaction, hash: fixedBytes(BigInt(index), 32) };
    const event = {
      kind: 'transaction',
      transaction: numbered,
      nowMs: 5,
      origin: 'local',
    } as const;
    return journal.record(event, [{ kind: 'accepted', hash: numbered.hash, status: 'pending' }]);
  });
  await Promise.all(steps);
  expect(warnings.messages).toEqual([]);
  expect(journal.stopped).toBe(false);
  await journal.close();
});

it('never writes what has left the pool before anybody waited for it', async () => {
  const files = memoryFiles();
  const journal = await PoolJournal.open(files, { log: SILENT_LOG });
  const [first, second] = [transfer(0), transfer(1)];
  for (const transaction of [first, second]) {
    const event = { kind: 'transaction', transaction, nowMs: 5, origin: 'local' } as const;
    journal.note(event, [{ kind: 'accepted', hash: transaction.hash, status: 'pending' }]);
  }
  const head = { kind: 'head', touched: [ALICE], nowMs: 6, ...HEAD } as const;
  const used = (hash: Uint8Array) => ({ kind: 'dropped', hash, reason: 'nonce-used' }) as const;
  await journal.record(head, [used(first.hash), used(second.hash)]);
  expect(files.map((file) => file.size())).toEqual([0, 0]);

  const again = { kind: 'transaction', transaction: first, nowMs: 7, origin: 'local' } as const;
  journal.note(again, [{ kind: 'accepted', hash: first.hash, status: 'pending' }]);
  await journal.flush();
  await journal.record(head, [used(first.hash)]);
  journal.note(again, [{ kind: 'accepted', hash: first.hash, status: 'pending' }]);
  await journal.close();
  const world = await World.open(files);
  expect(world.hashes()).toEqual(hashesOf(first));
});
