import { type Finding, findingAt } from './finding.ts';
import type { Tree } from './tree.ts';

// Spelled in halves, so that this file does not find itself.
const markers = [
  ['TO', 'DO'],
  ['FIX', 'ME'],
  ['HA', 'CK'],
  ['X', 'XX'],
].map((halves) => halves.join(''));

const pattern = new RegExp(`\\b(?:${markers.join('|')})\\b`, 'g');

/** What is left to do belongs in the tracker, where somebody sees it. */
export function taskMarkers(tree: Tree): readonly Finding[] {
  return [...tree.files]
    .filter(([path]) => /\.(?:ts|mjs|md)$/.test(path))
    .flatMap(([path, text]) =>
      [...text.matchAll(pattern)].map((match) =>
        findingAt({ path, text }, match.index, 'task-markers', `leaves a ${match[0]} behind`),
      ),
    );
}
