import { toHex } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import { compile } from '@lucerna/zexus';
import { describe, expect, it } from 'vitest';
import {
  balanceOf,
  type DevChain,
  expectSound,
  heightOf,
  mineOne,
  OTHER,
  START_SECONDS,
  STRANGER,
  startDev,
  viewOf,
} from './support/dev-chain.ts';
import { manualClock } from './support/manual-clock.ts';

const SLOT = new Uint8Array(32);
const [counter] = compile({
  name: 'counter.zx',
  text: 'contract Counter {\n  data count: integer = 0\n  action add() { count += 1 }\n}',
}).contracts;

/** Something of everything: blocks, cheats behind them, unsigned senders, a pool, filters, settings. */
async function fullChain(): Promise<DevChain> {
  const chain = await startDev();
  const { dev } = chain;
  await dev.setBalance(OTHER, 10n ** 18n);
  await chain.send(0);
  await mineOne(chain);
  await dev.setCode(STRANGER, counter!.bytecode);
  await dev.setStorage(STRANGER, SLOT, new Uint8Array(32).fill(4));
  await dev.impersonate(OTHER);
  await chain.request('eth_sendTransaction', {
    from: toHex(OTHER),
    to: toHex(STRANGER),
    value: '0x5',
    gas: '0xffff',
  });
  await dev.setNextBlockBaseFee(5n);
  await dev.setBlockGasLimit(50_000_000n);
  await dev.setCoinbase(OTHER);
  await dev.setPrevRandao(new Uint8Array(32).fill(1));
  await dev.mine({ blocks: 3, intervalSeconds: 1_000 });
  await dev.setBalance(new Uint8Array(20).fill(1), 3n);
  await dev.setBalance(new Uint8Array(20).fill(1), 0n);
  await dev.setNonce(STRANGER, 9n);
  await chain.send(3, { gas: '0xffff' });
  await chain.send(3, { nonce: '0x4', gas: '0xffff' });
  await chain.request('eth_sendTransaction', {
    from: toHex(OTHER),
    to: toHex(STRANGER),
    gas: '0xffff',
  });
  await dev.increaseTime(50);
  await dev.setMinGasPrice(2n);
  return chain;
}

type View = { readonly info: { readonly timeOffsetSeconds: number }; readonly blocks: unknown };

