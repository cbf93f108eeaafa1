import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import type { Artefact } from './artefacts.ts';

/** A declaration file of the artefact. */
export type Declaration = { readonly path: string; readonly text: string };

/** Folder of the artefact with the declarations of its sources, laid out as in the tree. */
const TYPES = 'types';

/**
 * Declarations of the modules that programs import, and of all that they mention. The compiler writes
 * one for each source; here the names of packages of the tree become paths.
 */
export async function declarations(
  root: string,
  artefact: Artefact,
): Promise<readonly Declaration[]> {
  const folder = mkdtempSync(join(tmpdir(), 'lucerna-types-'));
  try {
    const entries = importedEntries(artefact);
    const sources = exportedSources(root);
    await compile({ root, folder, files: [...entries.values()], sources });
    const found = new Map<string, string>();
    const wanted = new Set(entries.values());
    // A set visits what is added while it is walked.
    for (const source of wanted) {
      const text = readFileSync(join(folder, declarationOf(source)), 'utf8');
      found.set(
        source,
        text.replace(SPECIFIER, (whole, before: string, specifier: string, after: string) => {
          const target = sourceOf(sources, source, specifier);
          if (target === undefined) return whole;
          wanted.add(target);
          const path = posix.relative(posix.dirname(source), target).replace(/\.ts$/, '.js');
          return `${before}${path.startsWith('.') ? path : `./${path}`}${after}`;
        }),
      );
    }
    return [
      ...[...found].map(([source, text]) => ({ path: `${TYPES}/${declarationOf(source)}`, text })),
      ...[...entries].map(([name, source]) => ({
        path: `${name}.d.ts`,
        text: `export * from './${TYPES}/${source.replace(/\.ts$/, '.js')}';\n`,
      })),
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A specifier between what comes before and behind it. */
const SPECIFIER = /(\bfrom ['"]|\bimport\(['"]|\bimport ['"])([^'"]+)(['"])/g;

/** Sources by name of module. */
function importedEntries({ entries, exports }: Artefact): ReadonlyMap<string, string> {
  const names = new Set(Object.values(exports).flatMap((conditions) => Object.values(conditions)));
  return new Map([...names].map((name) => [name, entries[name] as string]));
}

async function compile({
  root,
  folder,
  files,
  sources,
}: {
  readonly root: string;
  readonly folder: string;
  readonly files: readonly string[];
  readonly sources: ReadonlyMap<string, string>;
}): Promise<void> {
  const config = join(folder, 'tsconfig.json');
  const options = {
    noEmit: false,
    emitDeclarationOnly: true,
    outDir: folder,
    rootDir: root,
    typeRoots: [join(root, 'node_modules/@types')],
    // By name, packages of the tree would be libraries, which get no declarations.
    paths: Object.fromEntries([...sources].map(([name, source]) => [name, [join(root, source)]])),
  };
  writeFileSync(
    config,
    JSON.stringify({
      extends: join(root, 'tsconfig.json'),
      compilerOptions: options,
      include: [],
      files: files.map((file) => join(root, file)),
    }),
  );
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const child = spawn(process.execPath, [tsc, '-p', config], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`the declarations cannot be made:\n${output}`);
}

function declarationOf(source: string): string {
  return source.replace(/\.ts$/, '.d.ts');
}

/** The source that a specifier of a source of the tree names; undefined when it is another library. */
function sourceOf(
  sources: ReadonlyMap<string, string>,
  from: string,
  specifier: string,
): string | undefined {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(from), specifier);
  const source = sources.get(specifier);
  if (source === undefined && specifier.startsWith('@lucerna/')) {
    throw new Error(`${from} mentions ${specifier}, which is not exported`);
  }
  return source;
}

/** A file, or one for each condition. */
type Exported = string | { readonly default: string };

/** Sources that packages of the tree export, by the specifiers of others. */
function exportedSources(root: string): ReadonlyMap<string, string> {
  const folders = readdirSync(join(root, 'packages')).map((folder) => `packages/${folder}`);
  return new Map(
    folders.flatMap((folder) => {
      const { name, exports } = JSON.parse(
        readFileSync(join(root, folder, 'package.json'), 'utf8'),
      ) as { readonly name: string; readonly exports: Readonly<Record<string, Exported>> };
      return Object.entries(exports).map(([subpath, target]) => {
        const file = typeof target === 'string' ? target : target.default;
        return [posix.join(name, subpath), posix.join(folder, file)] as const;
      });
    }),
  );
}
