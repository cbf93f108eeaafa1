import { type SeededRandom, seededRandom, toHex } from '@lucerna/base';
import { pureSignatureEngine } from '@lucerna/crypto';
import {
  type AccessListEntry,
  encodeBlock,
  type Genesis,
  intrinsicGas,
  type RecoveredTransaction,
  type Rules,
  recoverBlock,
  type UnsignedTransaction,
} from '@lucerna/protocol';
import { latestState } from '@lucerna/state';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import { executeBlock } from '../src/block.ts';
import type { ExecutedBlock } from '../src/block-run.ts';
import { type BlockAttributes, buildBlock } from '../src/builder.ts';
import { EthereumJsChain, type OracleBlock } from './ethereumjs-chain.ts';
import {
  CHAIN_ID,
  ETHER,
  GWEI,
  ListSource,
  RULES,
  type Signer,
  sign,
  signer,
  strangerAddress,
  TestChain,
} from './support.ts';

const BLOCKS = 5;
const TRANSACTIONS = 16;
const scripts = runs(8).numRuns;

const SIGNERS: readonly Signer[] = [0, 1, 2, 3, 4, 5].map(signer);
/** Blocks of so little gas are sometimes full and sometimes nearly empty: the base fee moves. */
const GENESIS: Pick<Genesis, 'alloc' | 'gasLimit'> = {
  gasLimit: 600_000n,
  alloc: SIGNERS.map(({ address }, index) => ({
    address,
    // The last ones are poor: some of what they send cannot be included.
    balance: index < 4 ? 10n * ETHER : 100_000n * GWEI,
    nonce: index === 3 ? 5n : 0n,
  })),
};

function pick<T>(random: SeededRandom, items: readonly T[]): T {
  return items[random.below(items.length)]!;
}

function randomBytes(random: SeededRandom, maxLength: number): Uint8Array {
  return Uint8Array.from({ length: random.below(maxLength + 1) }, () =>
    random.below(3) === 0 ? 0 : random.below(256),
  );
}

/** With duplicate addresses and keys, which are charged each time. */
function randomAccessList(random: SeededRandom): AccessListEntry[] {
  return Array.from({ length: random.below(4) }, () => ({
    address: random.below(2) === 0 ? pick(random, SIGNERS).address : strangerAddress(1),
    storageKeys: Array.from({ length: random.below(4) }, () =>
      new Uint8Array(32).fill(random.below(3)),
    ),
  }));
}

function randomTransaction(
  random: SeededRandom,
  from: Signer,
  nonce: bigint,
  coinbase: Uint8Array,
): RecoveredTransaction {
  const to = pick(random, [
    () => pick(random, SIGNERS).address,
    () => from.address,
    () => coinbase,
    () => strangerAddress(random.below(1_000)),
  ])();
  const value = pick(random, [0n, 0n, 1n, BigInt(random.below(1_000_000)) * GWEI, ETHER]);
  const data = random.below(3) === 0 ? randomBytes(random, 40) : new Uint8Array(0);
  const accessList = randomAccessList(random);
  const type = pick(random, [0, 1, 2, 2] as const);
  const needed = intrinsicGas({ to, data, ...(type !== 0 && { accessList }) }, RULES);
  const gasLimit = needed + pick(random, [0n, 0n, 1n, 5_000n, 60_000n]);
  const feeCap = pick(random, [GWEI / 2n, GWEI, 2n * GWEI, 3n * GWEI + 7n]);
  const common = { chainId: CHAIN_ID, nonce, gasLimit, to, value, data };
  const tx = ((): UnsignedTransaction => {
    if (type === 0) return { type, ...common, gasPrice: feeCap };
    if (type === 1) return { type, ...common, gasPrice: feeCap, accessList };
    const tipCap = pick(random, [0n, 1n, GWEI / 10n, feeCap]);
    const caps = { maxFeePerGas: feeCap, maxPriorityFeePerGas: tipCap };
    return { type, ...common, ...caps, accessList };
  })();
  return sign(tx, from);
}

/** What is offered for the next block: mostly in order, now and then with a wrong nonce. */
function randomOffers(random: SeededRandom, chain: TestChain, coinbase: Uint8Array) {
  const state = latestState(chain.store);
  const nonces = SIGNERS.map(({ address }) => state.account(address)?.nonce ?? 0n);
  return Array.from({ length: random.below(TRANSACTIONS + 1) }, () => {
    const index = random.below(SIGNERS.length);
    const wrong = random.below(12) === 0 ? BigInt(random.below(3)) : 0n;
    const transaction = randomTransaction(
      random,
      SIGNERS[index]!,
      nonces[index]! + wrong,
      coinbase,
    );
    nonces[index]! += 1n;
    return transaction;
  });
}

function randomAttributes(random: SeededRandom, chain: TestChain): BlockAttributes {
  return chain.attributes({
    timestamp: chain.head.header.timestamp + random.below(3),
    coinbase: pick(random, [pick(random, SIGNERS).address, strangerAddress(random.below(1_000))]),
    gasLimit: chain.head.header.gasLimit + BigInt(random.below(1_000) - 500),
    mixHash: new Uint8Array(32).fill(random.below(256)),
  });
}

