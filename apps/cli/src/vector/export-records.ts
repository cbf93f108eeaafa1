import { formatExactJson, metadataToJson, type StoredRecord, vectorErrors } from '@lucerna/vector';

/** A record that is written to a file. */
export type ExportRecord = { readonly record: StoredRecord; readonly embedding: Float32Array };

/** Records in the order in which they are written. */
export type ExportSource = {
  readonly count: number;
  /** Of every embedding; 0 where there is no record. */
  readonly dimension: number;
  /** Some at a time, made when they are asked for. */
  readonly pages: () => AsyncIterable<readonly ExportRecord[]>;
};

/** Makes the bytes of a file. */
export type RowWriter = (source: ExportSource) => AsyncIterable<Uint8Array>;

/** Columns of a file, by their names in all formats; the embedding comes after the id. */
export const TEXT_COLUMNS = ['document', 'uri', 'metadata', 'payload', 'provenance'] as const;

export type TextColumn = (typeof TEXT_COLUMNS)[number];

/** What a record has in a column of text; metadata and provenance are JSON there. */
export function textOf(record: StoredRecord, column: TextColumn): string | undefined {
  switch (column) {
    case 'metadata':
      return record.metadata === undefined
        ? undefined
        : formatExactJson(metadataToJson(record.metadata));
    case 'provenance':
      return record.provenance === undefined ? undefined : provenanceJson(record.provenance);
    default:
      return record[column];
  }
}

function provenanceJson(provenance: NonNullable<StoredRecord['provenance']>): string {
  const { timeMs, ...texts } = provenance;
  return formatExactJson(timeMs === undefined ? texts : { ...texts, timeMs: BigInt(timeMs) });
}

/** Checks what every format relies on. @throws `DIMENSION_MISMATCH` */
export function checkPage(page: readonly ExportRecord[], dimension: number): void {
  for (const { record, embedding } of page) {
    if (embedding.length === dimension) continue;
    const detail = `${record.id} has ${embedding.length} values, not ${dimension}`;
    throw vectorErrors.create('DIMENSION_MISMATCH', detail, { id: record.id });
  }
}
