import { type Finding, findingAt } from './finding.ts';
import { isRelative, resolveRelative, splitSpecifier } from './specifiers.ts';
import type { Source, Tree, Workspace } from './tree.ts';

const rule = 'layer-imports';

/** A file imports only from lower layers, only what is exported there, and by package name. */
export function layerImports(tree: Tree): readonly Finding[] {
  return tree.sources.flatMap((source) =>
    source.imports.flatMap(({ specifier, offset }) => {
      const message = isRelative(specifier)
        ? judgeRelative(tree, source, specifier)
        : judgeNamed(tree, source, specifier);
      return message === undefined ? [] : [findingAt(source, offset, rule, message)];
    }),
  );
}

function judgeRelative(tree: Tree, source: Source, specifier: string): string | undefined {
  if (source.workspace === undefined) return undefined;
  const { folder, name } = source.workspace;
  const target = resolveRelative(source.path, specifier);
  if (target.startsWith(`${folder}/`)) return undefined;
  if (!source.product && tree.layers.testSupport.includes(target)) return undefined;
  return `${specifier} leaves ${name}: import another package by its name`;
}

function judgeNamed(tree: Tree, source: Source, specifier: string): string | undefined {
  const { name, subpath } = splitSpecifier(specifier);
  const target = tree.workspaces.find((workspace) => workspace.name === name);
  if (target === undefined) return undefined;
  if (target.manifest.exports?.[subpath] === undefined) {
    return `${specifier} is not among the exports of ${name}`;
  }
  // A test may use its own package as others do. In src the barrel rule speaks about that.
  if (source.workspace === undefined || source.workspace === target) return undefined;
  return judgeDirection(source.workspace, target);
}

function judgeDirection(from: Workspace, to: Workspace): string | undefined {
  if (from.layer === undefined || to.layer === undefined) return undefined;
  if (to.layer < from.layer) return undefined;
  return `${from.name} (layer ${from.layer}) may not import ${to.name} (layer ${to.layer}): only lower layers`;
}
