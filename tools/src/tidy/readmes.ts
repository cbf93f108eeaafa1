import { type Finding, findingIn } from './finding.ts';
import type { Tree } from './tree.ts';

/** Every workspace says on one screen what it is for. */
export function readmes(tree: Tree): readonly Finding[] {
  return tree.workspaces
    .map(({ folder }) => `${folder}/README.md`)
    .filter((path) => (tree.files.get(path) ?? '').trim() === '')
    .map((path) => findingIn(path, 'readmes', 'is missing or empty'));
}
