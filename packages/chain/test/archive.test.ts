import { pureSignatureEngine } from '@lucerna/crypto';
import { decodeBlock, encodeBlock, headerHash } from '@lucerna/protocol';
import {
  crc32c,
  createMemoryFile,
  createMemoryStore,
  KEYSPACES,
  type KvStore,
  WriteBatch,
} from '@lucerna/storage';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkState } from '../src/archive/check-state.ts';
import { describeArchive } from '../src/archive/describe-archive.ts';
import { importBlocks } from '../src/archive/import-blocks.ts';
import { decodeBaseRecord, encodeBaseRecord } from '../src/base-record.ts';
import { encodeFrame } from '../src/frame.ts';
import type { LogRecord, RecordFile } from '../src/log-record.ts';
import { encodeGenesisRecord } from '../src/record.ts';
import { RECORD_KINDS } from '../src/record-kinds.ts';
import {
  archiveFrom,
  blocksOf,
  collect,
  fileOf,
  pairAt,
  recordsOf,
  stateOf,
  trunk,
  WORK,
} from './support/archives.ts';
import { branchOn, follow, rowsWithoutLog } from './support/branches.ts';
import { memoryDisk, openMemoryChain, openOn, testGenesis } from './support/ledger.ts';

let blocks: readonly Uint8Array[];

beforeAll(async () => {
  blocks = await trunk();
});

const check = (bytes: Uint8Array) => checkState(fileOf(bytes), pureSignatureEngine, WORK);

