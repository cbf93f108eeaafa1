import { readFileSync } from 'node:fs';
import { RLP } from '@ethereumjs/rlp';
import { concatBytes, SILENT_LOG, toHexKey } from '@lucerna/base';
import type { Chain } from '@lucerna/chain';
import { pureSignatureEngine } from '@lucerna/crypto';
import { createNode, DEV_PRIVATE_KEYS, devSealer, type Node } from '@lucerna/node';
import { systemClock } from '@lucerna/platform-node/clock';
import { encodeBlock } from '@lucerna/protocol';
import { createMemoryFile, createMemoryStore } from '@lucerna/storage';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { devAccount } from '../support/dev-accounts.ts';

// A reader written from the page alone, with other libraries, on files of this code.

const page = readFileSync(new URL('../../docs/spec/block-log.md', import.meta.url), 'utf8');

/** Kinds by the names of the page. */
const KINDS: ReadonlyMap<string, number> = new Map(
  [...page.matchAll(/^\| (\d+) \| ([a-z ]+) \|.*\|.*\|.*\|$/gm)].map(([, kind, name]) => [
    name!,
    Number(kind),
  ]),
);

type Read = { readonly kind: number; readonly payload: Uint8Array; readonly synced: bigint };
type Rlp = Uint8Array | readonly Rlp[];

/** Bit by bit, as RFC 3720 has it. */
function crc32c(bytes: Uint8Array, seed = 0): number {
  let crc = ~seed;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return ~crc >>> 0;
}

function readFile(bytes: Uint8Array): readonly Read[] {
  const records: Read[] = [];
  let previous = 0;
  for (let offset = 0; offset < bytes.length; ) {
    const view = new DataView(bytes.buffer, bytes.byteOffset + offset);
    expect(toHexKey(bytes.subarray(offset, offset + 4))).toBe('4c554342');
    expect([view.getUint8(4), view.getUint16(6)]).toEqual([1, 0]);
    const payload = bytes.subarray(offset + 32, offset + 32 + view.getUint32(8));
    const covered = concatBytes(bytes.subarray(offset + 4, offset + 20), payload);
    expect(view.getUint32(20)).toBe(previous);
    expect(view.getUint32(24)).toBe(crc32c(covered, previous));
    expect(view.getUint32(28)).toBe(crc32c(bytes.subarray(offset, offset + 28)));
    records.push({ kind: view.getUint8(5), payload, synced: view.getBigUint64(12) });
    previous = view.getUint32(24);
    offset += 32 + payload.length;
  }
  return records;
}

const decode = (bytes: Uint8Array): readonly Rlp[] => RLP.decode(bytes) as readonly Rlp[];
const number = (bytes: Rlp): bigint => BigInt(`0x0${toHexKey(bytes as Uint8Array)}`);
const kindsOf = (records: readonly Read[]): readonly number[] => records.map(({ kind }) => kind);
const named = (name: string): number => KINDS.get(name)!;

async function collect(parts: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const part of parts) all.push(part);
  return concatBytes(...all);
}

