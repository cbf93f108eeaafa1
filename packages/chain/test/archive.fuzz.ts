import { EMPTY_BYTES, equalBytes, fixedBytes, isLucernaError } from '@lucerna/base';
import { pureSignatureEngine } from '@lucerna/crypto';
import { unsignedTransaction } from '@lucerna/protocol';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { runs } from '../../../tools/src/fuzz-runs.ts';
import { type CheckedState, checkState } from '../src/archive/check-state.ts';
import { describeArchive } from '../src/archive/describe-archive.ts';
import { importBlocks } from '../src/archive/import-blocks.ts';
import type { LogRecord } from '../src/log-record.ts';
import {
  archiveFrom,
  blocksOf,
  diskWith,
  fileOf,
  recordsOf,
  stateOf,
  trunk,
  WORK,
} from './support/archives.ts';
import { follow } from './support/branches.ts';
import { ADDRESSES, attributesOn, COINBASE, openOn, sourceOf } from './support/ledger.ts';

const DEV = { cheats: 'allowed' } as const;
const STRANGER = fixedBytes(0x5an, 20);
const WORD = fixedBytes(1n, 32);
const PAYMENT = {
  type: 2,
  chainId: 31_337n,
  gasLimit: 21_000n,
  maxPriorityFeePerGas: 1n,
  maxFeePerGas: 10n ** 12n,
  to: COINBASE,
  value: 1n,
  data: EMPTY_BYTES,
  accessList: [],
} as const;

let blocks: readonly Uint8Array[];
let state: Uint8Array;
let exported: Uint8Array;

beforeAll(async () => {
  blocks = await trunk();
  const { chain } = await follow(blocks);
  exported = await blocksOf(chain);
  await chain.rewind({ height: 6 });
  state = await stateOf(chain);
});

const check = (bytes: Uint8Array): Promise<CheckedState> =>
  checkState(fileOf(bytes), pureSignatureEngine, WORK);

/** A place in something of any length, and what to change there. */
const change = fc.record({ at: fc.nat(), flip: fc.integer({ min: 1, max: 255 }) });
type Change = { readonly at: number; readonly flip: number };

function changed(bytes: Uint8Array, { at, flip }: Change): Uint8Array {
  const result = bytes.slice();
  if (result.length > 0) result[at % result.length]! ^= flip;
  return result;
}

/** What may be done to the records of an archive by somebody who can make checksums. */
const edit = fc.oneof(
  fc.record({ kind: fc.constant('change' as const), record: fc.nat(), change }),
  fc.record({ kind: fc.constant('drop' as const), record: fc.nat() }),
  fc.record({ kind: fc.constant('repeat' as const), record: fc.nat() }),
  fc.record({ kind: fc.constant('swap' as const), record: fc.nat() }),
  fc.record({ kind: fc.constant('rename' as const), record: fc.nat(), to: fc.nat(14) }),
);
type Edit = typeof edit extends fc.Arbitrary<infer T> ? T : never;

function edited(records: readonly LogRecord[], what: Edit): Uint8Array {
  const list: Pick<LogRecord, 'kind' | 'payload'>[] = [...records];
  const at = what.record % list.length;
  const chosen = list[at]!;
  if (what.kind === 'change') {
    list[at] = { ...chosen, payload: changed(chosen.payload, what.change) };
  } else if (what.kind === 'rename') {
    list[at] = { ...chosen, kind: what.to + 1 };
  } else {
    const next = list[at + 1];
    const instead = {
      drop: [],
      repeat: [chosen, chosen],
      swap: next === undefined ? [] : [next, chosen],
    }[what.kind];
    list.splice(at, what.kind === 'swap' ? 2 : 1, ...instead);
  }
  return archiveFrom(list);
}

async function outcome<T>(work: Promise<T>): Promise<{ value: T } | { code: string }> {
  try {
    return { value: await work };
  } catch (error) {
    if (!isLucernaError(error)) throw error;
    return { code: error.code };
  }
}

