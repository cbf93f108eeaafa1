import { EMPTY_BYTES, fixedBytes } from '@lucerna/base';
import { pureSignatureEngine } from '@lucerna/crypto';
import { encodeRlp, unsignedTransaction } from '@lucerna/protocol';
import { createMemoryFile, createMemoryStore } from '@lucerna/storage';
import { describe, expect, it } from 'vitest';
import { checkState } from '../src/archive/check-state.ts';
import { importBlocks } from '../src/archive/import-blocks.ts';
import { decodeBaseRecord, encodeBaseRecord } from '../src/base-record.ts';
import type { Chain } from '../src/chain.ts';
import type { ChainOptions } from '../src/open-chain.ts';
import { RECORD_KINDS } from '../src/record-kinds.ts';
import { readBehind } from '../src/reorg.ts';
import {
  archiveFrom,
  blocksOf,
  diskWith,
  fileOf,
  recordsOf,
  stateOf,
  storeWithPart,
  WORK,
} from './support/archives.ts';
import { rowsWithoutLog } from './support/branches.ts';
import {
  ADDRESSES,
  attributesOn,
  grow,
  memoryDisk,
  openOn,
  sourceOf,
  testGenesis,
  transfer,
} from './support/ledger.ts';

const DEV: Partial<ChainOptions> = { genesis: testGenesis(), cheats: 'allowed' };
const BOB = ADDRESSES[1] as Uint8Array;
const STRANGER = fixedBytes(0xbeefn, 20);
const RICH = 2n ** 256n - 1n;

async function setBalance(chain: Chain, address: Uint8Array, balance: bigint): Promise<void> {
  await chain.patch((journal) => journal.setBalance(address, balance), []);
}

describe('the state of a patched head', () => {
  it('is not mixed with that of other patches of the same block', async () => {
    const chain = await openOn(memoryDisk(), DEV);
    await grow(chain, [transfer(0, 0, BOB, 1n)]);
    for (let number = 0n; number < 30n; number += 1n) {
      await setBalance(chain, fixedBytes(0x1000n + number, 20), 1n);
    }
    const first = await stateOf(chain);
    await chain.rewind({ height: 1, ordinal: 0 });
    await setBalance(chain, STRANGER, 5n);
    const second = await stateOf(chain);
    const disk = await diskWith(second, await storeWithPart(first, DEV));
    await expect(openOn(disk, DEV)).rejects.toMatchObject({ code: 'CHAIN_INDEX_MISMATCH' });
    const store = await storeWithPart(first, DEV);
    const again = await openOn(await diskWith(first, store), DEV);
    await again.verify();
    await again.close();
    const straight = createMemoryStore();
    await (await openOn(await diskWith(first, straight), DEV)).close();
    expect(rowsWithoutLog(store)).toEqual(rowsWithoutLog(straight));
  });

  it('is that of the header where nothing was patched behind it', async () => {
    const chain = await openOn(memoryDisk(), DEV);
    await setBalance(chain, STRANGER, 5n);
    await grow(chain, []);
    const [first, ...others] = await recordsOf(await stateOf(chain));
    const base = decodeBaseRecord(first!);
    await setBalance(chain, STRANGER, 6n);
    const [lie, ...lies] = await recordsOf(await stateOf(chain));
    const payload = encodeBaseRecord({
      ...base,
      patched: { ...decodeBaseRecord(lie!).patched!, ordinal: 0 },
    });
    const lying = archiveFrom([{ kind: RECORD_KINDS.base, payload }, ...lies]);
    const checking = checkState(fileOf(lying), pureSignatureEngine, WORK);
    await expect(checking).rejects.toMatchObject({ code: 'ARCHIVE_INVALID' });
    await checkState(fileOf(archiveFrom([first!, ...others])), pureSignatureEngine, WORK);
  });

  it('has the patches that an archive from its block on would need', async () => {
    const chain = await openOn(memoryDisk(), DEV);
    await grow(chain, [transfer(0, 0, BOB, 1n)]);
    const plain = await openOn(await diskWith(await stateOf(chain)), DEV);
    await setBalance(chain, STRANGER, 5n);
    const patched = await openOn(await diskWith(await stateOf(chain)), DEV);
    for (const late of [plain, patched]) {
      await setBalance(late, BOB, 6n);
      await grow(late, []);
    }
    const whole = await openOn(memoryDisk(), DEV);
    await importBlocks(whole, fileOf(await blocksOf(plain, { from: 1 })), WORK);
    expect(whole.stateRoot()).toEqual(plain.stateRoot());
    await expect(blocksOf(patched, { from: 1 })).rejects.toMatchObject({ code: 'BLOCKS_PRUNED' });
  });

  it('may be that of a chain which has burned more than an account can have', async () => {
    const chain = await openOn(memoryDisk(), DEV);
    const price = 2n ** 240n;
    for (let nonce = 0n; nonce < 4n; nonce += 1n) {
      await setBalance(chain, STRANGER, RICH);
      const common = { chainId: 31_337n, nonce, gasLimit: 21_000n, gasPrice: price } as const;
      const transaction = unsignedTransaction(
        { ...common, type: 0, to: BOB, value: 0n, data: EMPTY_BYTES },
        STRANGER,
      );
      const attributes = { ...attributesOn(chain), lifted: true as const, baseFeePerGas: price };
      const { executed, skipped } = chain.build(attributes, sourceOf([transaction]));
      expect(skipped).toEqual([]);
      await chain.commit(executed);
    }
    const { burned } = await chain.verify();
    expect(burned).toBeGreaterThan(RICH);
    const snapshot = await stateOf(chain);
    await checkState(fileOf(snapshot), pureSignatureEngine, WORK);
    const late = await openOn(await diskWith(snapshot), DEV);
    expect(await late.verify()).toMatchObject({ burned });
  });
});

