import { concatBytes, fixedBytes } from '@lucerna/base';
import { type Codec, decodeWith, encodeWith, hash32, record, safeUint } from '@lucerna/protocol';
import type { StateDiff } from '@lucerna/state';
import { KEYSPACES, type KvEntry, type KvReader, type WriteBatch } from '@lucerna/storage';
import { sum } from './codecs.ts';
import { heightKey, inStore } from './index-rows.ts';
import type { ChainPoint } from './patch-record.ts';

/** What patches have made and taken, in wei, since block 0. Blocks do neither, except for base fees. */
export type PatchSums = {
  readonly minted: bigint;
  readonly destroyed: bigint;
};

/** A patch as the index knows it. */
export type PatchRow = ChainPoint &
  PatchSums & {
    /** Offset in the log of its record; of the base for what happened before that. */
    readonly offset: number;
    /** Root of the state after it. */
    readonly stateRoot: Uint8Array;
  };

/** Before the first patch. */
export const NO_SUMS: PatchSums = { minted: 0n, destroyed: 0n };

type Value = Omit<PatchRow, keyof ChainPoint>;

const valueCodec: Codec<Value> = record<Value>({
  offset: safeUint,
  stateRoot: hash32,
  minted: sum,
  destroyed: sum,
});

const ORDINAL_BYTES = 4;

/** Adds the row of a patch. */
export function putPatch(batch: WriteBatch, { height, ordinal, ...value }: PatchRow): void {
  batch.put(KEYSPACES.patches, patchKey(height, ordinal), encodeWith(valueCodec, value));
}

/** Takes it away again. */
export function deletePatch(batch: WriteBatch, { height, ordinal }: ChainPoint): void {
  batch.delete(KEYSPACES.patches, patchKey(height, ordinal));
}

/**
 * The last patch up to `point`, of whatever block: it has the sums of that point. Undefined: there was
 * none before. @throws `STORE_CORRUPT`
 */
export function lastPatchUpTo(reader: KvReader, point: ChainPoint): PatchRow | undefined {
  const range = { to: patchKey(point.height, point.ordinal + 1), reverse: true, limit: 1 };
  for (const entry of reader.range(KEYSPACES.patches, range)) return rowOf(entry);
  return undefined;
}

/** The last patch of the block of `height`, if it has one. @throws `STORE_CORRUPT` */
export function lastPatchOf(reader: KvReader, height: number): PatchRow | undefined {
  const range = { ...rangeOf(height), reverse: true, limit: 1 };
  for (const entry of reader.range(KEYSPACES.patches, range)) return rowOf(entry);
  return undefined;
}

/** The patch at a point, if there is one. @throws `STORE_CORRUPT` */
export function patchAt(reader: KvReader, { height, ordinal }: ChainPoint): PatchRow | undefined {
  const key = patchKey(height, ordinal);
  const value = reader.get(KEYSPACES.patches, key);
  return value === undefined ? undefined : rowOf([key, value]);
}

/** The first patch of the block of `height` that has a row. @throws `STORE_CORRUPT` */
export function firstPatchOf(reader: KvReader, height: number): PatchRow | undefined {
  const range = { ...rangeOf(height), limit: 1 };
  for (const entry of reader.range(KEYSPACES.patches, range)) return rowOf(entry);
  return undefined;
}

/** The patches behind `point` of the block of its height, in order. @throws `STORE_CORRUPT` */
export function patchesBehind(
  reader: KvReader,
  { height, ordinal }: ChainPoint,
): readonly PatchRow[] {
  const range = { ...rangeOf(height), from: patchKey(height, ordinal + 1) };
  return [...reader.range(KEYSPACES.patches, range)].map(rowOf);
}

/** `sums`, and what one more patch has made and taken. */
export function addSums({ minted, destroyed }: PatchSums, { accounts }: StateDiff): PatchSums {
  const sums = { minted, destroyed };
  for (const { before, after } of accounts) {
    const change = (after?.balance ?? 0n) - (before?.balance ?? 0n);
    if (change > 0n) sums.minted += change;
    else sums.destroyed -= change;
  }
  return sums;
}

function rangeOf(height: number): { readonly from: Uint8Array; readonly to: Uint8Array } {
  return { from: patchKey(height, 0), to: patchKey(height + 1, 0) };
}

function patchKey(height: number, ordinal: number): Uint8Array {
  return concatBytes(heightKey(height), fixedBytes(BigInt(ordinal), ORDINAL_BYTES));
}

function rowOf([key, value]: KvEntry): PatchRow {
  const view = new DataView(key.buffer, key.byteOffset, key.byteLength);
  return {
    height: Number(view.getBigUint64(0)),
    ordinal: view.getUint32(8),
    ...inStore(() => decodeWith(valueCodec, value, KEYSPACES.patches.name)),
  };
}
