import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Artefact } from './artefacts.ts';
import { bundle } from './bundle.ts';
import { declarations } from './declarations.ts';

/** What was built. */
export type Built = {
  /** Path in the folder and length, in bytes. */
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
  readonly bytes: number;
  /** What a download takes, about. */
  readonly packedBytes: number;
};

/**
 * Writes an npm package that needs nothing else: modules, declarations, README, licences.
 *
 * @param folder takes the place of what was there
 * @throws an error with what is wrong: the sources do not compile, a browser would load a module of
 *   Node.js, the package is too large
 */
export async function buildArtefact(
  root: string,
  artefact: Artefact,
  folder: string,
): Promise<Built> {
  const texts = new Map<string, string>();
  for (const { fileName, code } of await bundle(root, artefact)) texts.set(fileName, code);
  for (const { path, text } of await declarations(root, artefact)) texts.set(path, text);
  texts.set('README.md', readFileSync(join(root, artefact.readme), 'utf8'));
  texts.set('LICENSE', readFileSync(join(root, 'LICENSE'), 'utf8'));
  if (artefact.bundledLibraries.length > 0) {
    texts.set('THIRD-PARTY-LICENSES.md', libraryLicences(root, artefact));
  }
  texts.set('package.json', `${JSON.stringify(manifest(root, artefact), null, 2)}\n`);

  const files = [...texts].map(([path, text]) => ({ path, bytes: Buffer.byteLength(text) }));
  // As npm packs them: one file behind the other, each with a header of 512 bytes.
  const archive = [...texts].map(([path, text]) => path.padEnd(512, '\0') + text).join('');
  const packedBytes = gzipSync(archive, { level: 9 }).length;
  if (packedBytes > artefact.maxPackedBytes) {
    const detail = `${packedBytes} bytes compressed, more than ${artefact.maxPackedBytes}`;
    throw new Error(`${artefact.name} has ${detail}`);
  }
  rmSync(folder, { recursive: true, force: true });
  for (const [path, text] of texts) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return { files, bytes: sum(files.map(({ bytes }) => bytes)), packedBytes };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function manifest(root: string, artefact: Artefact): object {
  const workspace = readManifest(join(root, artefact.workspace));
  const threads = Object.keys(artefact.entries).filter((name) => name.endsWith('-thread'));
  return {
    name: artefact.packageName,
    version: workspace.version,
    description: artefact.description,
    keywords: artefact.keywords,
    license: workspace.license,
    type: 'module',
    // Nothing happens when a module is loaded but in those that threads begin with.
    sideEffects: threads.map((name) => `./${name}.js`),
    engines: { node: '>=22' },
    exports: {
      ...Object.fromEntries(
        Object.entries(artefact.exports).map(([subpath, { browser, node }]) => [
          subpath,
          {
            browser: { types: `./${browser}.d.ts`, default: `./${browser}.js` },
            node: { types: `./${node}.d.ts`, default: `./${node}.js` },
            default: { types: `./${browser}.d.ts`, default: `./${browser}.js` },
          },
        ]),
      ),
      './package.json': './package.json',
    },
  };
}

function libraryLicences(root: string, { bundledLibraries }: Artefact): string {
  const parts = bundledLibraries.map((name) => {
    const folder = join(root, 'node_modules', name);
    const { version, license } = readManifest(folder);
    const text = readFileSync(join(folder, 'LICENSE'), 'utf8').trim();
    return `## ${name} ${version} (${license})\n\n\`\`\`text\n${text}\n\`\`\`\n`;
  });
  return `# Libraries that are part of this package\n\n${parts.join('\n')}`;
}

function readManifest(folder: string): { readonly version: string; readonly license: string } {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}
