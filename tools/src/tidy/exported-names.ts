import { isRelative, resolveRelative, splitSpecifier } from './specifiers.ts';
import { exportedFile, type Source, type Workspace } from './tree.ts';

/** A name that a file offers to others. */
export type ExportedName = {
  readonly name: string;
  readonly isType: boolean;
  /** Offset in the source text. */
  readonly offset: number;
};

/** Names that a file takes from another one, by the names that they have there. */
export type TakenNames = {
  /** Path of the other file; undefined when it is none of the tree. */
  readonly target: string | undefined;
  /** Undefined when all of them may be taken: a namespace, a dynamic import, a worker. */
  readonly names: readonly PassedName[] | undefined;
  /** Passed on by `export … from`, not used by the file itself. */
  readonly isReexport: boolean;
};

export type PassedName = ExportedName & {
  /** What the file calls it, or passes it on as. */
  readonly alias: string;
};

const declaration =
  /(?<![.\w$])export\s+(?:declare\s+)?(?:abstract\s+)?(?:async\s+)?(?:(type|interface)|const|let|var|function\b\s*\*?|class|enum|namespace)\s+([\w$]+)/g;
const localList = /(?<![.\w$])export\s+(type\s+)?\{([^{}]*)\}(?!\s*from\b)/g;

/** What the source itself declares and exports. */
export function declaredExports({ code }: Source): readonly ExportedName[] {
  const declared = [...code.matchAll(declaration)].map((match) => ({
    name: match[2] ?? '',
    isType: match[1] !== undefined,
    offset: match.index,
  }));
  const listed = [...code.matchAll(localList)].flatMap((match) =>
    namesOf(match[2] ?? '', match[1] !== undefined, match.index).map(
      ({ alias, isType, offset }) => ({ name: alias, isType, offset }),
    ),
  );
  return [...declared, ...listed];
}

/** What the source takes from other files of the tree. */
export function takenNames(
  source: Source,
  workspaces: readonly Workspace[],
): readonly TakenNames[] {
  const keywords = [...source.code.matchAll(/(?<![.\w$])(?:import|export)\b/g)];
  return source.imports.map(({ kind, specifier, offset }) => {
    const target = targetOf(source.path, specifier, workspaces);
    const isReexport = kind === 'reexport';
    if (kind === 'dynamic' || kind === 'url') return { target, names: undefined, isReexport };
    const keyword = keywords.findLast((match) => match.index <= offset);
    const start = (keyword?.index ?? 0) + (keyword?.[0].length ?? 0);
    return { target, names: clauseNames(source.code.slice(start, offset), start), isReexport };
  });
}

function targetOf(
  from: string,
  specifier: string,
  workspaces: readonly Workspace[],
): string | undefined {
  if (isRelative(specifier)) return resolveRelative(from, specifier);
  const { name, subpath } = splitSpecifier(specifier);
  const workspace = workspaces.find((candidate) => candidate.name === name);
  const file = workspace && exportedFile(workspace.manifest, subpath);
  return workspace === undefined || file === undefined
    ? undefined
    : resolveRelative(`${workspace.folder}/package.json`, file);
}

/** The names between the keyword and `from`; undefined for a namespace. */
function clauseNames(clause: string, start: number): readonly PassedName[] | undefined {
  if (clause.includes('*')) return undefined;
  const open = clause.indexOf('{');
  if (open < 0) return [];
  const isType = /^\s*type\b/.test(clause);
  return namesOf(clause.slice(open + 1, clause.lastIndexOf('}')), isType, start + open + 1);
}

/** The entries of `a, type b, c as d`, where `start` is the list's offset. */
function namesOf(list: string, areTypes: boolean, start: number): readonly PassedName[] {
  return [...list.matchAll(/(type\s+(?!as\b))?([\w$]+)(?:\s+as\s+([\w$]+))?/g)].map((match) => {
    const name = match[2] ?? '';
    const isType = areTypes || match[1] !== undefined;
    return { name, alias: match[3] ?? name, isType, offset: start + match.index };
  });
}
