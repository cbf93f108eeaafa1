import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { createDevNode, type NodeLedger, openLedger } from '@lucerna/sdk';
import { afterAll, describe, expect, it } from 'vitest';
import { ledgerSuite } from './support/ledger-suite.ts';

const root = mkdtempSync(join(tmpdir(), 'lucerna-ledger-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let made = 0;
function newFolder(): string {
  made += 1;
  return join(root, `ledger-${made}`);
}

ledgerSuite('in Node.js', { open: openLedger, newFolder });

describe('a ledger in Node.js', () => {
  it('shows no key where it is printed', async () => {
    await using ledger = await openLedger({ memory: true });
    const key = `0x${'ab'.repeat(32)}`;
    const account = await ledger.account(key);
    expect(inspect(account, { depth: 9, showHidden: true })).not.toContain('abababab');
    expect(inspect(ledger, { depth: 4 })).not.toContain('abababab');
  });

  it('is a data directory that a node opens, and the other way round', async () => {
    const dataDirectory = newFolder();
    const ledger = await openLedger(dataDirectory);
    const { hash } = await ledger.send({ from: 'alice', to: 'zoe', value: 1n });
    await ledger.close();
    const node = await createDevNode({ dataDirectory, vector: false });
    const params = [hash];
    const receipt = await node.provider.request({ method: 'eth_getTransactionReceipt', params });
    expect(receipt).toMatchObject({ blockNumber: '0x1', status: '0x1' });
    await node.mine();
    await node.close();
    await using again = await openLedger(dataDirectory);
    expect(again.head().height).toBe(2);
    expect(again.balance('zoe')).toBe(1n);
  });

  it('writes archives to files, whole or not at all', async () => {
    await using ledger = await openLedger({ memory: true });
    await ledger.mine(10);
    const path = join(root, 'blocks');
    const { blocks, bytes } = await ledger.exportBlocks(path);
    expect([blocks, readFileSync(path).length]).toEqual([10, bytes]);
    const other: NodeLedger = await openLedger({ memory: true }, { blocks: path });
    expect(other.head()).toEqual(ledger.head());
    await ledger.mine();
    expect(await ledger.exportBlocks(path, { from: 11 })).toMatchObject({ blocks: 1 });
    expect(await other.importBlocks(path)).toEqual({ imported: 1, known: 0 });
    await other.close();
    writeFileSync(path, 'old');
    const failing = ledger.exportBlocks(path, { to: 99 });
    await expect(failing).rejects.toMatchObject({ code: 'STATE_FUTURE' });
    expect(readFileSync(path, 'utf8')).toBe('old');
    const nowhere = join(root, 'no such folder', 'blocks');
    await expect(ledger.exportBlocks(nowhere)).rejects.toMatchObject({ code: 'FILE_WRITE_FAILED' });
    const missing = ledger.importBlocks(nowhere);
    await expect(missing).rejects.toMatchObject({ code: 'FILE_OPEN_FAILED' });
  });

  it('begins anew with reset', async () => {
    const path = newFolder();
    const ledger = await openLedger(path);
    await ledger.mine();
    await ledger.close();
    await using again = await openLedger(path, { reset: true });
    expect(again.head().height).toBe(0);
  });
});
