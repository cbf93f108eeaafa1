import { type Durability, EMPTY_BYTES, fixedBytes, LucernaError, toHexKey } from '@lucerna/base';
import { type Genesis, type RecoveredTransaction, unsignedTransaction } from '@lucerna/protocol';
import { createMemoryFile, createMemoryStore } from '@lucerna/storage';
import { expect } from 'vitest';
import type { Chain } from '../../src/chain.ts';
import { branchOn, rowsWithoutLog } from './branches.ts';
import {
  ADDRESSES,
  attributesOn,
  type Disk,
  grow,
  memoryDisk,
  openOn,
  sourceOf,
  testGenesis,
  transfer,
} from './ledger.ts';

/** One change of a chain; each leads to a head that no other one leads to. */
export type ReorgStep = {
  readonly name: string;
  readonly run: (chain: Chain) => Promise<unknown>;
};

/** What a chain is after so many steps. */
export type Stage = {
  readonly name: string;
  readonly rows: ReadonlyMap<string, readonly string[]>;
};

/** Commits, reorganisations and rewinds, and the stages that they lead to; stage 0 is the genesis. */
export type ReorgScript = {
  readonly history: number;
  readonly steps: readonly ReorgStep[];
  readonly stages: readonly Stage[];
};

/** After this many steps everything is flushed. */
const FLUSH_AFTER = 4;
const WRITE_BEHIND = { flushBlocks: 3 };

/** What all of them are opened with. */
export const CHAIN: { readonly genesis: Genesis; readonly cheats: 'allowed' } = {
  genesis: testGenesis(),
  cheats: 'allowed',
};

/** What tells stages apart: head, state and notes. */
function nameOf(chain: Chain): string {
  const notes = [...chain.notes('')].map(({ key, value }) => `${key}=${toHexKey(value)}`);
  return [toHexKey(chain.head().hash), toHexKey(chain.stateRoot()), ...notes].join(' ');
}

export async function makeReorgScript(history: number): Promise<ReorgScript> {
  const trunk = await branchOn([], 2, 31);
  const left = await branchOn(trunk, 4, 32);
  const right = await branchOn(trunk, 3, 33);
  const importing = (name: string, block: Uint8Array | undefined): ReorgStep => ({
    name: `import ${name}`,
    run: (chain) => chain.import(block as Uint8Array),
  });
  const steps: readonly ReorgStep[] = [
    importing('trunk 1', trunk[0]),
    importing('trunk 2', trunk[1]),
    importing('left 1', left[0]),
    importing('left 2', left[1]),
    { name: 'reorganise to right 3', run: (chain) => chain.reorganise(right) },
    { name: 'rewind to right 1', run: (chain) => chain.rewind({ height: 3 }) },
    { name: 'reorganise to left 3', run: (chain) => chain.reorganise(left.slice(0, 3)) },
    importing('left 4', left[3]),
  ];
  return playScript(history, steps);
}

/** Patches and notes, alone and with blocks, and ways back over all of them. */
export async function makePatchScript(history: number): Promise<ReorgScript> {
  const [rich, other] = ADDRESSES as readonly [Uint8Array, Uint8Array];
  const stranger = fixedBytes(0x77n, 20);
  const paying =
    (address: Uint8Array, balance: bigint, key: string, value: Uint8Array | undefined) =>
    (chain: Chain): Promise<void> =>
      chain.patch((journal) => journal.setBalance(address, balance), [{ key, value }]);
  const steps: readonly ReorgStep[] = [
    { name: 'patch block 0', run: paying(stranger, 10n ** 20n, 'settings', Uint8Array.of(1)) },
    {
      name: 'an unsigned transaction',
      run: (chain) => grow(chain, [unsignedPayment(stranger, 0n, other)]),
    },
    {
      name: 'only notes',
      run: (chain) => chain.patch(undefined, [{ key: 'snapshot/1', value: new Uint8Array(40) }]),
    },
    { name: 'patch block 1', run: paying(other, 5n, 'settings', Uint8Array.of(2)) },
    { name: 'patch it again', run: paying(rich, 10n ** 21n, 'snapshot/1', undefined) },
    {
      name: 'back to the first of them',
      run: (chain) =>
        chain.rewind(
          { height: 1, ordinal: 1 },
          { notes: [{ key: 'at', value: Uint8Array.of(3) }] },
        ),
    },
    { name: 'a lifted block', run: growLifted },
    { name: 'patch block 2', run: paying(stranger, 7n, 'settings', Uint8Array.of(4)) },
    {
      name: 'back to the patch of block 0',
      run: (chain) =>
        chain.rewind({ height: 0 }, { notes: [{ key: 'at', value: Uint8Array.of(5) }] }),
    },
    {
      name: 'a block again',
      run: (chain) => grow(chain, [transfer(0, 0, stranger, 1n)]),
    },
  ];
  return playScript(history, steps);
}

