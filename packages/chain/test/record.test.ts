import { SILENT_LOG } from '@lucerna/base';
import { encodeHeader, type Header, headerHash, type RecoveredBlock } from '@lucerna/protocol';
import { commitDiff, type StateDiff } from '@lucerna/state';
import {
  createMemoryFile,
  createMemoryStore,
  KEYSPACES,
  type Keyspace,
  type KvStore,
  OverlayStore,
  WriteBatch,
} from '@lucerna/storage';
import { beforeAll, describe, expect, it } from 'vitest';
import { BlockLog } from '../src/block-log.ts';
import { genesisBlock } from '../src/genesis.ts';
import { LOG_START } from '../src/log-record.ts';
import {
  type BlockRecord,
  decodeBlockAt,
  decodeBlockRecord,
  decodeDiffAt,
  decodeGenesisRecord,
  decodeReorgRecord,
  encodeBlockRecord,
  encodeGenesisRecord,
  encodeReorgRecord,
  type ReorgRecord,
  splitBlocks,
} from '../src/record.ts';
import { RECORD_KINDS } from '../src/record-kinds.ts';
import { makeScript, memoryDisk, openOn, type Script } from './support/ledger.ts';

let script: Script;

/** What a record of a chain without cheats says of a reorganisation beside its blocks. */
const NOTHING_ELSE = { ordinal: undefined, notes: [] };

beforeAll(async () => {
  script = await makeScript(4);
});

const at = (kind: number, payload: Uint8Array) => ({
  kind,
  payload,
  start: 77,
  end: { offset: 77 + payload.length, checksum: 0 },
});

describe('records', () => {
  it('of blocks are decoded to what was encoded', () => {
    for (const content of script.blocks) {
      const { block, receipts, diff, lifted, participants } = content;
      const payload = encodeBlockRecord(content);
      const expected = { block, receipts, diff, lifted, participants };
      expect(decodeBlockRecord(at(RECORD_KINDS.block, payload))).toEqual(expected);
    }
  });

  it('of a genesis are decoded to what was encoded', () => {
    const content = { genesis: script.genesis, hash: new Uint8Array(32).fill(5) };
    const payload = encodeGenesisRecord(content);
    expect(decodeGenesisRecord(at(RECORD_KINDS.genesis, payload))).toEqual(content);
  });

  it('of reorganisations are decoded to what was encoded, whole and block by block', () => {
    const blocks = script.blocks
      .slice(1)
      .map(({ block, receipts, diff, lifted, participants }) => ({
        block,
        receipts,
        diff,
        lifted,
        participants,
      }));
    const ancestorHash = script.blocks[0]!.block.hash;
    const content = { ancestorHeight: 1, ancestorHash, blocks, ...NOTHING_ELSE };
    const source = at(RECORD_KINDS.reorg, encodeReorgRecord(content));
    expect(decodeReorgRecord(source)).toEqual(content);
    const split = splitBlocks(source);
    for (const block of blocks) {
      const { height } = block.block.header;
      expect(decodeBlockAt(split, height)).toEqual(block);
      expect(decodeDiffAt(split, height)).toEqual(block.diff);
      const own = splitBlocks(at(RECORD_KINDS.block, encodeBlockRecord(block)));
      expect(decodeBlockAt(own, height)).toEqual(block);
      expect(decodeDiffAt(own, height)).toEqual(block.diff);
    }
    const back = { ...content, blocks: [] };
    const rewind = at(RECORD_KINDS.reorg, encodeReorgRecord(back));
    expect(decodeReorgRecord(rewind)).toEqual(back);
    const refused = expect.objectContaining({ code: 'LOG_RECORD_INVALID' });
    for (const height of [0, 1, 5]) {
      expect(() => decodeBlockAt(split, height)).toThrow(refused);
      expect(() => decodeDiffAt(splitBlocks(rewind), height)).toThrow(refused);
    }
    expect(() => decodeReorgRecord({ ...source, kind: RECORD_KINDS.block })).toThrow(refused);
    expect(() => splitBlocks({ ...source, kind: RECORD_KINDS.genesis })).toThrow(refused);
  });

  it('that make no sense are refused with their position', () => {
    const payload = encodeBlockRecord(script.blocks[0]!);
    const fields = expect.objectContaining({ offset: 77 });
    const refused = { code: 'LOG_RECORD_INVALID', fields };
    const cases = [
      at(RECORD_KINDS.genesis, payload),
      at(9, payload),
      at(RECORD_KINDS.block, payload.slice(1)),
      at(RECORD_KINDS.block, payload.slice(0, -1)),
      at(RECORD_KINDS.block, new Uint8Array(0)),
      at(RECORD_KINDS.block, Uint8Array.of(0xc0)),
    ];
    for (const source of cases) {
      expect(() => decodeBlockRecord(source)).toThrow(expect.objectContaining(refused));
    }
    const wrongKind = at(
      RECORD_KINDS.block,
      encodeGenesisRecord({ genesis: script.genesis, hash: new Uint8Array(32) }),
    );
    expect(() => decodeGenesisRecord(wrongKind)).toThrow(expect.objectContaining(refused));
  });
});