describe('archives', () => {
  it('of a state with any byte changed are refused', async () => {
    await fc.assert(
      fc.asyncProperty(change, async (each) => {
        const found = await outcome(check(changed(state, each)));
        expect(found).toMatchObject({ code: 'ARCHIVE_INVALID' });
      }),
      runs(300),
    );
  });

  it('of blocks with any byte changed give the blocks before it, and no other', async () => {
    await fc.assert(
      fc.asyncProperty(change, async (each) => {
        const { chain } = await follow([]);
        const found = await outcome(importBlocks(chain, fileOf(changed(exported, each)), WORK));
        expect(found).toMatchObject({ code: 'ARCHIVE_INVALID' });
        const { height } = chain.head().header;
        for (const [index, block] of blocks.slice(0, height).entries()) {
          await expect(chain.import(block)).rejects.toMatchObject({
            code: 'CHAIN_BLOCK_KNOWN',
            fields: { height: index + 1 },
          });
        }
      }),
      runs(40),
    );
  });

  it('of a state that somebody has made are refused, or are of another block; a chain opens with the accepted ones only', async () => {
    const records = await recordsOf(state);
    const { hash, stateRoot } = await check(state);
    await fc.assert(
      fc.asyncProperty(edit, async (what) => {
        const forged = edited(records, what);
        const checked = await outcome(check(forged));
        const disk = await diskWith(forged);
        const opened = await outcome(openOn(disk));
        if ('code' in checked) {
          expect(['ARCHIVE_INVALID', 'LOG_VERSION_UNSUPPORTED']).toContain(checked.code);
          expect(opened).toHaveProperty('code');
          return;
        }
        const isSame = equalBytes(forged, state);
        expect(equalBytes(checked.value.hash, hash)).toBe(isSame);
        if (what.kind === 'change') expect(checked.value.stateRoot).toEqual(stateRoot);
        if ('code' in opened) throw new Error(opened.code);
        expect(opened.value.head().hash).toEqual(checked.value.hash);
        await opened.value.verify();
      }),
      runs(400),
    );
  });

  it('of a chain that was changed by hand, edited by somebody, are refused or give a sound chain', async () => {
    const { chain } = await follow(blocks.slice(0, 2), DEV);
    await chain.patch((journal) => {
      journal.setBalance(ADDRESSES[0]!, 5n);
      journal.setCode(COINBASE, Uint8Array.of(1, 2, 3));
    }, []);
    const attributes = { ...attributesOn(chain), lifted: true as const, baseFeePerGas: 7n };
    const stranger = unsignedTransaction({ ...PAYMENT, nonce: 0n }, STRANGER);
    await chain.patch((journal) => journal.setBalance(STRANGER, 10n ** 18n), []);
    await chain.commit(chain.build(attributes, sourceOf([stranger])).executed);
    await chain.patch((journal) => journal.setStorage(COINBASE, WORD, WORD), []);
    const records = {
      blocks: await recordsOf(await blocksOf(chain)),
      state: await recordsOf(await stateOf(chain)),
    };
    const point = chain.point();
    await fc.assert(
      fc.asyncProperty(
        edit,
        fc.constantFrom('blocks' as const, 'state' as const),
        async (what, of) => {
          const forged = edited(records[of], what);
          const begun =
            of === 'state'
              ? await outcome(openOn(await diskWith(forged), DEV))
              : { value: (await follow([], DEV)).chain };
          if ('code' in begun) return;
          const found = begun.value;
          if (of === 'blocks') await outcome(importBlocks(found, fileOf(forged), WORK));
          expect(found.point().height).toBeLessThanOrEqual(point.height);
          await found.verify();
          await found.close();
        },
      ),
      runs(150),
    );
  });

  it('are described by any bytes, or refused with a code', async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      change.map((each) => changed(state, each)),
    );
    await fc.assert(
      fc.asyncProperty(bytes, async (each) => {
        const found = await outcome(describeArchive(fileOf(each)));
        if ('code' in found)
          expect(found.code).toMatch(/^(ARCHIVE_INVALID|LOG_VERSION_UNSUPPORTED)$/);
      }),
      runs(300),
    );
  });

  it('begin, at any height and with chunks of any size, the chain that goes on as the other', async () => {
    const shape = fc.record({ first: fc.nat(9), chunkBytes: fc.integer({ min: 1, max: 2_000 }) });
    await fc.assert(
      fc.asyncProperty(shape, async ({ first, chunkBytes }) => {
        const { chain } = await follow(blocks.slice(0, first));
        const archive = await stateOf(chain, chunkBytes);
        expect(await check(archive)).toMatchObject({ height: first });
        const late = await openOn(await diskWith(archive));
        for (const block of blocks.slice(first)) await late.import(block);
        expect((await late.verify()).firstHeight).toBe(first);
        expect(await stateOf(late)).toEqual(await stateOf((await follow(blocks)).chain));
      }),
      runs(20),
    );
  });
});