describe('an archive of blocks', () => {
  it('makes the same chain elsewhere, with the same rows', async () => {
    const source = await follow(blocks);
    const target = await follow([]);
    const progress: (readonly [number, number | undefined])[] = [];
    const bytes = await blocksOf(source.chain);
    const work = {
      ...WORK,
      onProgress: (...told: [number, number?]) => void progress.push([told[0], told[1]]),
    };
    expect(await importBlocks(target.chain, fileOf(bytes), work)).toEqual({
      imported: 9,
      known: 0,
    });
    expect(progress.length).toBe(11);
    expect(progress.at(-1)).toEqual([bytes.length, bytes.length]);
    expect(target.chain.head()).toEqual(source.chain.head());
    await source.chain.flush();
    await target.chain.flush();
    expect(rowsWithoutLog(target.store)).toEqual(rowsWithoutLog(source.store));
    await target.chain.verify();
  });

  it('says of which chain it is', async () => {
    const { chain } = await follow(blocks);
    expect(await describeArchive(fileOf(await blocksOf(chain)))).toEqual({
      kind: 'blocks',
      genesis: testGenesis(),
      genesisHash: chain.header(0)!.hash,
    });
  });

  it('may be a range; blocks that the chain has are passed over', async () => {
    const { chain } = await follow(blocks);
    const target = await follow(blocks.slice(0, 2));
    const parts = [
      { range: { to: 4 }, imported: 2, known: 2 },
      { range: { from: 3, to: 4 }, imported: 0, known: 2 },
      { range: { from: 5 }, imported: 5, known: 0 },
      { range: { from: 0, to: 1 }, imported: 0, known: 1 },
      // Nothing is new.
      { range: { from: 10 }, imported: 0, known: 0 },
    ];
    for (const { range, ...expected } of parts) {
      const file = fileOf(await blocksOf(chain, range));
      expect(await importBlocks(target.chain, file, WORK)).toEqual(expected);
    }
    expect(target.chain.head()).toEqual(chain.head());
  });

  it('goes on where a chain begins with a snapshot; what is below is passed over', async () => {
    const { late } = await pairAt(4, blocks);
    const whole = await follow(blocks);
    const file = fileOf(await blocksOf(whole.chain));
    expect(await importBlocks(late.chain, file, WORK)).toEqual({ imported: 5, known: 4 });
    expect(late.chain.head()).toEqual(whole.chain.head());
    // From the block behind its first one on, by default.
    const records = await recordsOf(await blocksOf(late.chain));
    expect(records.length).toBe(1 + 5 + 1);
    const first = await blocksOf(late.chain, { from: 4, to: 4 });
    expect((await recordsOf(first))[1]!.payload).toEqual(blocks[3]);
  });

  it('tells how many of the blocks are written', async () => {
    const { chain } = await follow(blocks);
    const told: unknown[] = [];
    const onProgress = (...each: unknown[]) => void told.push(each);
    await collect(chain.exportBlocks({ from: 7 }, { ...WORK, onProgress }));
    expect(told).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ]);
  });

  it('of a chain without blocks is complete', async () => {
    const empty = await openMemoryChain();
    const bytes = await blocksOf(empty);
    const { chain } = await follow(blocks);
    expect(await importBlocks(chain, fileOf(bytes), WORK)).toEqual({ imported: 0, known: 0 });
  });

  it.each([
    [{ from: 5, to: 3 }, 'ARCHIVE_RANGE_INVALID'],
    [{ from: 11 }, 'ARCHIVE_RANGE_INVALID'],
    [{ to: 10 }, 'STATE_FUTURE'],
  ])('is not made of %j', async (range, code) => {
    const { chain } = await follow(blocks);
    await expect(blocksOf(chain, range)).rejects.toMatchObject({ code });
  });

  it('ends when blocks are removed meanwhile, and when the chain is closed', async () => {
    const { chain } = await follow(blocks);
    const parts = chain.exportBlocks({}, WORK);
    await parts.next();
    await parts.next();
    await chain.rewind({ height: 5 });
    await expect(parts.next()).rejects.toMatchObject({ code: 'CHAIN_REORGANISED' });
    const others = chain.exportBlocks({}, WORK);
    await others.next();
    await chain.close();
    await expect(others.next()).rejects.toMatchObject({ code: 'CHAIN_CLOSED' });
    expect(() => chain.exportBlocks({}, WORK)).toThrow(
      expect.objectContaining({ code: 'CHAIN_CLOSED' }),
    );
  });

  it('of another chain, or of another branch, is refused', async () => {
    const bytes = await blocksOf((await follow(blocks)).chain);
    const foreign = await openMemoryChain({ genesis: testGenesis({ timestamp: 5 }) });
    await expect(importBlocks(foreign, fileOf(bytes), WORK)).rejects.toMatchObject({
      code: 'CHAIN_GENESIS_MISMATCH',
    });
    const other = await follow([
      ...blocks.slice(0, 3),
      ...(await branchOn(blocks.slice(0, 3), 2, 99)),
    ]);
    await expect(importBlocks(other.chain, fileOf(bytes), WORK)).rejects.toMatchObject({
      code: 'CHAIN_NOT_ON_HEAD',
    });
    expect(other.chain.head().header.height).toBe(5);
  });

  it('with a gap, or with a block that is not valid, stops there', async () => {
    const { chain } = await follow(blocks);
    const records = [...(await recordsOf(await blocksOf(chain)))];
    const gap = await follow([]);
    const withGap = archiveFrom(records.filter((_, index) => index !== 4));
    await expect(importBlocks(gap.chain, fileOf(withGap), WORK)).rejects.toMatchObject({
      code: 'CHAIN_NOT_ON_HEAD',
    });
    expect(gap.chain.head().header.height).toBe(3);
    const { header } = decodeBlock(records[2]!.payload);
    const forged = encodeBlock({
      header: { ...header, gasUsed: header.gasUsed + 1n },
      transactions: [],
    });
    records[2] = { ...records[2]!, payload: forged };
    const strict = await follow([]);
    const importing = importBlocks(strict.chain, fileOf(archiveFrom(records)), WORK);
    await expect(importing).rejects.toMatchObject({ code: expect.stringMatching(/^BLOCK_/) });
    expect(strict.chain.head().header.height).toBe(1);
  });

  it('that is torn, anywhere, keeps what came before and names the offset', async () => {
    const bytes = await blocksOf((await follow(blocks)).chain);
    const ends = (await recordsOf(bytes)).map(({ end }) => end.offset);
    const target = await follow([]);
    for (let length = 0; length < bytes.length; length += 97) {
      const torn = fileOf(bytes.subarray(0, length));
      const whole = ends.filter((end) => end <= length);
      await expect(importBlocks(target.chain, torn, WORK)).rejects.toMatchObject({
        code: 'ARCHIVE_INVALID',
        fields: { offset: whole.at(-1) ?? 0 },
      });
      expect(target.chain.head().header.height).toBe(Math.max(0, whole.length - 1));
    }
    // At the end of each record too: it is complete only with the last one.
    for (const end of ends.slice(0, -1)) {
      const importing = importBlocks(target.chain, fileOf(bytes.subarray(0, end)), WORK);
      await expect(importing).rejects.toMatchObject({
        code: 'ARCHIVE_INVALID',
        fields: { offset: end },
      });
    }
    expect(await importBlocks(target.chain, fileOf(bytes), WORK)).toMatchObject({ known: 9 });
  });

  it('whose records are intact but not as they should be is refused', async () => {
    const { chain } = await follow(blocks);
    const records = await recordsOf(await blocksOf(chain));
    const [first, ...others] = records;
    const end = records.at(-1)!;
    const state = await recordsOf(await stateOf(chain));
    const wrong = [
      others,
      [first!, first!, ...others],
      [...records, end],
      [...records, others[0]!],
      records.filter((_, index) => index !== records.length - 2),
      [first!, { kind: RECORD_KINDS.block, payload: others[0]!.payload }],
      [first!, { kind: RECORD_KINDS.exportedBlock, payload: Uint8Array.of(0xc0) }],
      state,
    ];
    for (const parts of wrong) {
      const target = await follow(blocks);
      const importing = importBlocks(target.chain, fileOf(archiveFrom(parts)), WORK);
      await expect(importing).rejects.toMatchObject({
        code: 'ARCHIVE_INVALID',
        fields: { offset: expect.any(Number) },
      });
    }
  });
});

