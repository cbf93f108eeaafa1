/** One request of the script. */
export type ChromaStep = {
  /** Under which it is compared; no two have the same. */
  readonly name: string;
  readonly method: string;
  /** Below the server; `{name}` stands for the id of the collection that the step of that name made. */
  readonly path: string;
  /** Sent as it is where it is a text, otherwise as JSON. */
  readonly body?: unknown;
};

const DATABASE = '/api/v2/tenants/default_tenant/databases/default_database';
const COLLECTIONS = `${DATABASE}/collections`;

/** The whole script: it begins with an empty database, and every collection has a name of its own. */
export function chromaScript(): readonly ChromaStep[] {
  return [
    ...systemSteps(),
    ...tenantSteps(),
    ...collectionSteps(),
    ...updateSteps(),
    ...writeSteps(),
    ...readSteps(),
    ...filterSteps(),
    ...distanceSteps(),
    ...deleteSteps(),
  ];
}

function get(name: string, path: string): ChromaStep {
  return { name, method: 'GET', path };
}

function post(name: string, path: string, body: unknown): ChromaStep {
  return { name, method: 'POST', path, body };
}

/** Makes a collection, whose id later steps call by the name of this one. */
function create(name: string, more: object = {}): ChromaStep {
  return post(name, COLLECTIONS, { name, ...more });
}

/** One step for each of `bodies`, at the same path. */
function each(
  name: string,
  path: string,
  bodies: Readonly<Record<string, unknown>>,
  method = 'POST',
): readonly ChromaStep[] {
  return Object.entries(bodies).map(([label, body]) => ({
    name: `${name}: ${label}`,
    method,
    path,
    body,
  }));
}

function systemSteps(): readonly ChromaStep[] {
  return [
    get('root', '/api/v2'),
    get('version', '/api/v2/version'),
    get('health', '/api/v2/healthcheck'),
    get('pre-flight', '/api/v2/pre-flight-checks'),
    get('identity', '/api/v2/auth/identity'),
    get('unknown path', '/api/v2/nothing'),
    get('version 1', '/api/v1/collections'),
    { name: 'wrong method', method: 'DELETE', path: '/api/v2/version' },
  ];
}

function tenantSteps(): readonly ChromaStep[] {
  const tenants = '/api/v2/tenants';
  return [
    get('default tenant', `${tenants}/default_tenant`),
    get('unknown tenant', `${tenants}/nobody`),
    ...each('tenant', tenants, {
      new: { name: 'birds' },
      again: { name: 'birds' },
      'short name': { name: 'ab' },
      'no name': {},
      'name of another type': { name: 1 },
      'other member': { name: 'fish', other: 1 },
      'broken off': '{"name":',
      'no body': '',
      'a list': [],
    }),
    get('tenant', `${tenants}/birds`),
    get('databases of nobody', `${tenants}/nobody/databases`),
    ...each('database', `${tenants}/birds/databases`, {
      new: { name: 'sea' },
      again: { name: 'sea' },
      second: { name: 'land' },
      'short name': { name: 'ab' },
      'no name': {},
    }),
    ...each('database of nobody', `${tenants}/someone/databases`, { new: { name: 'own' } }),
    get('databases', `${tenants}/birds/databases`),
    get('databases: page', `${tenants}/birds/databases?limit=1&offset=1`),
    get('databases: bad page', `${tenants}/birds/databases?limit=x`),
    get('database', `${tenants}/birds/databases/sea`),
    get('unknown database', `${tenants}/birds/databases/none`),
    { name: 'delete database', method: 'DELETE', path: `${tenants}/birds/databases/sea` },
    { name: 'delete unknown', method: 'DELETE', path: `${tenants}/birds/databases/sea` },
  ];
}