/** A log that is intact and says whatever the test wants. */
async function logWith(contents: readonly (BlockRecord | ReorgRecord)[]) {
  const file = createMemoryFile();
  const log = new BlockLog(file, SILENT_LOG);
  await log.recover(LOG_START, async () => undefined);
  const { hash } = genesisBlock(createMemoryStore(), script.genesis);
  const first = encodeGenesisRecord({ genesis: script.genesis, hash });
  await log.append(RECORD_KINDS.genesis, first, 'process');
  for (const content of contents) {
    const isReorg = 'blocks' in content;
    const payload = isReorg ? encodeReorgRecord(content) : encodeBlockRecord(content);
    await log.append(isReorg ? RECORD_KINDS.reorg : RECORD_KINDS.block, payload, 'process');
  }
  return file;
}

function withHeader(block: RecoveredBlock, changes: Partial<Header>): RecoveredBlock {
  const header = { ...block.header, ...changes };
  return { ...block, header, hash: headerHash(header) };
}

/** The diff with one wei more for the first account that it leaves behind. */
function minted(diff: StateDiff): StateDiff {
  const [first, ...rest] = diff.accounts;
  const after = { ...first!.after!, balance: first!.after!.balance + 1n };
  return { ...diff, accounts: [{ ...first!, after }, ...rest] };
}