describe('going back', () => {
  it('is bounded by the bytes and the changes of the patches that go', async () => {
    const chain = await openOn(memoryDisk(), DEV);
    const code = new Uint8Array(1000);
    await chain.patch((journal) => journal.setCode(BOB, code), []);
    const [patch] = await chain.patches(0);
    const { header, hash } = chain.head();
    const payloadBytes = 1500;
    const parts = {
      index: { head: chain.head(), hasCheats: false, kept: { prunedTo: 0 } },
      bodies: {
        patches: async function* () {
          for (let ordinal = 1; ordinal <= 3; ordinal += 1) {
            yield { ...patch!, ordinal, payloadBytes };
          }
        },
      },
    } as unknown as Parameters<typeof readBehind>[0];
    const head = { view: { header, hash }, ordinal: 0, stateRoot: header.stateRoot };
    const read = (entries: number, bytes: number) =>
      readBehind(parts, head, WORK.takeTurn, { entries, bytes });
    expect((await read(3, 4500)).patches).toHaveLength(3);
    await expect(read(2, 4500)).rejects.toMatchObject({ code: 'REORG_TOO_DEEP' });
    await expect(read(3, 4499)).rejects.toMatchObject({ code: 'REORG_TOO_DEEP' });
  });

  it('finds the last place of a transaction that came again and again', async () => {
    const chain = await openOn(memoryDisk(), DEV);
    const twice = [transfer(0, 0, BOB, 5n), transfer(0, 0, BOB, 6n)];
    for (let round = 0; round < 3; round += 1) {
      for (const transaction of twice) {
        await chain.patch((journal) => journal.setNonce(ADDRESSES[0]!, 0n), []);
        await grow(chain, [transaction]);
      }
    }
    const places = () => twice.map(({ hash }) => chain.findTransaction(hash)?.height);
    expect(places()).toEqual([5, 6]);
    for (const [height, expected] of [
      [5, [5, 4]],
      [3, [3, 2]],
      [1, [1, undefined]],
      [0, [undefined, undefined]],
    ] as const) {
      await chain.rewind({ height });
      expect(places()).toEqual(expected);
      await chain.verify();
    }
  });
});

describe('an archived dev block', () => {
  it('has one encoding only', async () => {
    const chain = await openOn(memoryDisk(createMemoryFile()), DEV);
    await grow(chain, [transfer(0, 0, BOB, 1n)]);
    const [genesis, block, end] = await recordsOf(await blocksOf(chain));
    const one = Uint8Array.of(1);
    for (const [unsigned, lifted] of [
      [[], EMPTY_BYTES],
      [[one], one],
      [[Uint8Array.of(2)], EMPTY_BYTES],
    ] as const) {
      const payload = encodeRlp([block!.payload, unsigned, lifted]);
      const records = [genesis!, { kind: RECORD_KINDS.exportedDevBlock, payload }, end!];
      const copy = await openOn(memoryDisk(), DEV);
      await expect(importBlocks(copy, fileOf(archiveFrom(records)), WORK)).rejects.toMatchObject({
        code: 'ARCHIVE_INVALID',
      });
    }
  });
});