function collectionSteps(): readonly ChromaStep[] {
  const hnsw = (settings: object): object => ({ configuration: { hnsw: settings } });
  return [
    get('no collections', COLLECTIONS),
    create('plain'),
    create('plain-again', { name: 'plain' }),
    create('plain-got', { name: 'plain', get_or_create: true, metadata: { other: 1 } }),
    ...each('name', COLLECTIONS, {
      empty: { name: '' },
      short: { name: 'ab' },
      dots: { name: 'a..b' },
      'begins with a dash': { name: '-abc' },
      'ends with a dot': { name: 'abc.' },
      address: { name: '1.2.3.4' },
      space: { name: 'a b' },
      letter: { name: 'äbc' },
      long: { name: 'a'.repeat(513) },
      longest: { name: 'a'.repeat(512) },
      missing: {},
      number: { name: 5 },
    }),
    ...each('metadata', COLLECTIONS, {
      values: { name: 'md-values', metadata: { int: 1, float: 1.5, text: 'x', flag: true } },
      null: { name: 'md-null', metadata: null },
      empty: { name: 'md-empty', metadata: {} },
      'null value': { name: 'md-null-value', metadata: { a: null } },
      object: { name: 'md-object', metadata: { a: {} } },
      'mixed list': { name: 'md-mixed', metadata: { a: [1, 'x'] } },
      'not an object': { name: 'md-text', metadata: 'x' },
      'list of objects': { name: 'md-list', metadata: [] },
    }),
    ...each('configuration', COLLECTIONS, {
      empty: { name: 'cf-empty', configuration: {} },
      cosine: { name: 'cf-cosine', ...hnsw({ space: 'cosine' }) },
      all: {
        name: 'cf-all',
        ...hnsw({
          space: 'ip',
          ef_construction: 9,
          ef_search: 7,
          max_neighbors: 5,
          num_threads: 2,
          batch_size: 4,
          sync_threshold: 3,
          resize_factor: 2,
        }),
      },
      'unknown space': { name: 'cf-space', ...hnsw({ space: 'bad' }) },
      'unknown member': { name: 'cf-member', ...hnsw({ other: 1 }) },
      negative: { name: 'cf-negative', ...hnsw({ ef_search: -1 }) },
      fraction: { name: 'cf-fraction', ...hnsw({ ef_search: 1.5 }) },
      both: { name: 'cf-both', configuration: { hnsw: {}, spann: {} } },
      spann: { name: 'cf-spann', configuration: { spann: { space: 'cosine' } } },
      'other index': { name: 'cf-other', configuration: { other: 1 } },
      'legacy function': {
        name: 'cf-legacy',
        configuration: { embedding_function: { type: 'legacy' } },
      },
      'known function': {
        name: 'cf-known',
        configuration: { embedding_function: { type: 'known', name: 'x', config: { a: 1 } } },
      },
      'bad function': { name: 'cf-bad', configuration: { embedding_function: { type: 'bad' } } },
    }),
    ...each('legacy', COLLECTIONS, {
      space: { name: 'lg-space', metadata: { 'hnsw:space': 'cosine' } },
      all: {
        name: 'lg-all',
        metadata: {
          'hnsw:M': 5,
          'hnsw:construction_ef': 11,
          'hnsw:search_ef': 12,
          'hnsw:num_threads': 1,
          'hnsw:resize_factor': 3,
          'hnsw:sync_threshold': 5,
          'hnsw:batch_size': 5,
        },
      },
      'unknown space': { name: 'lg-bad', metadata: { 'hnsw:space': 'bad' } },
      'wrong type': { name: 'lg-type', metadata: { 'hnsw:M': 'x' } },
      'unknown key': { name: 'lg-key', metadata: { 'hnsw:foo': 1 } },
      'small threshold': { name: 'lg-small', metadata: { 'hnsw:sync_threshold': 1 } },
      'with configuration': {
        name: 'lg-both',
        metadata: { 'hnsw:space': 'cosine' },
        ...hnsw({ ef_search: 5 }),
      },
    }),
    get('collection by name', `${COLLECTIONS}/plain`),
    get('unknown collection', `${COLLECTIONS}/none`),
    get('collections of no database', '/api/v2/tenants/nobody/databases/none/collections'),
    get('count of no database', '/api/v2/tenants/nobody/databases/none/collections_count'),
    post('collection in no database', '/api/v2/tenants/nobody/databases/none/collections', {
      name: 'abc',
    }),
    get('collections: none', `${COLLECTIONS}?limit=0`),
    get('collections: bad page', `${COLLECTIONS}?limit=-1`),
    get('collections: count', `${DATABASE}/collections_count`),
    { name: 'delete unknown collection', method: 'DELETE', path: `${COLLECTIONS}/none` },
    { name: 'delete collection', method: 'DELETE', path: `${COLLECTIONS}/md-values` },
    get('deleted collection', `${COLLECTIONS}/md-values`),
    get('no id', `${COLLECTIONS}/none/count`),
    get('unknown id', `${COLLECTIONS}/7b4f9c68-7b5c-4ea6-8ab7-3a0d1a5f9b0e/count`),
    get('count', `${COLLECTIONS}/{plain}/count`),
    post('fork without a name', `${COLLECTIONS}/{plain}/fork`, {}),
    post('fork', `${COLLECTIONS}/{plain}/fork`, { new_name: 'forked' }),
  ];
}