describe('a dump', () => {
  it('gives the same chain again, block by block, elsewhere and later', async () => {
    const source = await fullChain();
    const filter = await source.request('eth_newBlockFilter');
    await mineOne(source);
    const dump = await source.dev.dumpState();
    expect(await source.dev.dumpState()).toEqual(dump);
    const view = (await viewOf(source)) as View;

    let target = await startDev();
    await target.dev.mine({ blocks: 9 });
    await target.dev.setBalance(STRANGER, 1n);
    await target.dev.snapshot();
    const { instanceId } = target.dev.info();
    target.clock.advance(10_000);
    await target.dev.loadState(dump);
    const offset = view.info.timeOffsetSeconds - 10;
    const expected = { ...view, info: { ...view.info, timeOffsetSeconds: offset } };
    expect(await viewOf(target)).toEqual(expected);
    expect(target.dev.info().instanceId).not.toEqual(instanceId);
    expect(await target.request('eth_getFilterChanges', filter)).toHaveLength(1);
    await expectSound(target);
    target = await target.crash();
    expect(await viewOf(target)).toEqual(expected);
    const { height } = target.node.chain.head().header;
    await mineOne(target);
    await mineOne(source);
    expect(target.node.chain.head()).toEqual(source.node.chain.head());
    expect((await target.node.chain.block(height + 1))?.block.transactions).toHaveLength(0);
    expect(await target.dev.dumpState()).not.toEqual(dump);
  });

  it('gives the same states on another genesis, which may be younger', async () => {
    const source = await fullChain();
    const dump = await source.dev.dumpState();
    const clock = manualClock((START_SECONDS + 1_000_000) * 1_000);
    const keys = [new Uint8Array(32).fill(1)];
    const target = await startDev({ clock, privateKeys: keys, balance: 7n });
    await target.dev.loadState(dump);
    expect(heightOf(target)).toBe(4);
    for (let height = 0; height <= 4; height += 1) {
      expect(target.node.chain.header(height)?.hash).not.toEqual(
        source.node.chain.header(height)?.hash,
      );
      for (const address of [STRANGER, OTHER, ...source.api.accounts()]) {
        expect(target.api.account(height, address)).toEqual(source.api.account(height, address));
        expect(target.api.storage(height, address, SLOT)).toEqual(
          source.api.storage(height, address, SLOT),
        );
      }
    }
    expect(target.api.account(4, target.api.accounts()[0] as Uint8Array).balance).toBe(0n);
    // The clock goes on from what it showed when the dump was made.
    expect(await mineOne(target)).toBe(START_SECONDS + 3_050);
    await expectSound(target);
    const again = await startDev({ clock });
    await again.dev.loadState(await target.dev.dumpState());
    expect(balanceOf(again, OTHER)).toBe(balanceOf(target, OTHER));
    await expectSound(again);
  });

  it('that is damaged, or of another chain, changes nothing', async () => {
    const source = await fullChain();
    const dump = await source.dev.dumpState();
    const target = await startDev({ mining: { mode: 'manual' } });
    await target.dev.mine({ blocks: 2 });
    await target.dev.snapshot();
    const before = await viewOf(target);
    const refusal = async (bytes: Uint8Array): Promise<void> => {
      await expect(target.dev.loadState(bytes)).rejects.toMatchObject({ code: 'DUMP_INVALID' });
      expect(await viewOf(target)).toEqual(before);
    };
    await refusal(new Uint8Array(0));
    await refusal(dump.subarray(0, dump.length - 1));
    await refusal(dump.map((byte, index) => (index === 100 ? byte ^ 1 : byte)));
    // A right checksum over a wrong state root: found while the blocks are made.
    const root = source.node.chain.header(3)!.header.stateRoot;
    const at = toHex(dump).indexOf(toHex(root).slice(2)) / 2 - 1;
    const content = dump.slice(0, -32);
    content[at] = (content[at] as number) ^ 1;
    await refusal(Uint8Array.from([...content, ...keccak256(content)]));
    const other = await startDev({ chainId: 5n });
    await expect(other.dev.loadState(dump)).rejects.toMatchObject({ code: 'DUMP_CHAIN_ID' });
  });

  it('whose sender is not the one who signed is refused', async () => {
    const source = await startDev();
    await source.send(0);
    const dump = await source.dev.dumpState();
    const sender = source.api.accounts()[0] as Uint8Array;
    const at = toHex(dump).lastIndexOf(toHex(sender).slice(2)) / 2 - 1;
    const content = dump.slice(0, -32);
    content[at] = (content[at] as number) ^ 1;
    const forged = Uint8Array.from([...content, ...keccak256(content)]);
    await expect(source.dev.loadState(forged)).rejects.toMatchObject({ code: 'DUMP_INVALID' });
  });
});

describe('loading that a crash interrupts', () => {
  it('leaves the old chain, a new one, or with a warning one that begins anew', async () => {
    const source = await fullChain();
    const dump = await source.dev.dumpState();
    const outcomes = new Set<string>();
    for (let operation = 1; ; operation += 1) {
      let target = await startDev();
      await target.dev.mine({ blocks: 2 });
      await target.dev.snapshot();
      const old = target.node.chain.head().hash;
      target.disk.failAt(target.disk.operations + operation, 'forever');
      const failed = await target.dev.loadState(dump).then(
        () => false,
        () => true,
      );
      const warnings: string[] = [];
      const log = { debug: () => 0, info: () => 0, error: () => 0 };
      const warn = (message: string): number => warnings.push(message);
      target = await target.crash({ log: { ...log, warn } });
      const { hash, header } = target.node.chain.head();
      const outcome =
        header.height === 0 ? 'anew' : hash.every((byte, at) => byte === old[at]) ? 'old' : 'new';
      outcomes.add(outcome);
      expect(warnings.some((line) => line.includes('interrupted'))).toBe(outcome === 'anew');
      expect(target.dev.info().snapshots).toHaveLength(outcome === 'old' ? 1 : 0);
      if (outcome === 'new') expect(hash).toEqual(source.node.chain.head().hash);
      await expectSound(target);
      await mineOne(target);
      await target.node.close();
      if (!failed) break;
    }
    expect([...outcomes].sort()).toEqual(['anew', 'new', 'old']);
  });

  it('goes back to block 0 at once when the disk fails once', async () => {
    const source = await fullChain();
    const dump = await source.dev.dumpState();
    const heights = new Set<number>();
    for (let operation = 1; ; operation += 1) {
      const target = await startDev();
      await target.dev.mine({ blocks: 2 });
      target.disk.failAt(target.disk.operations + operation, 'once');
      const failed = await target.dev.loadState(dump).then(
        () => false,
        () => true,
      );
      heights.add(heightOf(target));
      if (failed) await target.dev.loadState(dump);
      expect(target.node.chain.head()).toEqual(source.node.chain.head());
      if (!failed) break;
    }
    expect([...heights].sort()).toEqual([0, 2, 4]);
  });
});
