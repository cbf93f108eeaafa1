import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ChromaPeer, type ChromaProcess, findChroma, startChroma } from '../support/chroma.ts';
import { startVectorServer } from '../support/vector-server.ts';
import { type Comparison, compare, type PlayedStep, playScript } from './chroma-compare.ts';
import { CHROMA_DEPARTURES } from './chroma-departures.ts';
import { withDepartures } from './chroma-guide.ts';
import { chromaScript } from './chroma-script.ts';

const MINIMUM_STEPS = 250;
const guideFile = fileURLToPath(
  new URL('../../docs/guides/coming-from-chroma.md', import.meta.url),
);
const peer: ChromaPeer | undefined = findChroma();
const chroma: ChromaProcess | undefined = await startPeer();

async function startPeer(): Promise<ChromaProcess | undefined> {
  let reason = 'no Chroma server in bench/peers (npm run bench -- vector installs it)';
  try {
    if (peer !== undefined) return await startChroma(peer);
  } catch (error) {
    reason = `the Chroma server cannot start: ${error instanceof Error ? error.message : error}`;
  }
  process.stdout.write(`differential: ${reason}, nothing is compared\n`);
  return undefined;
}

describe.skipIf(chroma === undefined)('a script of requests', () => {
  let theirSteps: readonly PlayedStep[];
  let ourSteps: readonly PlayedStep[];
  beforeAll(async () => {
    const script = chromaScript();
    const ours = await startVectorServer();
    ourSteps = await playScript(script, ours.endpoint);
    await ours.close();
    theirSteps = await playScript(script, chroma?.endpoint ?? '');
  });
  afterAll(async () => {
    await chroma?.close();
  });

  const comparisons = (): readonly (Comparison & { readonly name: string })[] =>
    ourSteps.map((step, index) => ({
      name: step.name,
      ...compare(step, theirSteps[index] as PlayedStep),
    }));

  /** The program is that of 3.0.0; what runs already is newer. */
  const departures = CHROMA_DEPARTURES.filter(
    ({ server }) => server === undefined || (server === '3.0.0') === (peer?.kind === 'program'),
  );

  test('is answered as Chroma answers it, but for the listed departures', () => {
    expect(ourSteps.length).toBeGreaterThan(MINIMUM_STEPS);
    expect(new Set(ourSteps.map(({ name }) => name)).size).toBe(ourSteps.length);
    const unexplained = comparisons().filter(
      ({ name, isEqual }) => !isEqual && !departures.some(({ steps }) => steps?.test(name)),
    );
    expect(unexplained).toEqual([]);
  });

  test('shows every departure that says which steps show it', () => {
    const different = comparisons().filter(({ isEqual }) => !isEqual);
    const unused = departures.filter(
      ({ steps }) => steps !== undefined && !different.some(({ name }) => steps.test(name)),
    );
    expect(unused.map(({ subject }) => subject)).toEqual([]);
  });
});

test('the guide lists every departure', async () => {
  const guide = await readFile(guideFile, 'utf8');
  // To write the list anew: run this test with -u.
  await expect(withDepartures(guide)).toMatchFileSnapshot(guideFile);
});
