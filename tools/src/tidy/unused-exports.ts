import { declaredExports, type ExportedName, takenNames } from './exported-names.ts';
import { type Finding, findingAt } from './finding.ts';
import { entriesOf, type Source, type Tree } from './tree.ts';

const rule = 'unused-exports';

/** A registry, from which the reference of errors and limits is made whoever else uses it. */
function isDocumented(path: string, name: string): boolean {
  return /\/src\/(?:errors|limits)\.ts$/.test(path) && /(?:Errors|Limits)$/.test(name);
}

/**
 * What a file of the product exports is used by another file, and what a package exports by another
 * package, a test or a text. A type may also be exported because what is exported with it mentions
 * it: who calls a function wants to name what it takes and gives.
 */
export function unusedExports(tree: Tree): readonly Finding[] {
  const uses = usesIn(tree);
  const entries = new Set(tree.workspaces.flatMap((workspace) => [...entriesOf(workspace)]));
  const texts = [...tree.files].filter(
    ([path]) => path.endsWith('.md') && !path.startsWith('docs/reference/'),
  );
  const isWrittenOf = (name: string): boolean => texts.some(([, text]) => wordOf(name).test(text));
  const products = tree.sources.filter(({ product }) => product);
  return products.flatMap((source) => {
    const isEntry = entries.has(source.path);
    const declared = declaredExports(source)
      .filter(({ name }) => !isDocumented(source.path, name))
      .filter(({ name }) => !uses.isUsed(source.path, name) && !uses.isPassedOn(source.path, name))
      .filter(({ name, isType }) => !(isType && mentions(source.code, name) > 1))
      .filter(({ name }) => !(isEntry && isWrittenOf(name)));
    const passedOn = uses
      .passedOnBy(source)
      .filter(({ name }) => !uses.isUsed(source.path, name))
      .filter(({ name, isType }) => !(isType && isMentioned(tree, source, name)))
      .filter(({ name }) => !isWrittenOf(name));
    return [
      ...declared.map((exported) => findingOf(source, exported, 'nothing outside the file')),
      ...passedOn.map((exported) => findingOf(source, exported, 'no other package, test or text')),
    ];
  });
}

function findingOf(source: Source, { name, offset }: ExportedName, whoLacks: string): Finding {
  return findingAt(source, offset, rule, `exports ${name}, which ${whoLacks} uses`);
}

type Uses = {
  readonly isUsed: (path: string, name: string) => boolean;
  /** Whether an entry of the package offers the name to others. */
  readonly isPassedOn: (path: string, name: string) => boolean;
  /** What the source re-exports, by the names that others see; not the documented registries. */
  readonly passedOnBy: (source: Source) => readonly ExportedName[];
};

function usesIn(tree: Tree): Uses {
  const used = new Set<string>();
  const usedWhole = new Set<string>();
  const passedOn = new Set<string>();
  const passedOnBy = new Map<string, ExportedName[]>();
  const key = (path: string, name: string): string => `${path} ${name}`;
  for (const source of tree.sources) {
    for (const { target, names, isReexport } of takenNames(source, tree.workspaces)) {
      if (target === undefined) continue;
      if (names === undefined) usedWhole.add(target);
      for (const { name, alias, isType, offset } of names ?? []) {
        (isReexport ? passedOn : used).add(key(target, name));
        if (!isReexport || isDocumented(target, name)) continue;
        const list = passedOnBy.get(source.path) ?? [];
        passedOnBy.set(source.path, [...list, { name: alias, isType, offset }]);
      }
    }
  }
  return {
    isUsed: (path, name) => usedWhole.has(path) || used.has(key(path, name)),
    isPassedOn: (path, name) => passedOn.has(key(path, name)),
    passedOnBy: ({ path }) => passedOnBy.get(path) ?? [],
  };
}

/** Whether the code of the package, apart from its entries, mentions the name besides declaring it. */
function isMentioned(tree: Tree, entry: Source, name: string): boolean {
  let count = 0;
  for (const source of tree.sources) {
    if (!source.product || source.workspace !== entry.workspace || source === entry) continue;
    count += mentions(source.code, name);
  }
  return count > 1;
}

function mentions(code: string, name: string): number {
  return code.match(new RegExp(wordOf(name), 'g'))?.length ?? 0;
}

function wordOf(name: string): RegExp {
  return new RegExp(`(?<![\\w$])${name.replaceAll('$', '\\$')}(?![\\w$])`);
}
