import { type Finding, findingAt } from './finding.ts';
import type { Tree } from './tree.ts';

/** One name for one thing everywhere. Configuration files that a tool reads are not sources. */
export function defaultExports(tree: Tree): readonly Finding[] {
  return tree.sources.flatMap((source) =>
    [...source.code.matchAll(/\bexport\s+default\b|\bas\s+default\b/g)].map((match) =>
      findingAt(source, match.index, 'default-exports', 'exports a default: give it a name'),
    ),
  );
}
