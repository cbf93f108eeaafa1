import { bannedGlobals } from './banned-globals.ts';
import { barrels } from './barrels.ts';
import { deadFiles } from './dead-files.ts';
import { defaultExports } from './default-exports.ts';
import { dependencies } from './dependencies.ts';
import type { Finding } from './finding.ts';
import { importCycles } from './import-cycles.ts';
import { layerImports } from './layer-imports.ts';
import { readmes } from './readmes.ts';
import { sizes } from './sizes.ts';
import { taskMarkers } from './task-markers.ts';
import type { Tree } from './tree.ts';
import { unusedDependencies } from './unused-dependencies.ts';
import { unusedExports } from './unused-exports.ts';

/** A rule judges the whole tree and names what breaks it. */
type Rule = (tree: Tree) => readonly Finding[];

const rules: readonly Rule[] = [
  layerImports,
  dependencies,
  importCycles,
  bannedGlobals,
  barrels,
  defaultExports,
  taskMarkers,
  readmes,
  deadFiles,
  unusedDependencies,
  unusedExports,
  sizes,
];

/** What the compiler and the linter cannot see: the structure of the tree. */
export function tidy(tree: Tree): readonly Finding[] {
  return rules.flatMap((rule) => rule(tree));
}
