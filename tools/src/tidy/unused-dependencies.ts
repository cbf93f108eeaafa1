import { type Finding, findingIn } from './finding.ts';
import { isRelative, splitSpecifier } from './specifiers.ts';
import type { Tree, Workspace } from './tree.ts';

/** What a package declares, it or one of its tests imports: the rest is installed for nothing. */
export function unusedDependencies(tree: Tree): readonly Finding[] {
  return tree.workspaces.flatMap((workspace) => {
    const imported = importedPackages(tree, workspace);
    const { dependencies, devDependencies, optionalDependencies, peerDependencies } =
      workspace.manifest;
    const declared = {
      ...dependencies,
      ...devDependencies,
      ...optionalDependencies,
      ...peerDependencies,
    };
    return Object.keys(declared)
      .filter((name) => !imported.has(name))
      .map((name) => {
        const message = `declares ${name}, which nothing in the package imports`;
        return findingIn(`${workspace.folder}/package.json`, 'unused-dependencies', message);
      });
  });
}

function importedPackages(tree: Tree, workspace: Workspace): ReadonlySet<string> {
  const specifiers = tree.sources
    .filter((source) => source.workspace === workspace)
    .flatMap(({ imports }) => imports.map(({ specifier }) => specifier));
  return new Set(
    specifiers
      .filter((specifier) => !isRelative(specifier))
      .map((specifier) => splitSpecifier(specifier).name),
  );
}
