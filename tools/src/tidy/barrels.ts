import { type Finding, findingAt } from './finding.ts';
import { isRelative, resolveRelative } from './specifiers.ts';
import { entriesOf, type Source, type Tree } from './tree.ts';

const rule = 'barrels';

/**
 * Only a file that others import by package name may re-export, and nothing inside the package goes
 * through it: most import cycles of large TypeScript projects run through such files.
 */
export function barrels(tree: Tree): readonly Finding[] {
  return tree.sources.flatMap((source) => {
    if (!source.product || source.workspace === undefined) return [];
    const entries = entriesOf(source.workspace);
    return source.imports.flatMap(({ kind, specifier, offset }) => {
      const message =
        kind === 'reexport' && !entries.has(source.path)
          ? `re-exports ${specifier}: only an entry of the package may`
          : judgeTarget(source, specifier, entries);
      return message === undefined ? [] : [findingAt(source, offset, rule, message)];
    });
  });
}

function judgeTarget(
  source: Source,
  specifier: string,
  entries: ReadonlySet<string>,
): string | undefined {
  const ownName = source.workspace?.name;
  if (specifier === ownName || specifier.startsWith(`${ownName}/`)) {
    return 'imports its own package by name: import the defining file';
  }
  if (!isRelative(specifier)) return undefined;
  const target = resolveRelative(source.path, specifier);
  const isIndexEntry = entries.has(target) && target.endsWith('/index.ts');
  return isIndexEntry ? `imports its own ${specifier}: import the defining file` : undefined;
}
