import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { openVectorDatabase, VectorStore } from '@lucerna/sdk';
import { DEFAULT_DATABASE } from '@lucerna/vector';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runHere } from '../support/cli-here.ts';
import { makeTemporaryDirectory } from '../support/temporary-directory.ts';
import { waitUntil } from '../support/wait-until.ts';

const entryFile = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url));
const directory = makeTemporaryDirectory();
const home = process.cwd();
beforeAll(() => process.chdir(directory.path));
afterAll(() => {
  process.chdir(home);
  directory.remove();
});
const file = (name: string): string => join(directory.path, name);

type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** Runs a line of a shell with `lucerna vector` as `vector`. */
function shell(line: string): Promise<Ended> {
  const script = `vector() { "$NODE" "$ENTRY" vector "$@"; }; ${line}`;
  const env = { ...process.env, NODE: process.execPath, ENTRY: entryFile };
  return new Promise((resolve) => {
    execFile('bash', ['-c', script], { cwd: directory.path, env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

/** What a command that succeeds prints in one line of JSON. */
async function result<T>(line: string): Promise<T> {
  const { code, stdout, stderr } = await runHere(`${line} --json`);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  return JSON.parse(stdout);
}

/** The code of the error that a command ends with. */
async function failure(line: string, exitCode = 1): Promise<string> {
  const { code, stdout, stderr } = await runHere(`${line} --json`);
  expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' });
  return JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '').error.code;
}

const COUNT = 1_500;
const DIMENSION = 12;
const lines = Array.from({ length: COUNT }, (_, row) =>
  JSON.stringify({
    id: `r${row}`,
    embedding: Array.from({ length: DIMENSION }, (_, column) => Math.sin(row * 31 + column ** 3)),
    document: `text of ${row}`,
    metadata: { row, half: row / 2 + 0.25, odd: row % 2 === 1, deep: { row } },
  }),
);

beforeAll(async () => {
  writeFileSync(file('in.jsonl'), `${lines.join('\n')}\n`);
  expect(await result('vector import in.jsonl --path db --model m --metric l2')).toEqual({
    path: 'db',
    collection: 'vectors',
    rows: COUNT,
    added: COUNT,
    updated: 0,
    skipped: 0,
    records: COUNT,
    dimension: DIMENSION,
  });
});

describe('export and import', () => {
  test.each(['jsonl', 'parquet', 'arrow'])('carry everything in %s', async (format) => {
    expect(await result(`vector export all.${format} --path db`)).toMatchObject({
      format,
      records: COUNT,
      dimension: DIMENSION,
      bytes: readFileSync(file(`all.${format}`)).length,
    });
    await result(`vector import all.${format} --path copies -c ${format}`);
    await shell(
      `vector export - --format jsonl --path copies -c ${format} > again.${format}.jsonl`,
    );
    const { stdout } = await runHere('vector export - --format jsonl --path db');
    expect(readFileSync(file(`again.${format}.jsonl`), 'utf8')).toBe(stdout);
  });

  test('carry everything in .npy with its records', async () => {
    await result('vector export all.npy --records all.records.jsonl --path db');
    await result('vector import all.npy --records all.records.jsonl --path copies -c npy');
    const { stdout } = await runHere('vector export - --format jsonl --path copies -c npy');
    const original = await runHere('vector export - --format jsonl --path db');
    expect(stdout).toBe(original.stdout);
    await result('vector import all.npy --row-ids row- --path copies -c numbered');
    await using store = await VectorStore.open(file('copies'), { collection: 'numbered' });
    expect(store.getAllIds().slice(0, 2)).toEqual(['row-0', 'row-1']);
    expect(store.count()).toBe(COUNT);
  });

  test('go through pipes and gzip', async () => {
    const line =
      'vector export - --format jsonl --path db | gzip | vector import - --format jsonl --path piped --json';
    const { code, stdout } = await shell(line);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ rows: COUNT, added: COUNT });
    writeFileSync(file('packed.jsonl.gz'), gzipSync(lines.slice(0, 3).join('\n')));
    expect(
      await result('vector import packed.jsonl.gz --path piped --existing skip'),
    ).toMatchObject({
      added: 0,
      skipped: 3,
    });
    await shell('vector export - --format jsonl --path db | gzip > out.gz');
    expect(
      gunzipSync(readFileSync(file('out.gz')))
        .toString()
        .split('\n'),
    ).toHaveLength(COUNT + 1);
  });

  test('take what a filter leaves', async () => {
    const where = `'{"$and": [{"odd": true}, {"row": {"$lt": 10}}]}'`;
    expect(await result(`vector export odd.jsonl --path db --where ${where}`)).toMatchObject({
      records: 5,
    });
    const document = `'{"$contains": "149"}'`;
    const some = `vector export some.jsonl --path db --where-document ${document}`;
    expect(await result(some)).toMatchObject({
      records: lines.filter((line) => /of \d*149\d*"/.test(line)).length,
    });
  });

  test('keep what was there', async () => {
    writeFileSync(file('there.jsonl'), 'mine');
    expect(await failure('vector export there.jsonl --path db')).toBe('OUTPUT_EXISTS');
    expect(readFileSync(file('there.jsonl'), 'utf8')).toBe('mine');
    await result('vector export there.jsonl --path db --force');
    expect(readFileSync(file('there.jsonl'), 'utf8').split('\n')).toHaveLength(COUNT + 1);
    expect(await failure('vector export none.jsonl --path db -c none')).toBe('COLLECTION_UNKNOWN');
    expect(existsSync(file('none.jsonl'))).toBe(false);
  });

  test('change records that are there only when asked to', async () => {
    writeFileSync(file('a.jsonl'), '{"id": "a", "embedding": [1, 0], "metadata": {"x": 1}}\n');
    writeFileSync(file('b.jsonl'), '{"id": "a", "embedding": [0, 1], "metadata": {"y": 2}}\n');
    await result('vector import a.jsonl --path changed');
    expect(await failure('vector import b.jsonl --path changed')).toBe('ID_EXISTS');
    const skipped = await result('vector import b.jsonl --path changed --existing skip');
    expect(skipped).toMatchObject({ added: 0, updated: 0, skipped: 1, records: 1 });
    const updated = await result('vector import b.jsonl --path changed --existing update');
    expect(updated).toMatchObject({ added: 0, updated: 1, skipped: 0, records: 1 });
    await using store = await VectorStore.open(file('changed'));
    expect(store.get('a')).toEqual({ x: 1, y: 2 });
    expect(store.collection.embedding('a')).toEqual(Float32Array.of(0, 1));
  });

  test('map the columns of others, and make the name space that is wanted', async () => {
    writeFileSync(
      file('others.jsonl'),
      '{"_id": 7, "vector": "AACAPwAAAAA=", "text": "east", "url": "http://x", "info": {"a": 1}, "b": 2.0}\n',
    );
    const columns =
      '--id-column _id --embedding-column vector --document-column text --uri-column url --metadata-column info';
    await result(
      `vector import others.jsonl ${columns} --path others --tenant t --database base -c col`,
    );
    const database = await openVectorDatabase(file('others'), { access: 'read' });
    const collection = database.findCollection({ tenant: 't', database: 'base' }, 'col');
    expect(collection?.get()).toMatchObject([
      {
        id: '7',
        document: 'east',
        uri: 'http://x',
        metadata: new Map<string, unknown>([
          ['b', 2],
          ['a', 1n],
        ]),
      },
    ]);
    expect(collection?.embedding('7')).toEqual(Float32Array.of(1, 0));
    expect(database.collections(DEFAULT_DATABASE)).toEqual([]);
    await database.close();
  });
});

describe('an import that fails', () => {
  test.each([
    ['vector import missing.jsonl --path db', 'INPUT_UNREADABLE'],
    ['vector import in.jsonl --format npy --path db', 'FILE_MALFORMED'],
    ['vector import in.jsonl --metric cosine --path db', 'STORE_OPTION_DIFFERS'],
    ['vector import in.jsonl --normalised --existing skip --path db', 'STORE_OPTION_DIFFERS'],
    ['vector import in.jsonl --id-column none -c new --path db', 'ROW_INVALID'],
    ['vector import in.jsonl --model other --path db', 'EMBEDDING_MODEL_MISMATCH'],
    ['vector import in.jsonl --embedding-column vector --path db', 'ROW_INVALID'],
    ['vector import all.parquet --embedding-column vector --path db', 'COLUMN_UNKNOWN'],
    ['vector import in.txt --path db', 'FILE_FORMAT_UNKNOWN'],
  ])('%s says %s and changes nothing', async (line, code) => {
    expect(await failure(line)).toBe(code);
    expect(await result('vector stats --path db')).toMatchObject({
      collections: [{ records: COUNT }],
    });
  });

  test('half-way says where, and what is there', async () => {
    writeFileSync(file('half.jsonl'), [...lines.slice(0, 1_200), '{"id": "bad"}'].join('\n'));
    const { code, stderr } = await runHere('vector import half.jsonl --path half');
    expect(code).toBe(1);
    expect(stderr).toContain('the 1,000 rows before are imported');
    expect(stderr).toMatch(/line 1201: there is no embedding \[ROW_INVALID\]\n/);
    expect(await result('vector stats --path half')).toMatchObject({
      collections: [{ records: 1_000 }],
    });
    writeFileSync(file('half.jsonl'), lines.slice(0, 1_200).join('\n'));
    expect(await result('vector import half.jsonl --path half --existing skip')).toMatchObject({
      added: 200,
      skipped: 1_000,
    });
  });

  test('that is stopped says how to go on, and that goes on', async () => {
    const args = [entryFile, 'vector', 'import', '-', '--format', 'jsonl', '--path', 'stopped'];
    const child = spawn(process.execPath, args, { cwd: directory.path });
    let stderr = '';
    child.stderr.on('data', (text: Buffer) => {
      stderr += text.toString();
    });
    const ended = once(child, 'close');
    // Nothing ends at the first signal but at a batch of which it has come before.
    child.stdin.write(`${lines.slice(0, 1_000).join('\n')}\n`);
    const imported = async (): Promise<true | undefined> => {
      const { code, stdout } = await runHere('vector stats --path stopped --json');
      return code === 0 && stdout.includes('"records":1000') ? true : undefined;
    };
    await waitUntil('the first batch is imported', imported);
    child.kill('SIGINT');
    await waitUntil('the signal has come', () => stderr.includes('Stopping') || undefined);
    child.stdin.end(lines.slice(1_000).join('\n'));
    expect(await ended).toEqual([130, null]);
    expect(stderr).toContain('[IMPORT_INTERRUPTED]');
    expect(stderr).toContain('--existing skip');
    expect(await failure('vector import in.jsonl --path stopped')).toBe('ID_EXISTS');
    expect(await result('vector import in.jsonl --path stopped --existing skip')).toMatchObject({
      added: COUNT - 1_000,
      skipped: 1_000,
      records: COUNT,
    });
  });

  test.each([
    ['vector import in.jsonl --existing perhaps', 2],
    ['vector import', 2],
    ['vector import in.jsonl --records in.jsonl', 2],
    ['vector query', 2],
    ["vector query '[1]' --id a", 2],
    ['vector export in.parquet --records x.jsonl', 2],
    ['vector query --id a -k ten', 2],
    ['vector nothing', 2],
  ])('%s is not understood', async (line, exitCode) => {
    const { code, stdout } = await runHere(line);
    expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' });
  });
});

describe('query', () => {
  type Answer = { readonly results: readonly { readonly id: string; readonly score: number }[] };

  test('finds by a record, by an embedding, and by a file of them', async () => {
    const byId = await result<Answer>('vector query --id r7 -k 3 --path db');
    expect(byId.results).toHaveLength(3);
    expect(byId.results[0]).toEqual({
      id: 'r7',
      score: 1,
      distance: 0,
      document: 'text of 7',
      metadata: { row: 7, half: 3.75, odd: true },
      payload: '{"row":7,"half":3.75,"odd":true,"deep":{"row":7}}',
    });
    const embedding = JSON.stringify(JSON.parse(lines[7] ?? '').embedding);
    expect(await result(`vector query '${embedding}' -k 3 --path db`)).toEqual(byId);
    const piped = await shell(`echo '${embedding}' | vector query - -k 3 --path db --json`);
    expect(JSON.parse(piped.stdout)).toEqual(byId);
    writeFileSync(file('queries.jsonl'), lines.slice(7, 9).join('\n'));
    const { stdout } = await runHere('vector query --file queries.jsonl -k 3 --path db --json');
    const answers = stdout
      .trimEnd()
      .split('\n')
      .map((line): Answer => JSON.parse(line));
    expect(answers.map(({ results }) => results[0]?.id)).toEqual(['r7', 'r8']);
    expect(answers[0]).toEqual(byId);
  });

  test('filters, and says when nothing fits', async () => {
    const where = `--where '{"row": {"$gte": 1495}}'`;
    const { results } = await result<Answer>(`vector query --id r7 -k 100 ${where} --path db`);
    expect(results.map(({ id }) => id).sort()).toEqual([
      'r1495',
      'r1496',
      'r1497',
      'r1498',
      'r1499',
    ]);
    const none = await runHere(`vector query --id r7 --where '{"row": -1}' --path db`);
    expect(none).toEqual({ code: 0, stdout: 'No record fits.\n', stderr: '' });
  });

  test('prints for people one line each', async () => {
    const { stdout } = await runHere('vector query --id r7 -k 2 --path db');
    const [head, first, second, ...more] = stdout.trimEnd().split('\n');
    expect(head).toMatch(/^id +score +distance$/);
    expect(first).toMatch(
      /^r7 +1\.0000 +0\.0000 {2}text of 7 {2}\{"row":7,"half":3\.75,"odd":true\}$/,
    );
    expect(second).toBeDefined();
    expect(more).toEqual([]);
  });

  test.each([
    ["vector query '[1, 2]' --path db", 'DIMENSION_MISMATCH'],
    [`vector query '["a"]' --path db`, 'ARGUMENT_INVALID'],
    ["vector query '[1' --path db", 'JSON_INVALID'],
    ['vector query --id nobody --path db', 'RECORD_UNKNOWN'],
    ['vector query --id r7 --where \'{"$not": 1}\' --path db', 'FILTER_INVALID'],
    ['vector query --id r7 --where-document \'{"$regex": "("}\' --path db', 'REGEX_INVALID'],
    ['vector query --id r7 --model other --path db', 'EMBEDDING_MODEL_MISMATCH'],
    ['vector query --id r7 -k 0 --path db', 'VECTOR_ARGUMENT_INVALID'],
    ['vector query --id r7 -c other --path db', 'COLLECTION_UNKNOWN'],
    ['vector query --id r7 --path nowhere', 'VECTOR_FOLDER_MISSING'],
  ])('%s says %s', async (line, code) => {
    expect(await failure(line)).toBe(code);
    expect(existsSync(file('nowhere'))).toBe(false);
  });
});

describe('stats and verify', () => {
  test('count, measure and check', async () => {
    expect(await result('vector stats --path db')).toMatchObject({
      path: 'db',
      collections: [
        {
          name: 'vectors',
          records: COUNT,
          dimension: DIMENSION,
          metric: 'l2',
          mode: 'auto',
          model: 'm',
        },
      ],
    });
    expect(await result('vector verify --path db --queries 20')).toEqual({
      path: 'db',
      collections: [
        { name: 'vectors', records: COUNT, dimension: DIMENSION, queries: 20, recall: 1 },
      ],
    });
    expect((await runHere('vector stats --path db')).stdout).toMatch(
      /^collection .*\nvectors +1,500 +12 /,
    );
    expect((await runHere('vector verify --path db')).stdout).toContain('Intact');
  });

  test('work beside a writer, which keeps others from writing', async () => {
    await using store = await VectorStore.open(file('shared'));
    await store.add(['a'], [[1, 2]]);
    expect(await result('vector verify --path shared')).toMatchObject({
      collections: [{ records: 1 }],
    });
    expect(await failure('vector import in.jsonl --path shared')).toBe('VECTOR_FOLDER_IN_USE');
  });

  test('find damage, of which the rest can be saved', async () => {
    const path = file('damaged');
    const store = await VectorStore.open(path);
    for (const id of ['a', 'b', 'c']) await store.add([id], [[1, 2]], [`{"id": "${id}"}`]);
    await store.close();
    let damages = 0;
    for (const name of readdirSync(join(path, 'logs'))) {
      const bytes = readFileSync(join(path, 'logs', name));
      const at = bytes.indexOf('{"id": "b"}');
      if (at < 0) continue;
      bytes[at + 8] = 0x78;
      writeFileSync(join(path, 'logs', name), bytes);
      damages += 1;
    }
    expect(damages).toBe(1);
    const code = await failure('vector verify --path damaged');
    expect(code).toBe('VECTOR_LOG_CORRUPT');
    expect(await failure('vector export saved.jsonl --path damaged')).toBe(code);
    expect(existsSync(file('saved.jsonl'))).toBe(false);
    const { code: exitCode, stderr } = await runHere(
      'vector export saved.jsonl --path damaged --salvage',
    );
    expect(exitCode).toBe(3);
    expect(stderr).toContain('what was changed behind the damage is missing');
    expect(stderr).toContain('[EXPORT_INCOMPLETE]');
    const saved = readFileSync(file('saved.jsonl'), 'utf8');
    expect(saved).toContain('"id":"a"');
    expect(saved.split('\n')).toHaveLength(2);
  });

  test('find a damaged snapshot, of which the rest can be saved', async () => {
    // Embeddings of more than a chunk: one is trusted as a whole, or not at all.
    const wide = Array.from({ length: 1_000 }, (_, row) =>
      JSON.stringify({
        id: `w${row}`,
        embedding: Array.from({ length: 640 }, (_, column) => row + column / 1_024),
        document: `text of ${row}`,
      }),
    );
    writeFileSync(file('wide.jsonl'), wide.join('\n'));
    await result('vector import wide.jsonl --path snapped --metric l2');
    const folder = join(file('snapped'), 'blobs');
    const name = readdirSync(folder).find((each) => !each.startsWith('catalog')) ?? '';
    const whole = readFileSync(join(folder, name));
    // In the embeddings, which come behind the records.
    const cut = whole.subarray(0, whole.indexOf('LIDX') + 1_500_000);
    writeFileSync(join(folder, name), cut);
    expect(await failure('vector export part.jsonl --path snapped')).toBe(
      'VECTOR_SNAPSHOT_CORRUPT',
    );
    const { code, stdout, stderr } = await runHere(
      'vector export part.jsonl --path snapped --salvage --json',
    );
    expect(code).toBe(3);
    const { records } = JSON.parse(stdout);
    const { error } = JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '');
    expect(error.code).toBe('EXPORT_INCOMPLETE');
    expect(error.fields).toMatchObject({ missing: wide.length - records, incomplete: 0 });
    expect(records).toBeGreaterThan(400);
    await result('vector import part.jsonl --path parts --metric l2');
    await result('vector export again.jsonl --path parts');
    const saved = readFileSync(file('part.jsonl'), 'utf8');
    expect(readFileSync(file('again.jsonl'), 'utf8')).toBe(saved);
    expect(saved.trimEnd().split('\n')).toHaveLength(records);
    // What can be rebuilt, such as the graph, is no loss.
    writeFileSync(join(folder, name), whole.subarray(0, whole.length - 32));
    const { code: wholeCode } = await runHere('vector export whole.jsonl --path snapped --salvage');
    expect(wholeCode).toBe(0);
    expect(readFileSync(file('whole.jsonl'), 'utf8').trimEnd().split('\n')).toHaveLength(
      wide.length,
    );
  });
});