describe('a log that is intact but wrong', () => {
  it('is refused when a block does not follow the one before it', async () => {
    const [first, second, third] = script.blocks;
    const skipped = openOn(memoryDisk(await logWith([first!, third!])));
    await expect(skipped).rejects.toMatchObject({ code: 'LOG_RECORD_INVALID' });
    const foreign = withHeader(second!.block, { parentHash: new Uint8Array(32) });
    const stranger = openOn(memoryDisk(await logWith([first!, { ...second!, block: foreign }])));
    await expect(stranger).rejects.toMatchObject({ code: 'LOG_RECORD_INVALID' });
  });

  it('is refused when it goes back to a block that was not there, or on from another one', async () => {
    const [first, second, third, fourth] = script.blocks;
    const { hash } = first!.block;
    const wrong: readonly ReorgRecord[] = [
      { ancestorHeight: 1, ancestorHash: second!.block.hash, blocks: [], ...NOTHING_ELSE },
      { ancestorHeight: 2, ancestorHash: hash, blocks: [], ...NOTHING_ELSE },
      { ancestorHeight: 4, ancestorHash: fourth!.block.hash, blocks: [], ...NOTHING_ELSE },
      { ancestorHeight: 1, ancestorHash: hash, blocks: [third!], ...NOTHING_ELSE },
      { ancestorHeight: 1, ancestorHash: hash, blocks: [second!, fourth!], ...NOTHING_ELSE },
    ];
    for (const reorg of wrong) {
      const opening = openOn(memoryDisk(await logWith([first!, second!, third!, reorg])));
      await expect(opening).rejects.toMatchObject({ code: 'LOG_RECORD_INVALID' });
    }
    const right = { ancestorHeight: 1, ancestorHash: hash, blocks: [second!], ...NOTHING_ELSE };
    const chain = await openOn(memoryDisk(await logWith([first!, second!, third!, right])));
    expect(await chain.verify()).toMatchObject({ height: 2 });
  });

  it('is refused when a reorganisation has a diff that leads elsewhere', async () => {
    const [first, second, third] = script.blocks;
    const { hash } = first!.block;
    const lie = { ...second!, diff: minted(second!.diff) };
    const reorg = { ancestorHeight: 1, ancestorHash: hash, blocks: [lie], ...NOTHING_ELSE };
    const opening = openOn(memoryDisk(await logWith([first!, second!, third!, reorg])));
    await expect(opening).rejects.toMatchObject({ code: 'CHAIN_REPLAY_MISMATCH' });
  });

  it('in a block that made way for another one is found by verify', async () => {
    const [first, second] = script.blocks;
    const { hash } = first!.block;
    const reorg = { ancestorHeight: 1, ancestorHash: hash, blocks: [second!], ...NOTHING_ELSE };
    const lie = withSender(second!);
    const chain = await openOn(memoryDisk(await logWith([first!, lie, reorg])));
    await expect(chain.verify()).rejects.toMatchObject({ code: 'CHAIN_INDEX_MISMATCH' });
  });

  it('is refused when a diff does not lead to the root of the header', async () => {
    const [first, second] = script.blocks;
    const wrong = await logWith([first!, { ...second!, diff: minted(second!.diff) }]);
    const opening = openOn(memoryDisk(wrong));
    await expect(opening).rejects.toMatchObject({ code: 'CHAIN_REPLAY_MISMATCH' });
  });

  it('is refused when a diff was made on another state', async () => {
    const [first, second] = script.blocks;
    const wrong = await logWith([first!, { ...second!, diff: first!.diff }]);
    const opening = openOn(memoryDisk(wrong));
    await expect(opening).rejects.toMatchObject({
      code: 'CHAIN_REPLAY_MISMATCH',
      cause: { code: 'STATE_DIFF_MISMATCH' },
    });
  });

  it('that makes coins is found by verify, although its roots are right', async () => {
    const [first] = script.blocks;
    const diff = minted(first!.diff);
    const overlay = OverlayStore.open(createMemoryStore());
    const genesis = genesisBlock(overlay, script.genesis);
    overlay.publish(genesis.state);
    const options = { parentRoot: genesis.header.stateRoot, height: 1, history: true };
    const { stateRoot } = commitDiff(overlay, diff, options);
    const block = withHeader(first!.block, { stateRoot });
    const chain = await openOn(memoryDisk(await logWith([{ ...first!, block, diff }])));
    expect(encodeHeader(chain.head().header)).toEqual(encodeHeader(block.header));
    await expect(chain.verify()).rejects.toMatchObject({ code: 'CHAIN_SUPPLY_MISMATCH' });
  });

  it.each([
    ['sender', (content: BlockRecord) => withSender(content)],
    ['receipt', (content: BlockRecord) => withReceiptStatus(content)],
  ])('in a %s is found by verify', async (_, change) => {
    const [first] = script.blocks;
    const chain = await openOn(memoryDisk(await logWith([change(first!)])));
    await expect(chain.verify()).rejects.toMatchObject({ code: 'CHAIN_INDEX_MISMATCH' });
  });
});

function withSender(content: BlockRecord): BlockRecord {
  const [transaction, ...rest] = content.block.transactions;
  const transactions = [{ ...transaction!, sender: new Uint8Array(20) }, ...rest];
  return { ...content, block: { ...content.block, transactions } };
}

function withReceiptStatus(content: BlockRecord): BlockRecord {
  const [receipt, ...rest] = content.receipts;
  return { ...content, receipts: [{ ...receipt!, status: 0 }, ...rest] };
}

