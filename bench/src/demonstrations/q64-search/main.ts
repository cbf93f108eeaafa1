// What codes find among real embeddings, and what else pieces of their texts match. Prints the tables and
// puts them, with plots, into docs/guides:
//
//   node tools/bootstrap.mjs dev bench/src/demonstrations/q64-search/main.ts [--quick] [--to FOLDER]
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { encodeQ64 } from '@lucerna/q64';
import { type FragmentMatches, matchFragments, type Writing } from './fragments.ts';
import { formatTable, replaceBlock } from './guide.ts';
import { drawPlot } from './plot.ts';
import { hashAll, measureRecall, measureTokens } from './recall.ts';
import { fragmentPlot, fragmentTable, recallPlot, recallTable, tokenTable } from './results.ts';
import { makeSubject, type Subject } from './subject.ts';

const GUIDE = 'q64-search.md';
const guides = fileURLToPath(new URL('../../../../docs/guides', import.meta.url));

const FULL = { rows: 100_000, queries: 200, texts: 20_000, pieces: 1_000 };
const QUICK = { rows: 2_000, queries: 10, texts: 200, pieces: 100 };

const CHARACTERS: readonly number[] = [4, 6, 8, 12, 16];

function matchAll({ rows }: Subject, sizes: typeof FULL): readonly FragmentMatches[] {
  const bytes = rows.slice(0, sizes.texts);
  const writings: readonly Writing[] = [
    { name: 'q64', texts: bytes.map((row) => encodeQ64(row)) },
    { name: 'base64', texts: bytes.map((row) => Buffer.from(row).toString('base64')) },
  ];
  return writings.flatMap((writing) =>
    [true, false].flatMap((aligned) =>
      CHARACTERS.map((characters) =>
        matchFragments(writing, { characters, aligned, pieces: sizes.pieces }),
      ),
    ),
  );
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      to: { type: 'string', default: guides },
    },
  });
  const sizes = values.quick ? QUICK : FULL;
  const subject = await makeSubject({ ...sizes, quick: values.quick });
  const hashes = hashAll(subject);
  const recall = measureRecall(subject, hashes);
  const tokens = measureTokens(subject, hashes);
  const matches = matchAll(subject, sizes);

  const about = `${subject.name} values, ${subject.queries.length} queries`;
  const blocks: readonly (readonly [name: string, text: string])[] = [
    ['recall', `${about}:\n\n${formatTable(recallTable(recall))}`],
    ['tokens', formatTable(tokenTable(tokens))],
    ['pieces', formatTable(fragmentTable(matches))],
  ];
  for (const [, block] of blocks) console.log(`${block}\n`);
  let guide = await readFile(join(guides, GUIDE), 'utf8');
  for (const [name, block] of blocks) guide = replaceBlock(guide, name, block);
  await writeFile(join(values.to, GUIDE), guide);
  await writeFile(join(values.to, 'q64-search-recall.svg'), drawPlot(recallPlot(recall)));
  await writeFile(join(values.to, 'q64-search-pieces.svg'), drawPlot(fragmentPlot(matches)));
}

await main();