function updateSteps(): readonly ChromaStep[] {
  const updates: Readonly<Record<string, unknown>> = {
    nothing: {},
    name: { new_name: 'changed-name' },
    'short name': { new_name: 'a' },
    'name of another type': { new_name: 5 },
    metadata: { new_metadata: { a: 1 } },
    'other metadata': { new_metadata: { b: 2 } },
    'no metadata': { new_metadata: {} },
    'null metadata': { new_metadata: null },
    'null values': { new_metadata: { b: null } },
    ef: { new_configuration: { hnsw: { ef_search: 7 } } },
    more: {
      new_configuration: { hnsw: { max_neighbors: 30, resize_factor: 4, sync_threshold: 9 } },
    },
    space: { new_configuration: { hnsw: { space: 'ip' } } },
    both: { new_configuration: { hnsw: {}, spann: {} } },
    function: { new_configuration: { embedding_function: { type: 'legacy' } } },
    other: { new_configuration: { other: 1 } },
  };
  return [
    create('changed'),
    create('taken'),
    ...Object.entries(updates).flatMap(([label, body]) => [
      { name: `update: ${label}`, method: 'PUT', path: `${COLLECTIONS}/{changed}`, body },
      get(`after ${label}`, `${COLLECTIONS}/${label === 'nothing' ? 'changed' : 'changed-name'}`),
    ]),
    {
      name: 'update: taken name',
      method: 'PUT',
      path: `${COLLECTIONS}/{changed}`,
      body: { new_name: 'taken' },
    },
    { name: 'update: no id', method: 'PUT', path: `${COLLECTIONS}/none`, body: {} },
  ];
}

