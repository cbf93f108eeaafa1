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
import { BlockLog, LOG_START } from '../src/block-log.ts';
import { genesisBlock } from '../src/genesis.ts';
import {
  type BlockRecord,
  decodeBlockRecord,
  decodeGenesisRecord,
  encodeBlockRecord,
  encodeGenesisRecord,
  RECORD_KINDS,
} from '../src/record.ts';
import { makeScript, memoryDisk, openOn, type Script } from './support/ledger.ts';

let script: Script;

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
      const { block, receipts, diff } = content;
      const payload = encodeBlockRecord(content);
      expect(decodeBlockRecord(at(RECORD_KINDS.block, payload))).toEqual({ block, receipts, diff });
    }
  });

  it('of a genesis are decoded to what was encoded', () => {
    const content = { genesis: script.genesis, hash: new Uint8Array(32).fill(5) };
    const payload = encodeGenesisRecord(content);
    expect(decodeGenesisRecord(at(RECORD_KINDS.genesis, payload))).toEqual(content);
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
async function logWith(contents: readonly BlockRecord[]) {
  const file = createMemoryFile();
  const log = new BlockLog(file, SILENT_LOG);
  await log.recover(LOG_START, async () => undefined);
  const { hash } = genesisBlock(createMemoryStore(), script.genesis);
  const first = encodeGenesisRecord({ genesis: script.genesis, hash });
  await log.append(RECORD_KINDS.genesis, first, 'process');
  for (const content of contents) {
    await log.append(RECORD_KINDS.block, encodeBlockRecord(content), 'process');
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
