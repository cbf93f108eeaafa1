import { type Finding, findingAt, findingIn } from './finding.ts';
import { isRelative, splitSpecifier } from './specifiers.ts';
import type { Manifest, Source, Tree, Workspace } from './tree.ts';

const rule = 'dependencies';

/** layers.json and every package.json agree with the tree and with what the sources import. */
export function dependencies(tree: Tree): readonly Finding[] {
  return [
    ...judgeLayerTable(tree),
    ...tree.workspaces.flatMap((workspace) => judgeManifest(tree, workspace)),
    ...tree.sources.flatMap((source) => judgeImports(tree, source)),
  ];
}

function judgeLayerTable(tree: Tree): readonly Finding[] {
  const folders = new Set(tree.workspaces.map(({ folder }) => folder));
  const unlisted = tree.workspaces
    .filter(({ layer }) => layer === undefined)
    .map(({ folder }) => findingIn('layers.json', rule, `${folder} has no layer`));
  const gone = Object.keys(tree.layers.layers)
    .filter((folder) => !folders.has(folder))
    .map((folder) => findingIn('layers.json', rule, `${folder} has a layer but no package.json`));
  return [...unlisted, ...gone];
}

function judgeManifest(tree: Tree, { folder, layer, manifest }: Workspace): readonly Finding[] {
  const path = `${folder}/package.json`;
  return Object.keys(runtimeDependencies(manifest)).flatMap((name) => {
    const target = tree.workspaces.find((workspace) => workspace.name === name);
    if (target?.layer === undefined || layer === undefined || target.layer < layer) return [];
    return [findingIn(path, rule, `depends on ${name}, which is not on a lower layer`)];
  });
}

function judgeImports(tree: Tree, source: Source): readonly Finding[] {
  const allowed = allowedPackages(tree, source);
  if (allowed === undefined) return [];
  return source.imports.flatMap(({ specifier, offset, kind }) => {
    const { name } = splitSpecifier(specifier);
    if (kind === 'url' || isRelative(specifier) || specifier.startsWith('node:')) return [];
    if (allowed.has(name)) return [];
    const message = `${name} is not declared in ${source.workspace?.folder}/package.json`;
    return [findingAt(source, offset, rule, message)];
  });
}

/** Product code uses what its package declares; tests and compliance suites test libraries too. */
function allowedPackages(tree: Tree, source: Source): ReadonlySet<string> | undefined {
  if (source.workspace === undefined) return undefined;
  const { folder, name, manifest } = source.workspace;
  const declared = [name, ...Object.keys(runtimeDependencies(manifest))];
  const underTest = !source.product || source.path.startsWith(`${folder}/src/compliance/`);
  if (!underTest) return new Set(declared);
  return new Set([
    ...declared,
    ...Object.keys(manifest.devDependencies ?? {}),
    ...Object.keys(tree.rootManifest.devDependencies ?? {}),
    ...(source.product ? [] : tree.workspaces.map((workspace) => workspace.name)),
  ]);
}

function runtimeDependencies(manifest: Manifest): Readonly<Record<string, string>> {
  return {
    ...manifest.dependencies,
    ...manifest.optionalDependencies,
    ...manifest.peerDependencies,
  };
}
