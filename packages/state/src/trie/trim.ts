import { assert } from '@lucerna/base';
import { StoredReference } from './codec.ts';
import type { BranchNode, ExtensionNode, TrieNode } from './node.ts';

/**
 * Replaces loaded nodes below `root` by references to their rows, so that no more than `maxNodes` are
 * left in memory, and returns how many are: those nearest to the root, which most paths pass. Inline
 * nodes have no row and stay with their parents, uncounted. All is committed.
 */
export function trimBelow(root: TrieNode, maxNodes: number): number {
  assert(maxNodes > 0, 'the root stays');
  assert(root.ref !== undefined, 'what is not committed cannot be read again');
  const kept: TrieNode[] = [root];
  for (let at = 0; at < kept.length; at += 1) {
    const node = kept[at] as TrieNode;
    if (node.kind === 'branch') trimBranch(node, kept, maxNodes);
    else if (node.kind === 'extension') trimExtension(node, kept, maxNodes);
  }
  return kept.length;
}

/** Adds the children that stay to `kept`. */
function trimBranch(branch: BranchNode, kept: TrieNode[], maxNodes: number): void {
  const { children } = branch;
  for (let nibble = 0; nibble < children.length; nibble += 1) {
    const child = children[nibble];
    if (child === undefined || child.kind === 'unloaded' || child.storedHash === undefined)
      continue;
    if (kept.length < maxNodes) kept.push(child);
    else children[nibble] = StoredReference.child(branch, nibble);
  }
}

function trimExtension(node: ExtensionNode, kept: TrieNode[], maxNodes: number): void {
  const { child } = node;
  if (child.kind === 'unloaded' || child.storedHash === undefined) return;
  if (kept.length < maxNodes) kept.push(child);
  else node.child = StoredReference.of(child.storedHash.slice());
}
