import { present } from '@lucerna/base';
import type { Chain, ChainPoint, Note } from '@lucerna/chain';
import { mempoolLimits } from '@lucerna/mempool';
import {
  bytes,
  type Codec,
  decodeWith,
  encodeWith,
  hash32,
  type JsonValue,
  list,
  record,
  safeUint,
  splitRlpList,
} from '@lucerna/protocol';
import { nodeErrors } from '../errors.ts';
import { nodeLimits } from '../limits.ts';
import { asciiJson, longText, version } from './codecs.ts';
import { type KeptTransaction, keptTransaction } from './pool-contents.ts';
import { type DevSettings, decodeSettings, encodeSettings } from './settings.ts';

const PREFIX = 'dev/snapshot/';

/** Where a snapshot goes back to. */
export type SnapshotPlace = {
  readonly id: bigint;
  readonly point: ChainPoint;
  /** Hash of the block of that point. */
  readonly hash: Uint8Array;
};

/** All that a snapshot remembers. */
export type Snapshot = SnapshotPlace & {
  /** What the clock of the chain showed, in seconds. */
  readonly chainSeconds: number;
  readonly settings: DevSettings;
  readonly pool: readonly KeptTransaction[];
  readonly filters: JsonValue;
};

type Stored = {
  readonly version: number;
  readonly height: number;
  readonly ordinal: number;
  readonly hash: Uint8Array;
  readonly chainSeconds: number;
  readonly settings: Uint8Array;
  readonly pool: readonly KeptTransaction[];
  readonly filters: string;
};

/** Of a note, which is bounded by the chain. */
const MAX_BYTES = 2 ** 32 - 1;
const { transactions } = mempoolLimits.values;
/** A transaction is a list of three; the rest is little. */
const MAX_ITEMS = 4 * transactions + 64;

const fields = {
  version: version(1),
  height: safeUint,
  ordinal: safeUint,
  hash: hash32,
  chainSeconds: safeUint,
  settings: bytes(MAX_BYTES),
  pool: list(keptTransaction, transactions),
  filters: longText,
};
const storedCodec: Codec<Stored> = record<Stored>(fields);

/** The snapshots of a dev chain: notes of the chain, and in memory where they go back to. */
export class SnapshotStore {
  readonly #chain: Chain;
  /** In the order of their ids. */
  readonly #places = new Map<bigint, SnapshotPlace>();

  /** @throws `RLP_*` when another version of the program has written them */
  constructor(chain: Chain) {
    this.#chain = chain;
    for (const { key, value } of chain.notes(PREFIX)) {
      const id = BigInt(`0x${key.slice(PREFIX.length)}`);
      this.#places.set(id, { id, ...decodePlace(value) });
    }
  }

  /** Those that can be reverted to, in the order of their ids. */
  places(): readonly SnapshotPlace[] {
    return [...this.#places.values()];
  }

  /** @throws `STORE_CORRUPT` */
  read(id: bigint): Snapshot | undefined {
    const place = this.#places.get(id);
    const value = place === undefined ? undefined : this.#chain.note(keyOf(id));
    if (place === undefined || value === undefined) return undefined;
    const { chainSeconds, settings, pool, filters } = decodeStored(value);
    return {
      ...place,
      chainSeconds,
      settings: decodeSettings(settings),
      pool,
      filters: JSON.parse(filters),
    };
  }

  /** The note of a new snapshot. @throws `SNAPSHOTS_FULL` */
  noteOf(snapshot: Snapshot): Note {
    const limit = nodeLimits.values.snapshots;
    if (this.#places.size >= limit) throw nodeErrors.create('SNAPSHOTS_FULL', undefined, { limit });
    const { point, hash, chainSeconds, settings, pool, filters } = snapshot;
    const value = encodeWith(storedCodec, {
      version: 1,
      ...point,
      hash,
      chainSeconds,
      settings: encodeSettings(settings),
      pool,
      filters: asciiJson(filters),
    });
    return { key: keyOf(snapshot.id), value };
  }

  /** A snapshot whose note is written. */
  written({ id, point, hash }: SnapshotPlace): void {
    this.#places.set(id, { id, point, hash });
  }

  /** The notes that take away those that `isGone` says, for whoever writes them. */
  removal(isGone: (place: SnapshotPlace) => boolean): {
    readonly notes: readonly Note[];
    /** To be called when the notes are written. */
    readonly written: () => void;
  } {
    const gone = this.places().filter(isGone);
    return {
      notes: gone.map(({ id }) => ({ key: keyOf(id), value: undefined })),
      written: () => {
        for (const { id } of gone) this.#places.delete(id);
      },
    };
  }
}

function decodeStored(value: Uint8Array): Stored {
  return decodeWith(storedCodec, value, 'snapshot', MAX_ITEMS);
}

/** Where it goes back to, without all that it remembers: a start reads many of them. */
function decodePlace(value: Uint8Array): Omit<SnapshotPlace, 'id'> {
  const path = 'snapshot';
  const [format, height, ordinal, hash] = splitRlpList(value, Object.keys(fields).length, path);
  decodeWith(fields.version, present(format, path), path);
  return {
    point: {
      height: decodeWith(fields.height, present(height, path), path),
      ordinal: decodeWith(fields.ordinal, present(ordinal, path), path),
    },
    hash: decodeWith(fields.hash, present(hash, path), path),
  };
}

/** Hex of one length, so that the order of the keys is that of the ids. */
function keyOf(id: bigint): string {
  return `${PREFIX}${id.toString(16).padStart(16, '0')}`;
}
