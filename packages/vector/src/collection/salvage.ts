import type { SnapshotPiece } from '../log/snapshot.ts';
import type { MetadataPatch } from '../metadata.ts';
import type { Provenance, StoredRecord } from '../record.ts';
import { type CollectionState, changedRecord, recordFrom } from './collection-state.ts';
import { readDamagedSnapshot } from './damaged-snapshot.ts';
import type { CollectionEntry, PutEntry } from './entry-codec.ts';
import type { RecordColumns } from './record-columns.ts';

/** How much of a collection could not be read. */
export type Losses = {
  /** Records that are left out; undefined: it is not known how many. */
  readonly records: number | undefined;
  /** Records that are as a later log has them, and may have held more. */
  readonly incomplete: number;
};

/** What a put says of a record, at one place of its columns. */
type Said = {
  readonly document?: string | null | undefined;
  readonly uri?: string | null | undefined;
  readonly metadata?: MetadataPatch | null | undefined;
  readonly payload?: string | null | undefined;
  readonly provenance?: Provenance | null | undefined;
};

/** A record that is to be put in or changed. */
type Change = {
  readonly id: string;
  /** What is said of one that is in the state; of others all that is known. */
  readonly said: Said;
  readonly embedding: Float32Array | undefined;
};

/** Records of a snapshot that are put in at once. */
const RECORDS_AT_ONCE = 1_000;

/**
 * A state that a damaged snapshot has left in parts. What entries say is taken in where it makes a whole
 * record: a record whose embedding is lost waits for another one, and what they say of records that are
 * not there is kept until one comes.
 */
export class Salvage {
  readonly #state: CollectionState;
  /** Places in files, with what is wrong there. */
  #damages: readonly string[] = [];
  /** Records without an embedding, which are not in the state. */
  readonly #waiting = new Map<string, StoredRecord>();
  /** Of these ids the snapshot may have held something that could not be read. */
  readonly #incomplete = new Set<string>();
  #unread: number | undefined = 0;

  constructor(state: CollectionState) {
    this.#state = state;
  }

  get damages(): readonly string[] {
    return this.#damages;
  }

  /** After everything was taken in. */
  get losses(): Losses {
    const { table } = this.#state;
    let incomplete = 0;
    for (const id of this.#incomplete) if (table.has(id)) incomplete += 1;
    let waiting = 0;
    // Of others nothing is known but a change.
    for (const id of this.#waiting.keys()) if (!this.#incomplete.has(id)) waiting += 1;
    const records = this.#unread === undefined ? undefined : this.#unread + waiting;
    return { records, incomplete };
  }

  async snapshot(pieces: AsyncIterable<SnapshotPiece>): Promise<void> {
    const saved = await readDamagedSnapshot(pieces);
    const { records, embeddings, count, model, damages } = saved;
    this.#damages = damages;
    this.#unread = count === undefined ? undefined : Math.max(0, count - records.length);
    if (model !== undefined) this.#state.pinModel(model);
    for (let start = 0; start < records.length; start += RECORDS_AT_ONCE) {
      const some = records.slice(start, start + RECORDS_AT_ONCE);
      for (const record of some) this.#waiting.set(record.id, record);
      const changes = some.map((said, index) => {
        return { id: said.id, said, embedding: embeddings[start + index] };
      });
      this.#put(changes, undefined);
    }
  }

  apply(entry: CollectionEntry): void {
    if (entry.kind === 'delete') {
      const { table } = this.#state;
      for (const id of entry.ids) {
        this.#waiting.delete(id);
        this.#incomplete.delete(id);
      }
      const ids = entry.ids.filter((id) => table.has(id));
      if (ids.length > 0) this.#state.apply({ kind: 'delete', ids });
      return;
    }
    const changes = this.#changesOf(entry);
    this.#put(changes, entry.model);
  }

  /** What an entry says; where the record is not in the state, together with what is known of it. */
  #changesOf({ ids, columns, embeddings }: PutEntry): readonly Change[] {
    let next = 0;
    return ids.map((id, index) => {
      const said = this.#saidOf(id, columns, index);
      if (embeddings === undefined || embeddings.mask?.[index] === 0) {
        return { id, said, embedding: undefined };
      }
      const from = next * embeddings.dimension;
      next += 1;
      const embedding = embeddings.values.subarray(from, from + embeddings.dimension);
      return { id, said, embedding };
    });
  }

  #saidOf(id: string, columns: RecordColumns, index: number): Said {
    if (this.#state.table.has(id)) return saidAt(columns, index);
    const waiting = this.#waiting.get(id);
    if (waiting === undefined && this.#unread !== 0) this.#incomplete.add(id);
    const record =
      waiting === undefined
        ? recordFrom(id, columns, index)
        : changedRecord(waiting, columns, index);
    this.#waiting.set(id, record);
    return record;
  }

  /** Those that have an embedding, or are in the state, are put into it; the others wait. */
  #put(changes: readonly Change[], model: string | undefined): void {
    const { table } = this.#state;
    const taken = changes.filter(({ id, embedding }) => embedding !== undefined || table.has(id));
    for (const { id } of taken) this.#waiting.delete(id);
    if (taken.length > 0) this.#state.apply(entryOf(taken, model));
    else if (model !== undefined) this.#state.pinModel(model);
  }
}

function saidAt(columns: RecordColumns, index: number): Said {
  return {
    document: columns.documents?.[index],
    uri: columns.uris?.[index],
    metadata: columns.metadatas?.[index],
    payload: columns.payloads?.[index],
    provenance: columns.provenances?.[index],
  };
}

function entryOf(changes: readonly Change[], model: string | undefined): PutEntry {
  const columns: RecordColumns = {
    documents: changes.map(({ said }) => said.document),
    uris: changes.map(({ said }) => said.uri),
    metadatas: changes.map(({ said }) => said.metadata),
    payloads: changes.map(({ said }) => said.payload),
    provenances: changes.map(({ said }) => said.provenance),
  };
  const ids = changes.map(({ id }) => id);
  const embeddings = changes.flatMap(({ embedding }) => embedding ?? []);
  const dimension = embeddings[0]?.length;
  if (dimension === undefined) return { kind: 'put', ids, columns, embeddings: undefined, model };
  const values = new Float32Array(embeddings.length * dimension);
  embeddings.forEach((embedding, index) => {
    values.set(embedding, index * dimension);
  });
  const mask = Uint8Array.from(changes, ({ embedding }) => (embedding === undefined ? 0 : 1));
  return { kind: 'put', ids, columns, embeddings: { values, dimension, mask }, model };
}
