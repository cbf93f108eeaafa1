import { defineLimits, type LimitRegistry } from '@lucerna/base';

/** The bounds of the vector database. */
export const vectorLimits: LimitRegistry<
  | 'dimension'
  | 'batchRecords'
  | 'batchBytes'
  | 'idBytes'
  | 'results'
  | 'queryHits'
  | 'efSearch'
  | 'indexQueue'
  | 'searchThreads'
  | 'threadQueue'
  | 'searchJobBytes'
  | 'collectionRecords'
  | 'collectionWrites'
  | 'modelCharacters'
  | 'unitLengthTolerance'
  | 'snapshotChunkBytes'
  | 'compactionSettleMs'
  | 'storeWrites'
  | 'collections'
  | 'lanes'
  | 'maxNeighbors'
  | 'segmentBytes'
  | 'segmentRows'
  | 'kernelBytes'
  | 'siftKernelBytes'
  | 'jsonChars'
  | 'jsonDepth'
  | 'metadataKeys'
  | 'collectionKeys'
  | 'metadataKeyChars'
  | 'metadataItems'
  | 'filterConditions'
  | 'filterDepth'
  | 'filterValues'
  | 'filterRegexes'
  | 'filterRegexSize'
  | 'filterSteps'
  | 'filterCacheBytes'
  | 'filterCacheKeyChars'
  | 'documentIndexChars'
  | 'regexCache'
  | 'regexChars'
  | 'regexSize'
  | 'frameBytes'
  | 'logWindowBytes'
  | 'openLogs'
  | 'waitingLogCalls'
  | 'readerAttempts'
  | 'databases'
  | 'nameCharacters'
  | 'definitionBytes'
  | 'databaseChanges'
  | 'openingCollections'
  | 'catalogLogBytes'
  | 'compactionLogBytes'
  | 'compactionRatio'
  | 'compactionUrgentRatio'
  | 'compactionQuietMs'
  | 'compactionRetryMs'
  | 'workPauseMs'
  | 'efConstruction'
  | 'snapshotCopyBytes'
