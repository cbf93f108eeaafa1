import { type Finding, findingIn } from './finding.ts';
import { isRelative, resolveRelative } from './specifiers.ts';
import type { Source, Tree } from './tree.ts';

/** No file reaches itself through relative imports, type-only ones included. */
export function importCycles(tree: Tree): readonly Finding[] {
  const graph = new Map(tree.sources.map((source) => [source.path, neighbours(source)]));
  return findCycles(graph).map((cycle) =>
    findingIn(cycle[0] ?? '', 'import-cycles', `imports itself: ${cycle.join(' → ')}`),
  );
}

function neighbours(source: Source): readonly string[] {
  return source.imports
    .filter(({ kind, specifier }) => kind !== 'url' && isRelative(specifier))
    .map(({ specifier }) => resolveRelative(source.path, specifier));
}

/** Depth-first search: an edge back into the current path closes a cycle. */
function findCycles(graph: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const cycles: (readonly string[])[] = [];
  const finished = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): void => {
    if (finished.has(file)) return;
    const start = path.indexOf(file);
    if (start >= 0) {
      cycles.push([...path.slice(start), file]);
      return;
    }
    path.push(file);
    for (const next of graph.get(file) ?? []) visit(next);
    path.pop();
    finished.add(file);
  };
  for (const file of [...graph.keys()].sort()) visit(file);
  return cycles;
}