function writeSteps(): readonly ChromaStep[] {
  const add = `${COLLECTIONS}/{written}/add`;
  const all = (name: string): ChromaStep =>
    post(name, `${COLLECTIONS}/{written}/get`, {
      include: ['embeddings', 'documents', 'metadatas', 'uris'],
    });
  return [
    create('broken'),
    ...each('broken', `${COLLECTIONS}/{broken}/add`, {
      'no embeddings': { ids: ['a'] },
      'no embeddings but null': { ids: ['a'], embeddings: null },
    }),
    create('written'),
    post('query of nothing', `${COLLECTIONS}/{written}/query`, { query_embeddings: [[1, 2, 3]] }),
    post('get of nothing', `${COLLECTIONS}/{written}/get`, {}),
    ...each('add', add, {
      nothing: {},
      'text as id': { ids: 'a', embeddings: [[1, 2, 3]] },
      'number as id': { ids: [1], embeddings: [[1, 2, 3]] },
      'empty id': { ids: [''], embeddings: [[1, 2, 3]] },
      'text in embedding': { ids: ['a'], embeddings: [[1, 2, 'x']] },
      'null in embedding': { ids: ['a'], embeddings: [[1, 2, null]] },
      'different dimensions': {
        ids: ['a', 'b'],
        embeddings: [
          [1, 2, 3],
          [1, 2],
        ],
      },
      'fewer embeddings': { ids: ['a', 'b'], embeddings: [[1, 2, 3]] },
      'more documents': { ids: ['a'], embeddings: [[1, 2, 3]], documents: ['x', 'y'] },
      'more metadata': { ids: ['a'], embeddings: [[1, 2, 3]], metadatas: [{ a: 1 }, { a: 1 }] },
      'null value': { ids: ['a'], embeddings: [[1, 2, 3]], metadatas: [{ a: null }] },
      'object as value': { ids: ['a'], embeddings: [[1, 2, 3]], metadatas: [{ a: { b: 1 } }] },
      'mixed list': { ids: ['a'], embeddings: [[1, 2, 3]], metadatas: [{ a: [1, 'x'] }] },
      'text as metadata': { ids: ['a'], embeddings: [[1, 2, 3]], metadatas: ['x'] },
      'number beyond floats': '{"ids":["a"],"embeddings":[[1,2,1e400]]}',
      'nothing at all': { ids: [], embeddings: [] },
      one: { ids: ['a'], embeddings: [[0.1, -2.5, 3]], documents: ['first'], uris: ['file:a'] },
      'other dimension': { ids: ['b'], embeddings: [[1, 2]] },
      'the same again': {
        ids: ['a', 'b'],
        embeddings: [
          [9, 9, 9],
          [4, 5, 6],
        ],
        documents: ['x', 'y'],
      },
      'an id twice': {
        ids: ['c', 'c'],
        embeddings: [
          [1, 2, 3],
          [4, 5, 6],
        ],
        documents: ['x', 'y'],
      },
      'kinds of numbers':
        '{"ids":["n"],"embeddings":[[1,2,3]],"metadatas":[{"max":9223372036854775807,"min":-9223372036854775808,"one":1,"float":1.0,"large":1e20}]}',
      'empty metadata and text': {
        ids: ['e'],
        embeddings: [[1, 2, 3]],
        metadatas: [{}],
        documents: [''],
      },
      'other member': { ids: ['o'], embeddings: [[1, 2, 3]], other: 1 },
    }),
    all('after adding'),
    get('dimension', `${COLLECTIONS}/written`),
    ...each('update records', `${COLLECTIONS}/{written}/update`, {
      nothing: {},
      'unknown id': { ids: ['unknown'] },
      embedding: { ids: ['a'], embeddings: [[5, 5, 5]] },
      'null embedding': { ids: ['a', 'b'], embeddings: [null, [6, 6, 6]] },
      metadata: { ids: ['a'], metadatas: [{ x: 1, y: 's' }] },
      'more metadata': { ids: ['a'], metadatas: [{ y: null, z: true }], documents: [null] },
      'an id twice': {
        ids: ['b', 'b'],
        documents: ['one', 'two'],
        metadatas: [{ p: 1 }, { q: 2 }],
      },
      'other dimension': { ids: ['a'], embeddings: [[5, 5]] },
      'text in embedding': { ids: ['a'], embeddings: [['x', 1, 2]] },
    }),
    all('after updating'),
    ...each('upsert', `${COLLECTIONS}/{written}/upsert`, {
      nothing: {},
      'null embedding': { ids: ['a'], embeddings: [null] },
      'old and new': {
        ids: ['a', 'new'],
        embeddings: [
          [7, 7, 7],
          [8, 8, 8],
        ],
        documents: ['changed', 'made'],
        metadatas: [{ x: 2 }, { gone: null, kept: 1 }],
      },
      'other dimension': { ids: ['a'], embeddings: [[5, 5]] },
    }),
    all('after upserting'),
    get('count of written', `${COLLECTIONS}/{written}/count`),
  ];
}

const RECORDS = {
  ids: ['a', 'b', 'c', 'd', 'e'],
  embeddings: [
    [1, 0],
    [0, 1],
    [1, 1],
    [2, 2],
    [-1, 0],
  ],
  documents: ['alpha beta', 'Beta', 'gamma', null, 'delta'],
  uris: ['u', null, null, null, null],
  metadatas: [
    { n: 1, f: 1.5, s: 'x', b: true },
    { n: 2, f: 2.5, s: 'y', b: false },
    { n: 3, f: 3.5 },
    null,
    { n: 'text' },
  ],
};