describe('an archive of a state', () => {
  it('says of which block it is, and when it was read what is in it', async () => {
    const { chain } = await follow(blocks);
    const bytes = await stateOf(chain);
    const { header, hash } = chain.head();
    const info = {
      kind: 'state',
      genesis: testGenesis(),
      genesisHash: chain.header(0)!.hash,
      height: 9,
      hash,
      ordinal: 0,
      stateRoot: header.stateRoot,
    };
    expect(await describeArchive(fileOf(bytes))).toEqual(info);
    const { accounts, totalBalance, burned } = await chain.verify();
    expect(await check(bytes)).toEqual({ ...info, accounts, totalBalance, burned });
  });

  it('is a log with a base, chunks and an end, of any number of chunks', async () => {
    const { chain } = await follow(blocks);
    for (const chunkBytes of [1, 120, 4_194_304]) {
      const kinds = (await recordsOf(await stateOf(chain, chunkBytes))).map(({ kind }) => kind);
      const { base, state, stateEnd } = RECORD_KINDS;
      const chunks = kinds.length - 2;
      expect(kinds).toEqual([base, ...new Array(chunks).fill(state), stateEnd]);
      expect(chunks === 1).toBe(chunkBytes > 1_000);
    }
  });

  it('is the same though blocks are committed, or removed, while it is written', async () => {
    const { chain } = await follow(blocks.slice(0, 6));
    const calm = await stateOf(chain);
    for (const disturb of [() => chain.import(blocks[6]!), () => chain.rewind({ height: 4 })]) {
      const parts = chain.exportState({ ...WORK, chunkBytes: 120 });
      const first = (await parts.next()).value as Uint8Array;
      await disturb();
      const others = await collect(parts);
      expect([...first, ...others]).toEqual([...calm]);
      if (chain.head().header.height > 6) await chain.rewind({ height: 6 });
    }
  });

  it('tells how many accounts are written, and how many bytes were read', async () => {
    const { chain } = await follow(blocks);
    const { accounts } = await chain.verify();
    const told: unknown[] = [];
    const onProgress = (...each: unknown[]) => void told.push(each);
    const bytes = await collect(chain.exportState({ ...WORK, onProgress }));
    expect(told.at(-1)).toEqual([accounts, accounts]);
    await checkState(fileOf(bytes), pureSignatureEngine, { ...WORK, onProgress });
    expect(told.at(-1)).toEqual([bytes.length, bytes.length]);
  });

  it('holds on to the store as long as it is written, also when nobody wants the rest', async () => {
    let held = 0;
    const store = createMemoryStore();
    const watched: KvStore = {
      ...store,
      snapshot: () => {
        const snapshot = store.snapshot();
        held += 1;
        const release = (): void => {
          held -= 1;
          snapshot.release();
        };
        return { ...snapshot, release };
      },
    };
    const disk = memoryDisk(createMemoryFile(), watched);
    const chain = await openOn(disk, { genesis: testGenesis() });
    const parts = chain.exportState(WORK);
    await parts.next();
    expect(held).toBe(1);
    await parts.return();
    expect(held).toBe(0);
    await stateOf(chain);
    expect(held).toBe(0);
  });

  it('is not made of rows that are damaged', async () => {
    const file = createMemoryFile();
    const store = createMemoryStore();
    const first = await openOn(memoryDisk(file, store), { genesis: testGenesis() });
    for (const block of blocks) await first.import(block);
    await first.close();
    const [row] = store.range(KEYSPACES.accounts, { limit: 1 });
    const batch = new WriteBatch();
    batch.delete(KEYSPACES.accounts, row![0]);
    await store.commit(batch, 'process');
    const chain = await openOn(memoryDisk(file, store));
    await expect(stateOf(chain)).rejects.toMatchObject({ code: 'STATE_CORRUPT' });
  });

  it('is refused when any part of it is missing, and when there is more', async () => {
    const { chain } = await follow(blocks);
    const bytes = await stateOf(chain);
    const records = await recordsOf(bytes);
    for (let length = 0; length < bytes.length; length += 61) {
      await expect(check(bytes.subarray(0, length))).rejects.toMatchObject({
        code: 'ARCHIVE_INVALID',
      });
    }
    const wrong: (readonly LogRecord[])[] = records.map((_, missing) =>
      records.filter((__, index) => index !== missing),
    );
    wrong.push([...records, records.at(-1)!], [...records.slice(0, 2), ...records.slice(1)]);
    wrong.push(await recordsOf(await blocksOf(chain)));
    for (const parts of wrong) {
      await expect(check(archiveFrom(parts))).rejects.toMatchObject({ code: 'ARCHIVE_INVALID' });
    }
  });

  it('is refused when its base does not fit: genesis, body, receipts, senders, what was burned', async () => {
    const { chain } = await follow(blocks);
    // A block with transactions, so that all of it can be wrong.
    const height = [9, 8, 7].find(
      (each) => decodeBlock(blocks[each - 1]!).rawTransactions.length > 1,
    )!;
    await chain.rewind({ height: height });
    const [first, ...others] = await recordsOf(await stateOf(chain));
    const base = decodeBaseRecord(first!);
    const { block, receipts } = base;
    const [transaction, ...more] = block.transactions;
    const wrong = [
      { ...base, burned: base.burned + 1n },
      { ...base, genesis: testGenesis({ timestamp: 5 }) },
      { ...base, genesisHash: block.hash },
      { ...base, block: { ...block, transactions: more }, receipts: receipts.slice(1) },
      {
        ...base,
        block: {
          ...block,
          transactions: [{ ...transaction!, sender: block.header.coinbase }, ...more],
        },
      },
      { ...base, receipts: [{ ...receipts[0]!, cumulativeGasUsed: 1n }, ...receipts.slice(1)] },
      { ...base, block: { ...block, header: { ...block.header, stateRoot: block.hash } } },
    ];
    const archive = (content: typeof base) =>
      archiveFrom([{ kind: RECORD_KINDS.base, payload: encodeBaseRecord(content) }, ...others]);
    expect(await check(archive(base))).toMatchObject({ height });
    // What names this state, body and receipts can be said to be another block: its hash tells.
    const header = { ...block.header, extraData: Uint8Array.of(1) };
    const { hash } = await check(archive({ ...base, block: { ...block, header } }));
    expect(hash).toEqual(headerHash(header));
    expect(hash).not.toEqual(block.hash);
    for (const content of wrong) {
      await expect(check(archive(content))).rejects.toMatchObject({ code: 'ARCHIVE_INVALID' });
    }
  });

  it('of block 0 must have the block of its genesis', async () => {
    const empty = await openMemoryChain();
    const records = await recordsOf(await stateOf(empty));
    expect(await check(archiveFrom(records))).toMatchObject({ height: 0, burned: 0n });
    const base = decodeBaseRecord(records[0]!);
    const header = { ...base.block.header, timestamp: 5 };
    const payload = encodeBaseRecord({ ...base, block: { ...base.block, header } });
    const forged = archiveFrom([{ kind: RECORD_KINDS.base, payload }, ...records.slice(1)]);
    await expect(check(forged)).rejects.toMatchObject({ code: 'ARCHIVE_INVALID' });
  });

  it('has the same state when a chain that began with one writes it again', async () => {
    const { whole, late } = await pairAt(4, blocks);
    for (const block of blocks.slice(4)) {
      await whole.chain.import(block);
      await late.chain.import(block);
    }
    expect(await stateOf(late.chain)).toEqual(await stateOf(whole.chain));
  });
});

