import type { Local } from './tree.ts';

/**
 * The local names of one action. A block opens a scope: what it declares ends with it, and sibling
 * blocks may declare the same name. Nothing hides a name of an enclosing block or a parameter.
 */
export class Scope {
  readonly #blocks: Map<string, Local>[] = [new Map()];
  /** Names of blocks that have ended, for hints. */
  readonly #ended = new Set<string>();

  /** The variable that the name means here. */
  find(name: string): Local | undefined {
    for (const block of this.#blocks) {
      const local = block.get(name);
      if (local !== undefined) return local;
    }
    return undefined;
  }

  /** The names that mean something here. */
  *names(): Generator<string> {
    for (const block of this.#blocks) yield* block.keys();
  }

  /** Makes the name known until its block ends; the name must be free. */
  declare(name: string, local: Local): void {
    this.#blocks.at(-1)?.set(name, local);
  }

  /** Makes the name known in the whole action. */
  declareOutermost(name: string, local: Local): void {
    this.#blocks[0]?.set(name, local);
  }

  /** Whether a block that has ended declared the name. */
  hasEnded(name: string): boolean {
    return this.#ended.has(name);
  }

  open(): void {
    this.#blocks.push(new Map());
  }

  close(): void {
    for (const name of this.#blocks.pop()?.keys() ?? []) this.#ended.add(name);
  }
}
