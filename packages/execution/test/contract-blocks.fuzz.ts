import { seededRandom, toHex } from '@lucerna/base';
import { pureSignatureEngine } from '@lucerna/crypto';
import {
  encodeBlock,
  encodeReceipt,
  logsBloom,
  mergeBlooms,
  type RecoveredTransaction,
  recoverBlock,
} from '@lucerna/protocol';
import { decodeDiff, encodeDiff, latestState } from '@lucerna/state';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import { executeBlock } from '../src/block.ts';
import { buildBlock } from '../src/builder.ts';
import { randomChange } from './random-changes.ts';
import { ETHER, ListSource, signer, TestChain, transfer } from './support.ts';

const BLOCKS = 4;
const TRANSACTIONS = 12;
const scripts = runs(8).numRuns;
const SIGNERS = [0, 1, 2].map(signer);
const GENESIS = {
  gasLimit: 10_000_000n,
  alloc: SIGNERS.map(({ address }) => ({ address, balance: ETHER, nonce: 0n })),
};

async function runScript(seed: number, seen: Map<string, number>): Promise<string[]> {
  const random = seededRandom(seed);
  const chain = await TestChain.open(GENESIS);
  const follower = await TestChain.open(GENESIS);
  const supply = await chain.supply();
  const contracts: Uint8Array[] = [];
  const hashes: string[] = [];
  let burned = 0n;
  for (let height = 1; height <= BLOCKS; height += 1) {
    const state = latestState(chain.store);
    const nonces = SIGNERS.map(({ address }) => state.account(address)?.nonce ?? 0n);
    const offers = Array.from({ length: TRANSACTIONS }, (): RecoveredTransaction => {
      const index = random.below(SIGNERS.length);
      const nonce = nonces[index]!;
      nonces[index] = nonce + 1n;
      return transfer(SIGNERS[index]!, {
        nonce,
        ...randomChange(random, contracts, SIGNERS[0]!.address),
      });
    });
    const environment = chain.environment({ history: true });
    const { executed } = buildBlock(environment, chain.attributes(), new ListSource(offers));
    const { block, receipts, diff } = executed;
    for (const [index, { status, logs, logsBloom: bloom }] of receipts.entries()) {
      const { transaction } = block.transactions[index]!;
      const kind = transaction.to === null ? 'deployment' : 'call';
      const what = `${kind} ${status}`;
      seen.set(what, (seen.get(what) ?? 0) + 1);
      if (logs.length > 0) seen.set('logs', (seen.get('logs') ?? 0) + 1);
      expect(bloom).toEqual(logsBloom(logs));
      if (status === 0) expect(logs).toEqual([]);
    }
    expect(block.header.logsBloom).toEqual(mergeBlooms(receipts.map((each) => each.logsBloom)));
    expect(decodeDiff(encodeDiff(diff))).toEqual(diff);

    const received = recoverBlock(encodeBlock(block), pureSignatureEngine);
    const imported = executeBlock(follower.environment({ history: true }), received);
    expect(imported.receipts.map((each) => toHex(encodeReceipt(each)))).toEqual(
      receipts.map((each) => toHex(encodeReceipt(each))),
    );
    expect(imported.diff).toEqual(diff);
    await chain.publish(executed);
    await follower.publish(imported);

    burned += block.header.gasUsed * block.header.baseFeePerGas;
    expect((await chain.supply()) + burned).toBe(supply);
    expect((await follower.supply()) + burned).toBe(supply);
    for (const { address, after } of diff.accounts) {
      const known = contracts.some((each) => toHex(each) === toHex(address));
      if (!known && after !== undefined && isContract(chain, address)) contracts.push(address);
    }
    hashes.push(toHex(block.hash));
  }
  return hashes;
}

function isContract(chain: TestChain, address: Uint8Array): boolean {
  const state = latestState(chain.store);
  return state.code(state.account(address)!.codeHash).length > 0;
}

describe('blocks of contract transactions', () => {
  it('give a follower the same receipts, diffs and roots, and conserve the supply', async () => {
    const seen = new Map<string, number>();
    for (let seed = 1; seed <= scripts; seed += 1) await runScript(seed, seen);
    // A script that never meets a case says nothing about it.
    for (const what of ['deployment 1', 'deployment 0', 'call 1', 'call 0', 'logs']) {
      expect(seen.get(what), what).toBeGreaterThan(0);
    }
  });

  it('are the same whenever they are built', async () => {
    const hashes = await runScript(1, new Map());
    expect(await runScript(1, new Map())).toEqual(hashes);
  });
});
