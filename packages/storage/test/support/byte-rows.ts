import { KEYSPACES, type Keyspace, type KvReader, WriteBatch } from '@lucerna/storage';

/** Where the rows of these tests are. */
export const space: Keyspace = KEYSPACES.accounts;

/** Puts and, where the value is undefined, deletes; keys and values are single bytes. */
export function batchOf(rows: Readonly<Record<number, number | undefined>>): WriteBatch {
  const batch = new WriteBatch();
  for (const [key, value] of Object.entries(rows)) {
    if (value === undefined) batch.delete(space, Uint8Array.of(Number(key)));
    else batch.put(space, Uint8Array.of(Number(key)), Uint8Array.of(value));
  }
  return batch;
}

/** All rows, as numbers. */
export function rowsOf(reader: KvReader): Record<number, number> {
  const rows: Record<number, number> = {};
  for (const [key, value] of reader.range(space)) rows[key[0] as number] = value[0] as number;
  return rows;
}