function readSteps(): readonly ChromaStep[] {
  const path = (operation: string): string => `${COLLECTIONS}/{read}/${operation}`;
  return [
    create('read'),
    post('fill', path('add'), RECORDS),
    ...each('get', path('get'), {
      everything: {},
      ids: { ids: ['c', 'a', 'unknown'] },
      'no ids': { ids: [] },
      'an id twice': { ids: ['a', 'a'], include: [] },
      page: { limit: 2, offset: 1, include: [] },
      'page of ids': { ids: ['c', 'a'], limit: 1, include: [] },
      'limit 0': { limit: 0, include: [] },
      'behind the end': { offset: 10, include: [] },
      fields: { include: ['uris', 'embeddings'] },
      distances: { include: ['distances'] },
      nulls: { ids: null, where: null, where_document: null, limit: null, offset: null },
      'negative limit': { limit: -1 },
      'half a limit': { limit: 1.5 },
      'text as limit': { limit: 'x' },
      'unknown field': { include: ['data'] },
      'text as include': { include: 'documents' },
      'broken off': '{"ids":["a"]',
      'no body': '',
      null: 'null',
      list: '[]',
    }),
    ...each('query', path('query'), {
      one: { query_embeddings: [[1, 0]] },
      none: { query_embeddings: [] },
      'no embeddings': {},
      two: {
        query_embeddings: [
          [1, 0],
          [0, 1],
        ],
        n_results: 2,
        include: [],
      },
      'no results': { query_embeddings: [[1, 0]], n_results: 0 },
      'many results': {
        query_embeddings: [[1, 0]],
        n_results: 100,
        include: ['distances', 'embeddings', 'uris'],
      },
      negative: { query_embeddings: [[1, 0]], n_results: -1 },
      'other dimension': { query_embeddings: [[1, 0, 0]] },
      'different dimensions': {
        query_embeddings: [
          [1, 0],
          [1, 0, 0],
        ],
      },
      'empty embedding': { query_embeddings: [[]] },
      'text in embedding': { query_embeddings: [['x']] },
      ids: { query_embeddings: [[1, 0]], ids: ['b', 'c'], include: ['distances'] },
      'unknown id': { query_embeddings: [[1, 0]], ids: ['b', 'unknown'], include: ['distances'] },
      'no ids': { query_embeddings: [[1, 0]], ids: [], include: ['distances'] },
      filter: { query_embeddings: [[1, 0]], where: { n: { $gt: 1 } }, include: ['distances'] },
      'filter of nothing': { query_embeddings: [[1, 0]], where: { n: 99 }, include: ['distances'] },
      'document filter': {
        query_embeddings: [[1, 0]],
        where_document: { $contains: 'eta' },
        include: [],
      },
      'unknown field': { query_embeddings: [[1, 0]], include: ['data'] },
    }),
  ];
}