describe('docs/spec/block-log.md', () => {
  const file = createMemoryFile();
  const work = { takeTurn: async () => undefined };
  let node: Node;
  let chain: Chain;

  beforeAll(async () => {
    node = await createNode(
      {
        clock: systemClock,
        log: SILENT_LOG,
        signatures: pureSignatureEngine,
        blockLog: file,
        store: createMemoryStore(),
      },
      {
        privateKeys: DEV_PRIVATE_KEYS,
        sealer: devSealer({ mode: 'automine' }),
        durability: 'power',
      },
    );
    chain = node.chain;
    const [from, to] = [devAccount(0).address, devAccount(1).address];
    for (let value = 1; value <= 3; value += 1) {
      await node.rpc.request('eth_sendTransaction', [{ from, to, value: `0x${value}` }]);
    }
    await chain.rewind({ height: 2 });
  });

  it('names all kinds of records', () => {
    expect([...KINDS.values()]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  });

  it('is how a log is written', async () => {
    const records = readFile(await file.read(0, file.size()));
    const [genesis, block, reorg] = ['genesis', 'block', 'reorg'].map(named);
    expect(kindsOf(records)).toEqual([genesis, block, block, block, reorg]);
    // At level power each record was synced before the next one.
    expect(records[1]!.synced).toBe(BigInt(32 + records[0]!.payload.length));
    const [encoded, hash] = decode(records[0]!.payload);
    expect(hash).toEqual(chain.header(0)!.hash);
    expect(number(decode(encoded as Uint8Array)[0]!)).toBe(chain.genesis.chainId);
    const [body, senders, receipts] = decode(records[1]!.payload);
    const { block: first } = (await chain.block(1))!;
    expect(body).toEqual(encodeBlock(first));
    expect(senders).toEqual(first.transactions.map(({ sender }) => sender));
    expect((receipts as readonly Rlp[]).length).toBe(1);
    const [height, ancestor, blocks] = decode(records[4]!.payload);
    expect([number(height!), ancestor, blocks]).toEqual([2n, chain.head().hash, []]);
  });

  it('is how an archive of blocks is written', async () => {
    const records = readFile(await collect(chain.exportBlocks({}, work)));
    const exported = named('exported block');
    expect(kindsOf(records)).toEqual([named('genesis'), exported, exported, named('blocks end')]);
    expect(records.map(({ synced }) => synced)).toEqual([0n, 0n, 0n, 0n]);
    for (const [index, height] of [1, 2].entries()) {
      const [header] = decode(records[index + 1]!.payload);
      expect(keccak_256(RLP.encode(header as Uint8Array[]))).toEqual(chain.header(height)!.hash);
    }
    const [blocks, hash] = decode(records[3]!.payload);
    expect([number(blocks!), hash]).toEqual([2n, chain.head().hash]);
  });

  it('is how an archive of a state is written', async () => {
    const records = readFile(await collect(chain.exportState({ ...work, chunkBytes: 100 })));
    const chunks = records.slice(1, -1);
    expect(kindsOf(records)).toEqual([
      named('base'),
      ...chunks.map(() => named('state')),
      named('state end'),
    ]);
    const [format, content] = decode(records[0]!.payload);
    const [genesis, genesisHash, burned, block, senders, receipts] = decode(content as Uint8Array);
    const { accounts, burned: expectedBurned } = await chain.verify();
    expect(number(format!)).toBe(1n);
    expect(genesis).toEqual(decode((await logRecords())[0]!.payload)[0]);
    expect(genesisHash).toEqual(chain.header(0)!.hash);
    expect(number(burned!)).toBe(expectedBurned);
    expect([block, senders, receipts]).toEqual(
      decode((await logRecords())[2]!.payload).slice(0, 3),
    );
    const end = decode(records.at(-1)!.payload).map(number);
    expect(end).toEqual([BigInt(chunks.length), BigInt(accounts)]);
    const items = chunks.flatMap(({ payload }) => decode(payload));
    expect(items.length).toBe(accounts);
  });

  it('is how a dev chain writes what only it has', async () => {
    const before = (await logRecords()).length;
    const head = chain.head();
    const ordinal = chain.point().ordinal + 1;
    const account = new Uint8Array(20).fill(0x99);
    const note = { key: 'a', value: Uint8Array.of(7) };
    await chain.patch((journal) => journal.setBalance(account, 5n), [note]);
    await chain.patch(undefined, [{ key: 'a', value: undefined }]);
    const patchedRoot = chain.stateRoot();
    const archived = readFile(await collect(chain.exportBlocks({ from: 2 }, work)));
    const base = readFile(await collect(chain.exportState(work)))[0]!;
    await chain.rewind({ height: 2, ordinal: ordinal - 1 }, { notes: [note] });
    const [patch, notes, reorg] = (await logRecords()).slice(before);
    expect(kindsOf([patch!, notes!, reorg!])).toEqual(['patch', 'notes', 'reorg'].map(named));
    const [height, position, root, diff, given] = decode(patch!.payload);
    expect([number(height!), number(position!)]).toEqual([2n, BigInt(ordinal)]);
    expect([root, given]).toEqual([patchedRoot, [[Uint8Array.of(0x61), note.value]]]);
    expect(decode(notes!.payload)).toEqual([[Uint8Array.of(0x61)]]);
    const [, hash, blocks, more] = decode(reorg!.payload);
    expect([hash, blocks]).toEqual([head.hash, []]);
    const [stays, kept] = more as readonly Rlp[];
    expect([number(stays!), kept]).toEqual([BigInt(ordinal - 1), given]);
    const exported = archived.findLast(({ kind }) => kind === named('exported patch'))!;
    expect(decode(exported.payload)).toEqual([height, position, root, diff]);
    const rest = decode(decode(base.payload)[1] as Uint8Array)[6] as readonly Rlp[];
    const [basePosition, baseRoot, minted] = rest[1] as readonly Rlp[];
    expect([basePosition, baseRoot]).toEqual([position, patchedRoot]);
    expect(number(minted!)).toBeGreaterThanOrEqual(5n);
  });

  async function logRecords(): Promise<readonly Read[]> {
    return readFile(await file.read(0, file.size()));
  }
});
