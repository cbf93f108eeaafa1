import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from '../support/browser/chromium.ts';
import { hasOldNode, PackedArtefact, RESOLUTION_WAYS } from '../support/packed-artefact.ts';

const chromium = findChromium();
if (chromium === undefined) {
  console.log('no Chrome or Chromium is installed: the build is not tried in a browser');
}

let packed: PackedArtefact;

beforeAll(async () => {
  packed = await PackedArtefact.make('q64');
}, 120_000);

afterAll(() => packed?.remove());

/** Something of each part of the package, on every platform. */
const COMMON = `
  const bytes = Uint8Array.from({ length: 100_000 }, (_, index) => (index * 167 + (index >> 8)) & 255);
  const text = q64.encodeQ64(bytes);
  const pieces = [];
  const stream = new Blob([bytes]).stream().pipeThrough(q64.createQ64EncoderStream({ chunkSize: 999 }));
  for await (const piece of stream) pieces.push(new TextDecoder().decode(piece));
  const batches = [];
  for await (const batch of new q64.BatchProcessor({ chunkSize: 2 }).process([bytes, bytes, bytes])) {
    batches.push(batch.length);
  }
  let code;
  try {
    q64.decodeQ64('AQgx?');
  } catch (error) {
    if (q64.isLucernaError(error) && error instanceof q64.LucernaError) code = error.code;
  }
  const result = {
    roundTrip: q64.decodeQ64(text).every((byte, index) => byte === bytes[index]),
    stream: pieces.join('') === text,
    batches,
    hash: q64.encodeShq64(Uint8Array.of(10, 20, 30, 40, 50)),
    python: q64.encodeShq64(Uint8Array.of(10, 20, 30, 40, 50), { generator: 'pcg64' }),
    code,
  };
`;

const EXPECTED = {
  roundTrip: true,
  stream: true,
  batches: [2, 1],
  hash: 'Bai8GaqzGap9JUtw',
  python: 'NYi6LWm-CRm7JZvx',
  code: 'Q64_LENGTH_ODD',
};

const NODE_PROGRAM = `
  import { Readable } from 'node:stream';
  import * as q64 from '@lucerna/q64';
  ${COMMON}
  const encoded = await Readable.from([bytes]).pipe(q64.q64EncodeStream()).toArray();
  const decoded = await Readable.from([text]).pipe(q64.q64DecodeStream()).toArray();
  result.nodeStreams =
    Buffer.concat(encoded).toString() === text && Buffer.compare(Buffer.concat(decoded), bytes) === 0;
  console.log(JSON.stringify(result));
`;

async function runProgram(node: string): Promise<unknown> {
  const { stdout, stderr } = await packed.run(node, NODE_PROGRAM);
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

describe('the packed build of q64', () => {
  it('is smaller than 60 kB and has no dependencies', async () => {
    const bytes = await packed.packedBytes();
    expect(bytes).toBeLessThan(60_000);
    // What the build says before anything is packed.
    expect(Math.abs(packed.built.packedBytes / bytes - 1)).toBeLessThan(0.1);
    expect(await packed.installed()).toEqual(['q64']);
    const manifest = JSON.parse(await packed.file('q64', 'package.json'));
    expect(manifest).toMatchObject({ name: '@lucerna/q64', license: 'Apache-2.0' });
    expect(manifest).not.toHaveProperty('dependencies');
    expect(manifest).not.toHaveProperty('scripts');
  });

  it('runs under the pinned Node.js', async () => {
    expect(await runProgram(process.execPath)).toEqual({ ...EXPECTED, nodeStreams: true });
  });

  it.skipIf(!hasOldNode)(
    'runs under Node.js 22',
    async () => {
      expect(await runProgram(await packed.oldNode())).toEqual({ ...EXPECTED, nodeStreams: true });
    },
    300_000,
  );

  it('has examples that print what they say', async () => {
    const readme = await packed.file('q64', 'README.md');
    const examples = [...readme.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code = '']) => code);
    expect(examples).toHaveLength(3);
    for (const code of examples) {
      const said = [...code.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)].map(([, line]) => line);
      expect(said).not.toEqual([]);
      const { stdout, stderr } = await packed.run(process.execPath, code);
      expect({ stdout, stderr }).toEqual({ stdout: `${said.join('\n')}\n`, stderr: '' });
    }
  });

  it.each(RESOLUTION_WAYS)('has types for module resolution $moduleResolution', async (way) => {
    expect(await packed.typeErrors(TYPED_PROGRAM, way)).toBe('');
  });

  it.skipIf(chromium === undefined)('runs in Chromium', async () => {
    const program = `import * as q64 from '/browser.js';\n${COMMON}\nglobalThis.result = result;`;
    expect(await packed.runInBrowser(chromium as string, program)).toEqual(EXPECTED);
  });
});

const TYPED_PROGRAM = `
  import {
    BatchProcessor,
    type ByteSource,
    decodeQ64,
    encodeQ64,
    encodeShq64,
    type Q64Problem,
    Q64Stats,
    Q64StreamEncoder,
    validateQ64,
  } from '@lucerna/q64';

  const source: ByteSource = new Float32Array([1, 2]);
  const text: string = encodeQ64(source, { stats: new Q64Stats() });
  const bytes: Uint8Array = decodeQ64(text);
  const problem: Q64Problem | undefined = validateQ64(text);
  const chunk: Uint8Array = new Q64StreamEncoder({ chunkSize: 8 }).encodeChunk(bytes);
  const processor: BatchProcessor = new BatchProcessor({ chunkSize: 10 });
  // @ts-expect-error there is no such generator
  encodeShq64(bytes, { generator: 'mt19937' });
  export { chunk, problem, processor };
`;