> = defineLimits('vector', {
  dimension: {
    value: 4_096,
    unit: 'values of one embedding',
    why: 'the largest that common models give; a query of one has to fit into the sums of 32 bits',
  },
  batchRecords: {
    value: 100_000,
    unit: 'records of one call',
    why: 'a call is one entry of the log and is looked through before anything is written',
  },
  batchBytes: {
    value: 1_073_741_824,
    unit: 'bytes of one call in the log',
    why: 'half of what one buffer may hold: an entry is made, written and read as a whole',
  },
  idBytes: {
    value: 4_096,
    unit: 'bytes of one id in UTF-8',
    why: 'paths and URLs fit; ids are kept in memory and repeated in answers',
  },
  results: {
    value: 10_000,
    unit: 'results of one query',
    why: 'each is ranked, and comes with its record',
  },
  queryHits: {
    value: 4_194_304,
    unit: 'results of all queries of one call, at most',
    why: 'they are in memory at once, about 80 bytes each, besides what an answer makes of them',
  },
  efSearch: {
    value: 10_000,
    unit: 'candidates of one search in a graph',
    why: 'more than that many are found sooner by looking at all rows',
  },
  indexQueue: {
    value: 65_536,
    unit: 'searches and changes of one index that wait for one another',
    why: 'who does not wait for an answer would fill the memory',
  },
  searchThreads: {
    value: 15,
    unit: 'threads that search beside the caller’s',
    why: 'each has its own scratch space in every memory of an index',
  },
  threadQueue: {
    value: 256,
    unit: 'searches that one thread was asked to take part in',
    why: 'each holds its queries and results in memory; the caller answers what is more',
  },
  searchJobBytes: {
    value: 67_108_864,
    unit: 'bytes of queries and results that threads share at a time, about',
    why: 'a batch may be larger than memory allows: it is answered in rounds',
  },
  collectionRecords: {
    value: 16_000_000,
    unit: 'records of one collection',
    why: 'a map of ids holds 2²⁴ at most',
  },
  collectionWrites: {
    value: 4_096,
    unit: 'writes of one collection that wait for the earlier ones',
    why: 'each holds its batch meanwhile; who does not wait for an answer would fill the memory',
  },
  modelCharacters: {
    value: 1_024,
    unit: 'UTF-16 units of the name of an embedding model',
    why: 'names of models are short; it is repeated in errors',
  },
  unitLengthTolerance: {
    value: 0.001,
    unit: 'difference of a length from 1',
    why: 'rounding to 32 and to 16 bits stays well below it',
  },
  snapshotChunkBytes: {
    value: 1_048_576,
    unit: 'bytes of a piece of a snapshot, about',
    why: 'large enough to be written fast, small enough that reads go on between two',
  },
  compactionSettleMs: {
    value: 20_000,
    unit: 'ms that a compaction waits for the graph to be whole',
    why: 'while writes go on faster than it grows it never is, and the log has to be cut all the same',
  },
  storeWrites: {
    value: 1_024,
    unit: 'writing calls of one store that wait for the earlier ones',
    why: 'each holds its embeddings meanwhile; who does not wait for an answer would fill the memory',
  },
  collections: {
    value: 8_192,
    unit: 'collections of one folder',
    why: 'each that has records reserves 10 GB of addresses, used or not; a process has 128 TB of them',
  },
  jsonChars: {
    value: 67_108_864,
    unit: 'UTF-16 units of a JSON text',
    why: 'a request body of 40 MiB fits; what is read is several times as large in memory',
  },
  jsonDepth: {
    value: 128,
    unit: 'objects and arrays inside one another in a JSON text',
    why: 'it is read recursively; serde_json, by which Chroma reads, stops there too',
  },
  metadataKeys: {
    value: 1_024,
    unit: 'keys of the metadata of one record',
    why: 'each key has an index of its own',
  },
  collectionKeys: {
    value: 131_072,
    unit: 'different keys in the metadata of all records of a collection',
    why: 'the index of a key takes more than a kilobyte, and a few bytes are enough to ask for one',
  },
  metadataKeyChars: {
    value: 1_024,
    unit: 'UTF-16 units of a key of metadata',
    why: 'keys name fields; they are repeated in every answer',
  },
  metadataItems: {
    value: 65_536,
    unit: 'items of a list or of a sparse embedding in metadata',
    why: 'each item of a list is a row of an index',
  },
  filterConditions: {
    value: 4_096,
    unit: 'conditions of one filter',
    why: 'each is looked up in an index, or in every record',
  },
  filterDepth: {
    value: 64,
    unit: '$and and $or inside one another',
    why: 'a filter is read and evaluated recursively',
  },
  filterValues: {
    value: 100_000,
    unit: 'values of one $in or $nin',
    why: 'as many as a batch has ids',
  },
  filterRegexes: {
    value: 64,
    unit: 'regular expressions of one filter',
    why: 'nobody writes more; each is looked for in documents by itself',
  },
  filterRegexSize: {
    value: 2_000,
    unit: 'instructions of all compiled regular expressions of one filter',
    why: 'up to 60 ms to compile, before anything is looked up; (?i)error has 7',
  },
  filterSteps: {
    value: 45_000_000,
    unit: 'steps of one filter, each about a character that a regular expression reads',
    why: 'about 200 ms, in which the thread does nothing else; what other conditions rule out is not looked through',
  },
  filterCacheBytes: {
    value: 4_194_304,
    unit: 'bytes of results of filters that a collection keeps',
    why: 'filters repeat between writes; 300 results over 100,000 records',
  },
  filterCacheKeyChars: {
    value: 4_096,
    unit: 'UTF-16 units of a filter whose result is kept',
    why: 'one that is longer, such as a list of ids, hardly comes again',
  },
  documentIndexChars: {
    value: 2_097_152,
    unit: 'UTF-16 units of documents that one filter puts into the index of documents',
    why: 'about 30 ms: the index is made by the filters that need it, some documents at a time',
  },
  regexCache: {
    value: 4,
    unit: 'compiled regular expressions that are kept',
    why: 'each may hold 8 MiB of states',
  },
  regexChars: {
    value: 1_024,
    unit: 'UTF-16 units of a regular expression',
    why: 'one written by hand is far shorter; what it compiles to grows with it',
  },
  regexSize: {
    value: 2_000,
    unit: 'instructions of a compiled regular expression',
    why: 'a character of a document may cost as many steps; counted repetitions multiply',
  },
  frameBytes: {
    value: 16_777_216,
    unit: 'bytes of one frame of a log or snapshot',
    why: 'a frame is read and checked as a whole; a thousand embeddings of 1536 values still are one frame',
  },
  logWindowBytes: {
    value: 8_388_608,
    unit: 'bytes of a log or snapshot read at once where frames are short',
    why: 'many frames share one call of the file; eight collections are read at the same time',
  },
  openLogs: {
    value: 256,
    unit: 'logs that are kept open',
    why: 'systems give a process 1,024 files or so; a log that was closed is opened again by its next write',
  },
  waitingLogCalls: {
    value: 8_192,
    unit: 'writes and syncs of one log that wait',
    why: 'each holds its entry meanwhile; collections bound their own writes before',
  },
  readerAttempts: {
    value: 8,
    unit: 'beginnings of one refresh of a reader',
    why: 'the writer may take files away while they are read, and does that once in a compaction',
  },
  lanes: {
    value: 256,
    unit: 'searches of one segment at once',
    why: 'each has about half a megabyte of scratch space in the memory of the segment',
  },
  maxNeighbors: {
    value: 256,
    unit: 'links of a row in an upper layer of the graph; twice as many in the lowest',
    why: 'more cost time and memory without finding more',
  },
  segmentBytes: {
    value: 65_535 * 65_536,
    unit: 'bytes of one segment',
    why: 'WebAssembly addresses 4 GiB; the end of a row has to be an address too',
  },
  segmentRows: {
    value: 2_097_152,
    unit: 'rows of one segment',
    why: 'each lane has two bits for every row that there may be: a megabyte in all, in small collections too',
  },
  kernelBytes: {
    value: 32_768,
    unit: 'bytes of the compiled kernel',
    why: 'it is in every bundle twice, and compiled before the first search',
  },
  siftKernelBytes: {
    value: 4_096,
    unit: 'bytes of the part of the kernel that uses relaxed SIMD',
    why: 'it is in every bundle twice beside the kernel',
  },
  databases: {
    value: 65_536,
    unit: 'tenants, and databases, of one folder',
    why: 'each has a place in the catalog, which is held in memory',
  },
  nameCharacters: {
    value: 1_024,
    unit: 'UTF-16 units of the name of a tenant, database or collection',
    why: 'Chroma takes 512; names are kept in memory and repeated in errors',
  },
  definitionBytes: {
    value: 1_048_576,
    unit: 'bytes of a collection in the catalog, with its metadata',
    why: 'the catalog is held in memory and read whole at the start',
  },
  databaseChanges: {
    value: 4_096,
    unit: 'changes of the catalog that wait for the earlier ones',
    why: 'who does not wait for an answer would fill the memory',
  },
  openingCollections: {
    value: 8,
    unit: 'collections that are read at once at the start',
    why: 'a disk is busy with a few; the memory for what is read is bounded',
  },
  catalogLogBytes: {
    value: 1_048_576,
    unit: 'bytes of the log of the catalog',
    why: 'read at every start; when it is longer, and twice as long as the snapshot, it is compacted',
  },
  compactionLogBytes: {
    value: 67_108_864,
    unit: 'bytes of a log',
    why: 'a shorter one is read within a fraction of a second: compacting it gains nothing',
  },
  compactionRatio: {
    value: 1,
    unit: 'times its snapshot',
    why: 'a log that long is compacted when the collection is quiet: all compactions of a growing collection write twice its size',
  },
  compactionUrgentRatio: {
    value: 4,
    unit: 'times its snapshot, which counts as 64 MiB at least',
    why: 'a log that long is compacted however busy the collection is, so that its files stay bounded',
  },
  compactionQuietMs: {
    value: 1_000,
    unit: 'ms without a change',
    why: 'a compaction takes turns with writes and would slow down an import',
  },
  compactionRetryMs: {
    value: 60_000,
    unit: 'ms',
    why: 'after a failure, such as a full disk, the next attempt waits so long',
  },
  workPauseMs: {
    value: 1,
    unit: 'ms',
    why: 'between two slices of background work everything that waits in the process has its turn',
  },
  efConstruction: {
    value: 4_096,
    unit: 'candidates of an insertion into a graph',
    why: 'beyond a thousand graphs hardly become better, and building takes as many times longer',
  },
  snapshotCopyBytes: {
    value: 4_194_304,
    unit: 'bytes of a snapshot that are copied at once',
    why: 'a copy is made once after an interrupted compaction; its memory is bounded',
  },
});
