import { fromHex } from '@lucerna/base';
import { createDevNode } from '@lucerna/sdk';
import { beforeAll, describe, expect, test } from 'vitest';
import { DEV_ACCOUNT_COUNT, DEV_BALANCE, devAccount } from '../support/dev-accounts.ts';
import {
  type Allocation,
  type Difference,
  EthereumjsChain,
  headerDifferences,
  type OracleBlock,
  type Plant,
  parisRules,
} from '../support/ethereumjs-chain.ts';
import type { RpcBlock } from '../support/rpc-types.ts';
import {
  type Played,
  type PlayedBlock,
  playTransferScript,
  SCRIPT_TRANSFERS,
} from './transfer-script.ts';

const seed = Number(process.env['LUCERNA_SEED'] ?? 1);
const rules = parisRules(31_337n);
const accounts = Array.from({ length: DEV_ACCOUNT_COUNT }, (_, index) => ({
  address: devAccount(index).address,
  balance: DEV_BALANCE,
}));
/** Multicall3 and the CREATE2 factory. */
const contracts: readonly string[] = [
  '0xcA11bde05977b3631167028862bE2a173976CA11',
  '0x4e59b44847b379578588920cA78FbF26c0B4956C',
];

let allocation: readonly Allocation[];
let genesis: RpcBlock;
let played: Played;

beforeAll(async () => {
  process.stdout.write(`differential: LUCERNA_SEED=${seed}\n`);
  const node = await createDevNode({ mining: { mode: 'manual' } });
  const params = ['0x0', false];
  genesis = (await node.provider.request({ method: 'eth_getBlockByNumber', params })) as RpcBlock;
  const codes = contracts.map(async (address) => {
    const code = await node.provider.request({ method: 'eth_getCode', params: [address, '0x0'] });
    return { address, balance: 0n, code: fromHex(code as string) };
  });
  allocation = [...accounts, ...(await Promise.all(codes))];
  played = await playTransferScript(node.provider.request, seed);
  await node.close();
});

/** Where the oracle, which executes everything anew from genesis, first disagrees with us. */
async function firstDifferences(plant?: Plant): Promise<readonly Difference[]> {
  const oracle = await EthereumjsChain.create(rules, allocation, genesis, plant);
  const atGenesis = headerDifferences(genesis, oracle.head);
  if (atGenesis.length > 0) return atGenesis;
  for (const { block, raw, receipts } of played.blocks) {
    const computed = await oracle.execute(block, raw);
    const differences = [
      ...headerDifferences(block, computed.header),
      ...receiptDifferences(Number(block.number), receipts, computed),
    ];
    if (differences.length > 0) return differences;
  }
  return [];
}

/** The receipts' root covers what is in a receipt; these are what clients are told besides. */
function receiptDifferences(
  height: number,
  receipts: PlayedBlock['receipts'],
  computed: OracleBlock,
): readonly Difference[] {
  return computed.transactions.flatMap((result, index) => {
    const receipt = receipts[index];
    const gasUsed = BigInt(receipt?.gasUsed ?? 0);
    const ours = `${gasUsed} ${gasUsed * BigInt(receipt?.effectiveGasPrice ?? 0)}`;
    const oracle = `${result.totalGasSpent} ${result.amountSpent}`;
    return ours === oracle ? [] : [{ height, field: `receipt ${index}`, ours, oracle }];
  });
}

describe(`${SCRIPT_TRANSFERS} transfers, executed by us and by @ethereumjs/vm`, () => {
  test('the script is worth comparing', () => {
    const sizes = played.blocks.map(({ raw }) => raw.length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(SCRIPT_TRANSFERS);
    expect([Math.min(...sizes), Math.max(...sizes)]).toEqual([1, 60]);
    const types = new Set(
      played.blocks.flatMap(({ receipts }) => receipts.map(({ type }) => type)),
    );
    expect([...types].sort()).toEqual(['0x0', '0x1', '0x2']);
    expect(played.kinds.size).toBe(8);
    const baseFees = played.blocks.map(({ block }) => BigInt(block.baseFeePerGas));
    const steps = baseFees.slice(1).map((fee, index) => fee - (baseFees[index] as bigint));
    expect(steps.filter((step) => step > 0n).length).toBeGreaterThanOrEqual(3);
    expect(steps.filter((step) => step < 0n).length).toBeGreaterThanOrEqual(3);
  });

  test('every header field, hash and receipt is the same', async () => {
    expect(await firstDifferences()).toEqual([]);
  });

  test('a base fee that is one wei too low in one block would be noticed', async () => {
    const differences = await firstDifferences({ height: 5, kind: 'baseFee' });
    const fields = differences.map(({ height, field }) => `${height} ${field}`);
    expect(fields).toEqual(expect.arrayContaining(['5 stateRoot', '5 baseFeePerGas', '5 hash']));
  });

  test('a tip that is one wei too low in one block would be noticed', async () => {
    const differences = await firstDifferences({ height: 7, kind: 'tip' });
    expect(differences.map(({ height, field }) => `${height} ${field}`)).toEqual([
      '7 stateRoot',
      '7 hash',
    ]);
  });
});
