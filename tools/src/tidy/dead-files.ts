import { type Finding, findingIn } from './finding.ts';
import { isRelative, resolveRelative } from './specifiers.ts';
import { entriesOf, type Source, type Tree, type Workspace } from './tree.ts';

/** Every product file can be reached from an export or a command of its package. */
export function deadFiles(tree: Tree): readonly Finding[] {
  return tree.workspaces.flatMap((workspace) => {
    const sources = tree.sources.filter(
      (source) => source.product && source.workspace === workspace && !isAmbient(source),
    );
    const alive = reachable(workspace, new Map(sources.map((source) => [source.path, source])));
    return sources
      .filter(({ path }) => !alive.has(path))
      .map(({ path }) =>
        findingIn(path, 'dead-files', `no export of ${workspace.name} leads here: remove it`),
      );
  });
}

/** Declaration files are found by the compiler, not by imports. */
function isAmbient({ path }: Source): boolean {
  return path.endsWith('.d.ts');
}

function reachable(
  workspace: Workspace,
  sources: ReadonlyMap<string, Source>,
): ReadonlySet<string> {
  const alive = new Set(entriesOf(workspace));
  // A set visits what is added while it is walked.
  for (const path of alive) {
    for (const { specifier } of sources.get(path)?.imports ?? []) {
      if (isRelative(specifier)) alive.add(resolveRelative(path, specifier));
    }
  }
  return alive;
}
