import { defineErrors, type ErrorRegistry } from '@lucerna/base';

/** Codes of the vector database. */
export const vectorErrors: ErrorRegistry<
  | 'BATCH_TOO_LARGE'
  | 'COLLECTION_EXISTS'
  | 'COLLECTION_FULL'
  | 'COLLECTION_UNKNOWN'
  | 'COLUMN_LENGTH_MISMATCH'
  | 'DATABASE_CLOSED'
  | 'DATABASE_EXISTS'
  | 'DATABASE_READ_ONLY'
  | 'DATABASE_UNKNOWN'
  | 'DIMENSION_MISMATCH'
  | 'EMBEDDING_MODEL_MISMATCH'
  | 'EMBEDDING_NOT_FINITE'
  | 'EMBEDDING_NOT_NORMALISED'
  | 'FILTER_INVALID'
  | 'FILTER_TOO_COSTLY'
  | 'ID_DUPLICATE'
  | 'ID_EXISTS'
  | 'ID_INVALID'
  | 'JSON_INVALID'
  | 'METADATA_INVALID'
  | 'RECORD_UNKNOWN'
  | 'REGEX_INVALID'
  | 'STORE_OPTION_DIFFERS'
  | 'TENANT_EXISTS'
  | 'TENANT_UNKNOWN'
  | 'VECTOR_ARGUMENT_INVALID'
  | 'VECTOR_FOLDER_FOREIGN'
  | 'VECTOR_FOLDER_IN_USE'
  | 'VECTOR_FOLDER_MISSING'
  | 'VECTOR_FORMAT_UNKNOWN'
  | 'VECTOR_LOG_CORRUPT'
  | 'VECTOR_MEMORY_EXHAUSTED'
  | 'VECTOR_SNAPSHOT_CORRUPT'
  | 'VECTOR_WRITES_STOPPED'
> = defineErrors('vector', {
  BATCH_TOO_LARGE: {
    summary: 'The batch is larger than one call may be',
    remedy: 'Split it: a call is written whole or not at all, and has a limit.',
  },
  COLLECTION_EXISTS: {
    summary: 'There is a collection of that name',
    remedy: 'Open it, or take another name.',
  },
  COLLECTION_FULL: {
    summary: 'The collection has as many records as it can hold',
    remedy: 'Delete some, or put further ones into another collection.',
  },
  COLLECTION_UNKNOWN: {
    summary: 'There is no such collection',
    remedy: 'Create it, or list those that there are.',
  },
  COLUMN_LENGTH_MISMATCH: {
    summary: 'The columns of the batch differ in length',
    remedy: 'Give as many embeddings, documents and metadata as ids.',
  },
  DATABASE_CLOSED: {
    summary: 'The database is closed',
    remedy: 'Open it again.',
  },
  DATABASE_EXISTS: {
    summary: 'There is a database of that name',
    remedy: 'Use it, or take another name.',
  },
  DATABASE_READ_ONLY: {
    summary: 'The database was opened to be read',
    remedy: 'Open it for writing, while no other process does.',
  },
  DATABASE_UNKNOWN: {
    summary: 'There is no such database',
    remedy: 'Create it, or list those that there are.',
  },
  DIMENSION_MISMATCH: {
    summary: 'The embedding has another dimension than the collection',
    remedy: 'Use the model that the collection was filled by, or another collection.',
  },
  EMBEDDING_MODEL_MISMATCH: {
    summary: 'The embedding comes from another model than the collection',
    remedy: 'Embed with the model of the collection, or make a new collection for this one.',
  },
  EMBEDDING_NOT_FINITE: {
    summary: 'The embedding holds a value that is no finite number',
    remedy: 'Look for a division by zero or an overflow where it was made.',
  },
  EMBEDDING_NOT_NORMALISED: {
    summary: 'The embedding has not length 1, which the collection asks for',
    remedy: 'Divide it by its length, or make a collection that does not ask for it.',
  },
  FILTER_INVALID: {
    summary: 'The filter is malformed',
    remedy: 'See the guide for the operators and what they take.',
  },
  FILTER_TOO_COSTLY: {
    summary: 'The filter costs too much in so many records',
    remedy:
      'Narrow the filter by conditions on metadata or by longer texts, or simplify the expression.',
  },
  ID_DUPLICATE: {
    summary: 'The batch has an id twice',
    remedy: 'Give every id once.',
  },
  ID_EXISTS: {
    summary: 'The collection has a record of that id',
    remedy: 'Update or upsert it, or take another id.',
  },
  ID_INVALID: {
    summary: 'The id is no id',
    remedy: 'Give a text that is not empty, within the limit, and valid Unicode.',
  },
  JSON_INVALID: {
    summary: 'The text is not JSON that can be read',
    remedy: 'Correct it at the offset that the message names.',
  },
  METADATA_INVALID: {
    summary: 'The metadata are malformed',
    remedy:
      'Give a non-empty object of booleans, integers of 64 bits, finite numbers, texts, or lists of one of them.',
  },
  RECORD_UNKNOWN: {
    summary: 'There is no record of that id',
    remedy: 'Ask with has(id) first, or list the ids that there are.',
  },
  REGEX_INVALID: {
    summary: 'The regular expression is not one of RE2',
    remedy: 'Leave out look-around and back-references, and close all brackets.',
  },
  STORE_OPTION_DIFFERS: {
    summary: 'The store was made with another option',
    remedy: 'Leave the option out to use the store as it is, or make another collection or folder.',
  },
  TENANT_EXISTS: {
    summary: 'There is a tenant of that name',
    remedy: 'Use it, or take another name.',
  },
  TENANT_UNKNOWN: {
    summary: 'There is no such tenant',
    remedy: 'Create it first.',
  },
  VECTOR_ARGUMENT_INVALID: {
    summary: 'An argument is out of range',
    remedy: 'See the limits of the vector database.',
  },
  VECTOR_FOLDER_FOREIGN: {
    summary: 'The folder holds files that are not of a vector database',
    remedy: 'Choose an empty or a new folder.',
  },
  VECTOR_FOLDER_IN_USE: {
    summary: 'Another process writes to the database',
    remedy: 'Stop it, or open the database to be read.',
  },
  VECTOR_FOLDER_MISSING: {
    summary: 'There is no vector database at this path',
    remedy: 'Check the path; opening it to write makes one.',
  },
  VECTOR_FORMAT_UNKNOWN: {
    summary: 'The file has a format that this version does not know',
    remedy: 'Use the version that wrote it, or a newer one; export and import move the records.',
  },
  VECTOR_LOG_CORRUPT: {
    summary: 'The log is damaged before its end',
    remedy:
      'Restore the folder from a copy; `lucerna vector export --salvage` saves what lies before the damage.',
  },
  VECTOR_MEMORY_EXHAUSTED: {
    summary: 'There is no more memory for embeddings',
    remedy: 'Free memory of this process, or spread the collections over several.',
  },
  VECTOR_SNAPSHOT_CORRUPT: {
    summary: 'The snapshot is damaged',
    remedy:
      'Restore the folder from a copy; `lucerna vector export --salvage` saves what lies beside the damage.',
  },
  VECTOR_WRITES_STOPPED: {
    summary: 'Nothing more can be written: an earlier write has left the file in doubt',
    remedy: 'Check the disk and its room, then open the database again.',
  },
});