describe('a store that is wrong', () => {
  async function closedChain() {
    const file = createMemoryFile();
    const store = createMemoryStore();
    const chain = await openOn(memoryDisk(file, store), { genesis: script.genesis });
    for (const executed of script.blocks) await chain.commit(executed);
    await chain.close();
    return { file, store };
  }

  async function replaceRow(
    store: KvStore,
    keyspace: Keyspace,
    choose: (key: Uint8Array, value: Uint8Array) => Uint8Array | undefined,
    which = 1,
  ): Promise<void> {
    const [key, value] = [...store.range(keyspace)][which]!;
    const batch = new WriteBatch();
    const changed = choose(key, value);
    if (changed === undefined) batch.delete(keyspace, key);
    else batch.put(keyspace, key, changed);
    await store.commit(batch, 'process');
  }

  it.each([
    [KEYSPACES.transactions, 'CHAIN_INDEX_MISMATCH'],
    [KEYSPACES.blockHashes, 'CHAIN_INDEX_MISMATCH'],
    [KEYSPACES.blocks, 'CHAIN_INDEX_MISMATCH'],
    [KEYSPACES.accounts, 'STATE_CORRUPT'],
    [KEYSPACES.accountTrie, 'STATE_CORRUPT'],
  ])('in a missing row of $name is found by verify', async (keyspace, code) => {
    const { file, store } = await closedChain();
    await replaceRow(store, keyspace, () => undefined);
    const chain = await openOn(memoryDisk(file, store));
    await expect(chain.verify()).rejects.toMatchObject({ code });
  });

  it.each([KEYSPACES.transactions, KEYSPACES.blockHashes, KEYSPACES.blocks])(
    'in a surplus row of $name is found by verify',
    async (keyspace) => {
      const { file, store } = await closedChain();
      const [key, value] = [...store.range(keyspace)].at(-1)!;
      const batch = new WriteBatch();
      const other = key.slice();
      other[other.length - 1] = (other.at(-1) as number) + 1;
      batch.put(keyspace, other, value);
      await store.commit(batch, 'process');
      const chain = await openOn(memoryDisk(file, store));
      await expect(chain.verify()).rejects.toMatchObject({ code: 'CHAIN_INDEX_MISMATCH' });
    },
  );

  it('in that it has not gone back with the log is found by verify', async () => {
    const { file, store } = await closedChain();
    const behind = createMemoryStore();
    const all = new WriteBatch();
    for (const keyspace of Object.values(KEYSPACES)) {
      for (const [key, value] of store.range(keyspace)) all.put(keyspace, key, value);
    }
    await behind.commit(all, 'process');
    const chain = await openOn(memoryDisk(file, store));
    await chain.rewind({ height: 2 });
    await chain.close();
    // All rows are those of before, except the one that says how far the store goes.
    const [[key, status]] = [...store.range(KEYSPACES.meta)] as [[Uint8Array, Uint8Array]];
    const batch = new WriteBatch();
    batch.put(KEYSPACES.meta, key, status);
    await behind.commit(batch, 'process');
    const mixed = await openOn(memoryDisk(file, behind));
    await expect(mixed.verify()).rejects.toMatchObject({ code: 'STATE_CORRUPT' });
  });

  it('in the row of a block is found when the block is read', async () => {
    const { file, store } = await closedChain();
    const [, [, second], [, third]] = [...store.range(KEYSPACES.blocks)] as [
      unknown,
      [Uint8Array, Uint8Array],
      [Uint8Array, Uint8Array],
    ];
    // Row 1 with the position of block 2, which has the same number of bytes.
    const mixed = second.slice();
    mixed.set(third.subarray(3, 6), 3);
    expect(mixed).not.toEqual(second);
    await replaceRow(store, KEYSPACES.blocks, () => mixed);
    const chain = await openOn(memoryDisk(file, store));
    await expect(chain.block(1)).rejects.toMatchObject({ code: 'CHAIN_INDEX_MISMATCH' });
    await replaceRow(store, KEYSPACES.blocks, () => Uint8Array.of(1));
    expect(() => chain.header(1)).toThrow(expect.objectContaining({ code: 'STORE_CORRUPT' }));
  });

  it('in the row of the head is found at the start', async () => {
    const { file, store } = await closedChain();
    await replaceRow(store, KEYSPACES.blocks, () => undefined, 4);
    const opening = openOn(memoryDisk(file, store));
    await expect(opening).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
  });
});
