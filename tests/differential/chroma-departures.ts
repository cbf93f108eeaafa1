/** A way in which we answer otherwise than Chroma's own server on purpose. */
export type ChromaDeparture = {
  /** What it is about, for the guide. */
  readonly subject: string;
  readonly chroma: string;
  /** What we do instead, and why. */
  readonly here: string;
  /** Names of the steps that show it; undefined: the script has none, because they would break Chroma. */
  readonly steps?: RegExp;
  /**
   * Whose server does so: that of `chromadb` 3.0.0 only, the newer ones only, or (undefined) all of them.
   */
  readonly server?: '3.0.0' | 'newer';
};

/** A member of answers that the server of `chromadb` 3.0.0 does not have yet. */
export const NEWER_MEMBERS: readonly string[] = [
  'deleted',
  'is_log_client_ready',
  'resource_name',
  'schema',
  'supports_base64_encoding',
];

/** What comes and goes between servers and means nothing here. */
export const OTHER_MEMBERS: readonly string[] = ['nanosecond heartbeat', 'num_threads'];

/** Every deliberate difference. The guide has the same list. */
export const CHROMA_DEPARTURES: readonly ChromaDeparture[] = [
  {
    subject: 'Renaming onto a name that is taken',
    chroma: '500 with the words of its SQL database',
    here: '409, as when a collection is created under that name',
    steps: /^update: taken name$/,
  },
  {
    subject: 'Ids in a query that there are not',
    chroma: '500',
    here: 'they are overlooked, as in `get`',
    steps: /^query: unknown id$/,
  },
  {
    subject: 'What `delete` says by id',
    chroma: 'how many ids were asked for',
    here: 'how many records were deleted',
    steps: /^delete: unknown id$/,
    server: 'newer',
  },
  {
    subject: 'Whole numbers beside others in `$in` and `$nin`',
    chroma: '400',
    here: 'taken: JavaScript writes 2.0 as 2, so a list of floats can look so',
    steps: /^where \{"n":\{"\$in":\[1,2\.5\]\}\}$/,
  },
  {
    subject: 'Integers compared with fractions in `where`',
    chroma: 'the fraction is cut off: 1 is found by `$gte: 1.5`',
    here: 'compared by value',
    steps: /^where \{"n":\{"\$gte":1\.5\}\}$/,
  },
  {
    subject: '`#id` in `where`',
    chroma: 'a key of metadata that no record has',
    here: 'the id, as in searches',
    steps: /^where \{"#id"/,
  },
  {
    subject: 'Metadata of a record with a URI and nothing else',
    chroma: '`{}`',
    here: 'null, as of any record without metadata',
    steps: /^after adding$/,
  },
  {
    subject: 'Keys of metadata in the schema of a collection',
    chroma: 'every key that a record has had is added, with its type',
    here: 'the keys that the schema was given: all keys are looked up in the same way',
    steps: /^dimension$/,
    server: 'newer',
  },
  {
    subject: 'Empty embeddings in a query',
    chroma: 'a message about the dimension',
    here: 'the message about empty embeddings',
  },
  {
    subject: 'A tenant that there is not, in `PATCH`',
    chroma: '200, and nothing happens',
    here: '404',
  },
  {
    subject: 'Infinite and NaN values in a query',
    chroma: 'distances that are null, in any order',
    here: '400, as in `add`',
  },
  {
    subject: 'Sparse embeddings and lists as metadata of a collection',
    chroma: '501, or the connection breaks',
    here: 'kept',
  },
  {
    subject: 'Empty lists as metadata',
    chroma: 'the key is dropped without a word',
    here: '400',
  },
  {
    subject: '`search`, `indexing_status`, collections by resource name',
    chroma: '501, 500, or the connection breaks, as they are for its cloud',
    here: 'answered, with rankings over dense and sparse embeddings',
  },
  {
    subject: 'Base64 in queries, and beside numbers',
    chroma: '422',
    here: 'taken wherever embeddings are',
  },
  {
    subject: 'Keys of metadata that begin with `chroma:`',
    chroma: 'hidden, and `chroma:document` takes the place of the document',
    here: 'keys like others',
  },
  {
    subject: 'Indexes of metadata that a schema turns off',
    chroma: 'filters by such a key are refused',
    here: 'the schema is kept, and filters work by every key',
  },
  {
    subject: 'Keys that an object has twice',
    chroma: '422 where it knows the key',
    here: 'the last one counts',
  },
  {
    subject: 'Sizes',
    chroma: 'ids, dimensions, filters and answers of any size that fits its memory',
    here: 'ids to 4,096 bytes, 4,096 dimensions, 10,000 results of a query, and the other limits of the reference',
  },
  {
    subject: 'Pages in browsers',
    chroma: 'origins that its configuration lists',
    here: 'the same, and pages of this machine; the Host header must name this machine or be listed',
  },
  {
    subject: 'Records without embeddings',
    chroma: 'the server of `chromadb` 3.0.0 takes them, and the collection cannot be read any more',
    here: '422, as newer servers answer',
    steps: /^broken: no /,
    server: '3.0.0',
  },
  {
    subject: '`$contains` and `$regex` in `where`, and lists as metadata',
    chroma: 'the server of `chromadb` 3.0.0 does not know them',
    here: 'known, as by newer servers',
    steps: /^where \{"(?:#document|n)":\{"\$(?:not_)?(?:contains|regex)"/,
    server: '3.0.0',
  },
  {
    subject: 'Regular expressions',
    chroma: 'the server of `chromadb` 3.0.0 breaks the connection',
    here: 'answered in linear time, by the syntax of RE2',
    steps: /^document \{"\$(?:not_)?regex":"(?:\^\[aB\]|\(\?i\)beta)"\}$/,
    server: '3.0.0',
  },
  {
    subject: 'Two indexes in an update',
    chroma: 'the server of `chromadb` 3.0.0 overlooks one',
    here: '400, as newer servers answer',
    steps: /^update: both$/,
    server: '3.0.0',
  },
];