function unsignedPayment(from: Uint8Array, nonce: bigint, to: Uint8Array): RecoveredTransaction {
  const fees = { maxPriorityFeePerGas: 1n, maxFeePerGas: 10n ** 12n };
  const common = { type: 2, chainId: 31_337n, nonce, gasLimit: 21_000n, accessList: [] } as const;
  return unsignedTransaction({ ...common, ...fees, to, value: 1n, data: EMPTY_BYTES }, from);
}

async function growLifted(chain: Chain): Promise<void> {
  const attributes = { ...attributesOn(chain), lifted: true as const, baseFeePerGas: 7n };
  const { executed } = chain.build({ ...attributes, gasLimit: 50_000_000n }, sourceOf([]));
  await chain.commit(executed);
}

async function playScript(history: number, steps: readonly ReorgStep[]): Promise<ReorgScript> {
  const store = createMemoryStore();
  const disk = memoryDisk(createMemoryFile(), store);
  const chain = await openOn(disk, { ...CHAIN, history });
  const stages: Stage[] = [];
  for (const step of [undefined, ...steps]) {
    await step?.run(chain);
    await chain.flush();
    stages.push({ name: nameOf(chain), rows: rowsWithoutLog(store) });
  }
  await chain.close();
  if (new Set(stages.map(({ name }) => name)).size !== stages.length) throw new Error('ambiguous');
  return { history, steps, stages };
}

/** Stages that a run could rely on when it ended. */
export type Progress = {
  /** The last one whose step resolved. */
  acknowledged: number;
  /** The last one before a flush that resolved. */
  flushed: number;
  /** The last one that a step was on its way to when it failed. */
  attempted: number;
};

/** What may happen in the course of a run. */
export type Hooks = {
  /** Called before `open`, each attempt of a step, `flush` and `close`, by name. */
  readonly beforeStep?: (name: string) => void;
  /** The run ends behind this stage without closing. */
  readonly until?: number;
};

/** Opens and takes the steps that the chain has not taken yet, twice where one fails; then closes. */
export async function playReorgs(
  script: ReorgScript,
  disk: Disk,
  durability: Durability,
  { beforeStep = () => undefined, until }: Hooks = {},
): Promise<Progress> {
  const progress = { acknowledged: 0, flushed: 0, attempted: 0 };
  const { history, steps } = script;
  let chain: Chain;
  beforeStep('open');
  try {
    const options = { ...CHAIN, durability, history, writeBehind: WRITE_BEHIND };
    chain = await openOn(disk, options);
  } catch (error) {
    expect(error).toBeInstanceOf(LucernaError);
    return progress;
  }
  const begun = stageOf(script, chain);
  Object.assign(progress, { acknowledged: begun, attempted: begun });
  for (const [index, step] of [...steps.entries()].slice(begun, until)) {
    if (!(await takeStep(script, chain, step, index + 1, progress, beforeStep))) break;
    if (index + 1 !== FLUSH_AFTER) continue;
    beforeStep('flush');
    await chain.flush().then(() => {
      progress.flushed = progress.acknowledged;
    }, expectCoded);
  }
  if (until !== undefined) return progress;
  beforeStep('close');
  await chain.close();
  return progress;
}

/** False when the step failed twice, and so the run cannot go on. */
async function takeStep(
  script: ReorgScript,
  chain: Chain,
  step: ReorgStep,
  stage: number,
  progress: Progress,
  beforeStep: (name: string) => void,
): Promise<boolean> {
  for (let attempt = 0; attempt < 2; attempt += 1) {
    beforeStep(step.name);
    progress.attempted = stage;
    try {
      await step.run(chain);
      progress.acknowledged = stage;
      expect(stageOf(script, chain)).toBe(stage);
      return true;
    } catch (error) {
      expectCoded(error);
      expect(stageOf(script, chain)).toBe(stage - 1);
    }
  }
  return false;
}

function expectCoded(error: unknown): void {
  expect(error).toBeInstanceOf(LucernaError);
}

/** How many steps lead to what the chain is; -1 when it is nothing that it may be. */
function stageOf({ stages }: ReorgScript, chain: Chain): number {
  const name = nameOf(chain);
  return stages.findIndex((stage) => stage.name === name);
}

/**
 * A restart must find one of the stages from `least` to `most`, whole, and can go on to the last one.
 */
export async function checkRestartOfReorgs(
  script: ReorgScript,
  disk: Disk,
  durability: Durability,
  { least, most }: { readonly least: number; readonly most: number },
): Promise<void> {
  const { history, steps, stages } = script;
  const chain = await openOn(disk, { ...CHAIN, durability, history });
  const stage = stageOf(script, chain);
  expect(stage).toBeGreaterThanOrEqual(least);
  expect(stage).toBeLessThanOrEqual(most);
  await chain.verify();
  await chain.flush();
  expect(rowsWithoutLog(disk.store())).toEqual(stages[stage]!.rows);
  for (const step of steps.slice(stage)) await step.run(chain);
  await chain.close();
  const again = await openOn(disk, { ...CHAIN, history });
  expect(stageOf(script, again)).toBe(steps.length);
  await again.close();
  expect(rowsWithoutLog(disk.store())).toEqual(stages.at(-1)!.rows);
}
