import { dirname, join } from 'node:path/posix';
import { type Import, importsOf } from './imports.ts';
import { maskSource } from './mask-source.ts';

/** `layers.json`: which workspace stands on which layer, and what stands outside. */
export type Layers = {
  /** Workspace folder to layer. A workspace may import from lower layers only. */
  readonly layers: Readonly<Record<string, number>>;
  /** Layers up to this one, and the named folders above it, touch no platform API. */
  readonly platformFree: { readonly upTo: number; readonly also: readonly string[] };
  /** Folders that may import anything and that nothing imports. */
  readonly outside: readonly string[];
  /** The exception: files out there that the tests of any package may import. */
  readonly testSupport: readonly string[];
};

/** The fields of a package.json that the rules look at. */
export type Manifest = {
  readonly name?: string;
  /** By subpath a file, or files by condition: `browser`, and `default` for all others. */
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
};

export type Workspace = {
  readonly folder: string;
  readonly name: string;
  /** Undefined when layers.json does not list it, which is a finding of its own. */
  readonly layer: number | undefined;
  readonly platformFree: boolean;
  readonly manifest: Manifest;
};

export type Source = {
  readonly path: string;
  readonly text: string;
  /** The text with comments and literals blanked. */
  readonly code: string;
  readonly imports: readonly Import[];
  /** The workspace it belongs to; undefined for the folders outside the layers. */
  readonly workspace: Workspace | undefined;
  /** True below the workspace's `src/`: held to every rule. Tests are held to fewer. */
  readonly product: boolean;
};

/** What the rules judge: texts by path, with slashes, relative to the root of the repository. */
export type Tree = {
  readonly files: ReadonlyMap<string, string>;
  readonly layers: Layers;
  readonly rootManifest: Manifest;
  readonly workspaces: readonly Workspace[];
  readonly sources: readonly Source[];
};

export function buildTree(files: ReadonlyMap<string, string>): Tree {
  const layers: Layers = JSON.parse(files.get('layers.json') ?? '{}');
  const rootManifest: Manifest = JSON.parse(files.get('package.json') ?? '{}');
  const workspaces = [...files]
    .filter(([path]) => /^(?:packages|apps)\/[^/]+\/package\.json$/.test(path))
    .map(([path, text]) => toWorkspace(dirname(path), JSON.parse(text), layers));
  const sources = [...files]
    .filter(([path]) => path.endsWith('.ts'))
    .map(([path, text]) => toSource(path, text, workspaces));
  return { files, layers, rootManifest, workspaces, sources };
}

function toWorkspace(folder: string, manifest: Manifest, layers: Layers): Workspace {
  const layer = layers.layers[folder];
  const { upTo, also } = layers.platformFree;
  const platformFree = (layer !== undefined && layer <= upTo) || also.includes(folder);
  return { folder, name: manifest.name ?? folder, layer, platformFree, manifest };
}

function toSource(path: string, text: string, workspaces: readonly Workspace[]): Source {
  const masked = maskSource(text);
  const workspace = workspaces.find(({ folder }) => path.startsWith(`${folder}/`));
  const product = workspace !== undefined && path.startsWith(`${workspace.folder}/src/`);
  return { path, text, code: masked.code, imports: importsOf(masked), workspace, product };
}

/** The files that a workspace offers to others: its exports and commands. */
export function entriesOf({ folder, manifest }: Workspace): ReadonlySet<string> {
  const exported = Object.values(manifest.exports ?? {}).flatMap((target) =>
    typeof target === 'string' ? [target] : Object.values(target),
  );
  const targets = [...exported, ...Object.values(manifest.bin ?? {})];
  return new Set(targets.map((target) => join(folder, target)));
}

/** The file that other packages import by this subpath; they are run by Node.js. */
export function exportedFile({ exports = {} }: Manifest, subpath: string): string | undefined {
  const target = exports[subpath];
  return typeof target === 'object' ? target['default'] : target;
}