function filterSteps(): readonly ChromaStep[] {
  const path = `${COLLECTIONS}/{read}/get`;
  const where = (filters: readonly unknown[]): readonly ChromaStep[] =>
    filters.map((filter) =>
      post(`where ${JSON.stringify(filter)}`, path, { where: filter, include: [] }),
    );
  const document = (filters: readonly unknown[]): readonly ChromaStep[] =>
    filters.map((filter) =>
      post(`document ${JSON.stringify(filter)}`, path, { where_document: filter, include: [] }),
    );
  return [
    ...where([
      {},
      null,
      'x',
      [],
      { n: 1 },
      { n: 1, s: 'x' },
      { n: {} },
      { n: { $eq: 1 } },
      { n: { $eq: 1, $ne: 2 } },
      { n: { $foo: 1 } },
      { n: { $gt: 1 } },
      { n: { $gt: 'x' } },
      { n: { $gt: 1.5 } },
      { n: { $gte: 2 } },
      { n: { $gte: 1.5 } },
      { n: { $lt: 2 } },
      { n: { $lte: 2 } },
      { f: { $gt: 1 } },
      { f: { $gte: 2.5 } },
      { f: { $lt: 2.6 } },
      { n: { $ne: 1 } },
      { missing: { $ne: 1 } },
      { n: { $in: [1, 2] } },
      { n: { $in: [] } },
      { n: { $in: [1, 'x'] } },
      { n: { $in: [1, 2.5] } },
      { n: { $nin: [1] } },
      { s: { $in: ['x', 'z'] } },
      { s: { $nin: ['x'] } },
      { n: null },
      { n: [1] },
      { n: { $eq: null } },
      { b: true },
      { b: { $ne: true } },
      { b: { $gt: true } },
      { $and: [] },
      { $or: [] },
      { $and: [{ n: 1 }] },
      { $and: [{ n: 1 }, { s: 'x' }] },
      { $or: [{ n: 1 }, { n: 2 }] },
      { $and: { n: 1 } },
      { $not: [{ n: 1 }] },
      { $or: [{ $and: [{ n: { $gte: 1 } }, { b: false }] }, { n: 'text' }] },
      { '#document': { $contains: 'a' } },
      { '#document': { $regex: '^a' } },
      { '#id': 'a' },
      { n: { $contains: 1 } },
      { n: { $not_contains: 1 } },
      { s: { $regex: 'x' } },
    ]),
    ...document([
      {},
      null,
      { $contains: 'eta' },
      { $contains: 'ETA' },
      { $not_contains: 'eta' },
      { $contains: 1 },
      { $and: [{ $contains: 'a' }, { $contains: 'b' }] },
      { $or: [{ $contains: 'alpha' }, { $contains: 'gamma' }] },
      { $and: [] },
      { $foo: 'x' },
      { $contains: 'a', $not_contains: 'b' },
      'x',
      { $regex: '^[aB]' },
      { $not_regex: '^[aB]' },
      { $regex: '(?i)beta' },
      { $regex: '(' },
      { $regex: '(?=a)' },
    ]),
  ];
}

function distanceSteps(): readonly ChromaStep[] {
  // No two of them are equally far from a query, so that nobody has to choose.
  const embeddings = Array.from({ length: 40 }, (_, row) => [
    Math.fround(Math.sin(row + 1)),
    Math.fround(Math.cos(2 * row + 1)),
    Math.fround(Math.sin(3 * row + 2)),
  ]);
  const ids = embeddings.map((_, row) => `row-${row}`);
  return (['l2', 'cosine', 'ip'] as const).flatMap((space) => [
    create(`space-${space}`, { configuration: { hnsw: { space } } }),
    post(`fill ${space}`, `${COLLECTIONS}/{space-${space}}/add`, { ids, embeddings }),
    post(`distances ${space}`, `${COLLECTIONS}/{space-${space}}/query`, {
      query_embeddings: [
        [0.5, 0.25, -0.125],
        [-1, 0.5, 2],
      ],
      n_results: 15,
      include: ['distances'],
    }),
  ]);
}

function deleteSteps(): readonly ChromaStep[] {
  const path = `${COLLECTIONS}/{deleted}/delete`;
  const left = (name: string): ChromaStep =>
    post(name, `${COLLECTIONS}/{deleted}/get`, { include: [] });
  return [
    create('deleted'),
    post('fill deleted', `${COLLECTIONS}/{deleted}/add`, RECORDS),
    ...each('delete', path, {
      nothing: {},
      'no ids': { ids: [] },
      'unknown id': { ids: ['unknown'] },
      'bad filter': { where: {} },
      'filter of nothing': { where: { n: 99 } },
      'id that does not match': { ids: ['d'], where: { n: 1 } },
    }),
    left('left at first'),
    ...each('delete', path, {
      id: { ids: ['e'] },
      filter: { where: { n: { $gt: 2 } } },
      'document filter': { where_document: { $contains: 'alpha' } },
    }),
    left('left at last'),
    get('count of left', `${COLLECTIONS}/{deleted}/count`),
  ];
}