describe('a file that is no archive', () => {
  it('is refused when its genesis has another hash', async () => {
    const { chain } = await follow(blocks);
    const [first, ...others] = await recordsOf(await blocksOf(chain));
    const payload = encodeGenesisRecord({ genesis: testGenesis(), hash: chain.head().hash });
    const file = fileOf(archiveFrom([{ ...first!, payload }, ...others]));
    await expect(describeArchive(file)).rejects.toMatchObject({ code: 'ARCHIVE_INVALID' });
  });

  it('does not make us read a record that is longer than any', async () => {
    const header = encodeFrame(RECORD_KINDS.genesis, new Uint8Array(0), 0, 0).bytes;
    const view = new DataView(header.buffer);
    view.setUint32(8, 2 ** 31);
    view.setUint32(28, crc32c(header.subarray(0, 28)));
    const file: RecordFile = {
      size: () => 2 ** 32,
      read: async (offset, length) => {
        expect(length).toBeLessThan(100);
        return header.slice(offset, offset + length);
      },
    };
    await expect(describeArchive(file)).rejects.toMatchObject({ code: 'ARCHIVE_INVALID' });
  });

  it.each([
    ['empty', new Uint8Array(0)],
    ['text', new TextEncoder().encode('lucerna'.repeat(20))],
    ['zeros', new Uint8Array(4096)],
  ])('is refused: %s', async (_, bytes) => {
    const error = { code: 'ARCHIVE_INVALID', fields: { offset: 0 } };
    await expect(describeArchive(fileOf(bytes))).rejects.toMatchObject(error);
    await expect(check(bytes)).rejects.toMatchObject(error);
    const chain = await openMemoryChain();
    await expect(importBlocks(chain, fileOf(bytes), WORK)).rejects.toMatchObject(error);
  });

  it('is refused when its version is of another time', async () => {
    const { chain } = await follow(blocks);
    const [base] = await recordsOf(await stateOf(chain));
    const payload = Uint8Array.of(0xc2, 0x02, 0x80);
    const file = fileOf(archiveFrom([{ ...base!, payload }]));
    await expect(describeArchive(file)).rejects.toMatchObject({ code: 'LOG_VERSION_UNSUPPORTED' });
  });
});