/** The header fields and hash that we and the oracle computed, in a form that a failure can show. */
function ours({ block: { header, hash } }: ExecutedBlock): Record<string, string> {
  return describeBlock({ hash, fields: header });
}

function describeBlock({ hash, fields }: OracleBlock): Record<string, string> {
  return {
    stateRoot: toHex(fields.stateRoot),
    transactionsRoot: toHex(fields.transactionsRoot),
    receiptsRoot: toHex(fields.receiptsRoot),
    logsBloom: toHex(fields.logsBloom),
    gasUsed: String(fields.gasUsed),
    baseFeePerGas: String(fields.baseFeePerGas),
    hash: toHex(hash),
  };
}

/**
 * Runs a script of blocks on our side and on the oracle's; `seen` collects what was met. `distort`
 * plants a fault: it changes what we execute, but not the bytes that the oracle gets.
 */
async function runScript(
  seed: number,
  rules: Rules,
  seen: Set<string>,
  distort: (offer: RecoveredTransaction) => RecoveredTransaction = (offer) => offer,
): Promise<void> {
  const random = seededRandom(seed);
  const chain = await TestChain.open(GENESIS);
  const follower = await TestChain.open(GENESIS);
  const oracle = await EthereumJsChain.open(chain.genesis);
  expect(toHex(oracle.headHash)).toBe(toHex(chain.head.hash));
  const supply = await chain.supply();
  let burned = 0n;
  for (let height = 1; height <= BLOCKS; height += 1) {
    const attributes = randomAttributes(random, chain);
    const offers = randomOffers(random, chain, attributes.coinbase).map(distort);
    const environment = chain.environment({ rules });
    const built = buildBlock(environment, attributes, new ListSource(offers));
    for (const { error } of built.skipped) seen.add(error.code);
    const { block, receipts } = built.executed;
    for (const { transaction } of block.transactions) seen.add(`type ${transaction.type}`);
    expect(receipts.every(({ status }) => status === 1)).toBe(true);

    const raws = block.transactions.map(({ raw }) => raw);
    const expected = await oracle.extend(attributes, raws);
    expect(ours(built.executed)).toEqual(describeBlock(expected));

    // What could not be included has left no trace: without it the block is the same.
    const alone = buildBlock(environment, attributes, new ListSource(block.transactions));
    expect(alone.skipped).toEqual([]);
    expect(toHex(alone.executed.block.hash)).toBe(toHex(block.hash));

    const received = recoverBlock(encodeBlock(block), pureSignatureEngine);
    const imported = executeBlock(follower.environment({ rules }), received);
    expect(imported.receipts).toEqual(receipts);
    expect(imported.diff).toEqual(built.executed.diff);

    await chain.publish(built.executed);
    await follower.publish(imported);
    burned += block.header.gasUsed * block.header.baseFeePerGas;
    expect((await chain.supply()) + burned).toBe(supply);
    expect((await follower.supply()) + burned).toBe(supply);
  }
}

describe('execution against EthereumJS (Paris)', () => {
  it('gives the same roots, gas, bloom and hashes, and conserves the supply', async () => {
    const seen = new Set<string>();
    for (let seed = 1; seed <= scripts; seed += 1) await runScript(seed, RULES, seen);
    // A script that never meets a rule says nothing about it.
    for (const what of MUST_BE_SEEN) expect([...seen]).toContain(what);
  });

  it('notices when a tip is one wei too low', async () => {
    const distort = (offer: RecoveredTransaction): RecoveredTransaction => {
      const { transaction } = offer;
      if (transaction.type !== 2 || transaction.maxPriorityFeePerGas === 0n) return offer;
      const maxPriorityFeePerGas = transaction.maxPriorityFeePerGas - 1n;
      return { ...offer, transaction: { ...transaction, maxPriorityFeePerGas } };
    };
    await expect(runScript(1, RULES, new Set(), distort)).rejects.toThrow(/to deeply equal/);
  });

  it.each([
    ['a transaction costs one gas more', { gasTransaction: RULES.gasTransaction + 1n }],
    ['a byte of data costs one gas less', { gasCalldataNonZero: RULES.gasCalldataNonZero - 1n }],
    ['an access list key costs one gas more', { gasAccessListStorageKey: 1_901n }],
    ['the base fee moves by a ninth', { baseFeeChangeDenominator: 9n }],
  ])('notices when %s', async (_, change) => {
    await expect(runScript(1, { ...RULES, ...change }, new Set())).rejects.toThrow(
      /to deeply equal/,
    );
  });
});

const MUST_BE_SEEN: readonly string[] = [
  'TX_FEE_CAP_TOO_LOW',
  'TX_INSUFFICIENT_FUNDS',
  'TX_NONCE_TOO_HIGH',
  'type 0',
  'type 1',
  'type 2',
];
