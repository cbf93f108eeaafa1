import { readFileSync } from 'node:fs';
import { compileStandardContract } from '@lucerna/sdk';
import { type Abi, type Account, type Address, encodeFunctionData } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { alice, bob, carol, type StandardContract, TokenStage } from './standard-tokens.ts';

// The gas of the library's contracts as docs/guides/tokens.md has it. When it has changed with intention,
// the rows of the failure are those for the page.

const guide = readFileSync(new URL('../../docs/guides/tokens.md', import.meta.url), 'utf8');
const RECEIVERS = readFileSync(new URL('receivers.zx', import.meta.url), 'utf8');
const TEN: readonly bigint[] = Array.from({ length: 10 }, (_, index) => BigInt(index));

let stage: TokenStage;
const rows: string[] = [];

beforeAll(async () => {
  stage = await TokenStage.open();
});
afterAll(() => stage.node.close());

const abiOf = (name: string): Abi => compileStandardContract(name).abi as Abi;

async function deploy(
  name: string,
  args: readonly unknown[],
  what = '',
): Promise<StandardContract> {
  const address = await stage.standard(name, args);
  const { gasUsed } = await stage.reader.getBlock();
  rows.push(`| deploy \`zexus:${name}\`${what} | ${grouped(gasUsed)} |`);
  return stage.at(address, abiOf(name));
}

async function measure(
  what: string,
  from: Account,
  contract: StandardContract,
  name: string,
  ...args: readonly unknown[]
): Promise<void> {
  const { gasUsed } = await contract.send(from, name, ...args);
  rows.push(`| ${what} | ${grouped(gasUsed)} |`);
}

function grouped(gas: bigint): string {
  return String(gas).replaceAll(/(?<=\d)(?=(?:\d{3})+$)/g, ',');
}

test('the guide states what the contracts cost', async () => {
  const [owner, friend, other]: readonly Address[] = [alice.address, bob.address, carol.address];
  const gold = await deploy('zx20', ['Gold', 'GLD', 18, 10n ** 24n]);
  await measure('ZX-20: transfer to a new holder', alice, gold, 'transfer', friend, 10n ** 18n);
  await measure('transfer to a holder', alice, gold, 'transfer', friend, 10n ** 18n);
  await measure('approve', alice, gold, 'approve', friend, 10n ** 20n);
  await measure('transferFrom, to a holder', bob, gold, 'transferFrom', owner, friend, 10n ** 18n);
  await measure('mint, to a holder', alice, gold, 'mint', friend, 10n ** 18n);
  await measure('burn', bob, gold, 'burn', 10n ** 18n);

  const deeds = await deploy('zx721', ['Deeds', 'DEED', 'ipfs://deeds/']);
  await measure('ZX-721: mint to a new holder', alice, deeds, 'mint', owner, 1n);
  await measure('transferFrom to a new holder', alice, deeds, 'transferFrom', owner, friend, 1n);
  await deeds.send(alice, 'mint', owner, 2n);
  const keeper = await stage.source(RECEIVERS, [], 'Keeper');
  const safe = ['safeTransferFrom', owner, keeper, 2n] as const;
  await measure('safeTransferFrom to a contract', alice, deeds, ...safe);

  const things = await deploy('zx1155', ['ipfs://{id}.json']);
  const minted = TEN.map(() => 100n);
  await measure('ZX-1155: mint of one kind', alice, things, 'mint', owner, 77n, 100n, '0x');
  await measure('mintBatch of ten kinds', alice, things, 'mintBatch', owner, TEN, minted, '0x');
  const one = ['safeTransferFrom', owner, other, 1n, 1n, '0x'] as const;
  await measure('safeTransferFrom to a new holder', alice, things, ...one);
  const batch = ['safeBatchTransferFrom', owner, friend, TEN, TEN, '0x'] as const;
  await measure('safeBatchTransferFrom of ten kinds, nine of them new', alice, things, ...batch);

  const args = ['Gold', 'GLD', 18, 10n ** 24n, owner];
  const data = encodeFunctionData({ abi: abiOf('zx20'), functionName: 'initialize', args });
  const proxy = await deploy('proxy', [gold.address, data], ', which initializes a ZX-20');
  const behind = stage.at(proxy.address, abiOf('zx20'));
  await measure('ZX-20 behind it: transfer to a new holder', alice, behind, 'transfer', other, 1n);
  await measure('transfer to a holder', alice, behind, 'transfer', other, 1n);
  await measure('upgrade to the same code', alice, proxy, 'upgradeToAndCall', gold.address, '0x');

  const [, table = ''] = /^\| call \| gas \|\n\| --- \| ---: \|\n((?:\|.*\n)+)/m.exec(guide) ?? [];
  expect(table.trimEnd().split('\n')).toEqual(rows);
});
