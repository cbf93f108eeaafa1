import { assert } from '@lucerna/base';
import { vectorErrors } from '../errors.ts';
import type { SegmentKernel } from './kernel-functions.ts';
import { FLAG_INDEXED, FLAG_LIVE, HEADER, MAX_LEVEL } from './layout.ts';
import type { SegmentView } from './segment-view.ts';

/**
 * Takes the graph of a segment out and in, row by row: its level, then for each layer from the lowest
 * how many links it has, and these. In the memory a list of links has its full length; those that are
 * not there are links of the row to itself.
 */
export class GraphTransfer {
  readonly #view: SegmentView;
  readonly #kernel: SegmentKernel;
  readonly #maxNeighbors: number;

  constructor(view: SegmentView, kernel: SegmentKernel) {
    this.#view = view;
    this.#kernel = kernel;
    this.#maxNeighbors = view.word(HEADER.MAX_NEIGHBORS);
  }

  /** Words of a row in all layers with all links. */
  get maxWords(): number {
    return 2 + 2 * this.#maxNeighbors + MAX_LEVEL * (1 + this.#maxNeighbors);
  }

  /** @returns how many words it has written */
  exportRow(slot: number, target: Uint32Array): number {
    assert(target.length >= this.maxWords, 'there is room for all links');
    const level = this.#level(slot);
    target[0] = level;
    let length = 1;
    for (let layer = 0; layer <= level; layer += 1) {
      const links = this.#links(slot, layer);
      target[length] = links.length;
      target.set(links, length + 1);
      length += 1 + links.length;
    }
    return length;
  }

  /** @returns how many words it has read */
  importRow(slot: number, words: Uint32Array, offset: number): number {
    const level = words[offset];
    if (level === undefined || level > MAX_LEVEL) throw corrupt('level', offset);
    const lists: number[][] = [];
    let at = offset + 1;
    for (let layer = 0; layer <= level; layer += 1) {
      const count = words[at];
      if (count === undefined || count > this.#room(layer)) throw corrupt('links', at);
      const links = words.subarray(at + 1, at + 1 + count);
      if (links.length < count) throw corrupt('length', at);
      lists.push([...links].filter((other) => other !== slot && this.#isLive(other)));
      at += 1 + count;
    }
    const given = this.#kernel.giveLinks(slot, level);
    for (let layer = 0; layer <= given; layer += 1) this.#setLinks(slot, layer, lists[layer] ?? []);
    return at - offset;
  }

  /** Drops links to rows that are not in their layer. */
  finish(): void {
    const rows = this.#view.word(HEADER.ROWS);
    for (let slot = 0; slot < rows; slot += 1) {
      if ((this.#view.flags(slot) & FLAG_INDEXED) === 0) continue;
      const level = this.#level(slot);
      for (let layer = 0; layer <= level; layer += 1) {
        const links = this.#links(slot, layer);
        const kept = links.filter((other) => this.#isIn(other, layer));
        if (kept.length < links.length) this.#setLinks(slot, layer, kept);
      }
    }
  }

  #isLive(slot: number): boolean {
    const isThere = slot < this.#view.word(HEADER.ROWS);
    return isThere && (this.#view.flags(slot) & FLAG_LIVE) !== 0;
  }

  #isIn(slot: number, layer: number): boolean {
    return (this.#view.flags(slot) & FLAG_INDEXED) !== 0 && this.#level(slot) >= layer;
  }

  #level(slot: number): number {
    return this.#view.byteAt(this.#view.placeOf(slot, this.#view.word(HEADER.LEVELS_IN_BLOCK), 1));
  }

  #room(layer: number): number {
    return layer === 0 ? 2 * this.#maxNeighbors : this.#maxNeighbors;
  }

  #place(slot: number, layer: number): number {
    const view = this.#view;
    if (layer === 0) {
      return view.placeOf(slot, view.word(HEADER.LINKS_IN_BLOCK), this.#maxNeighbors * 8);
    }
    const uppers = view.placeOf(slot, view.word(HEADER.UPPERS_IN_BLOCK), 4);
    return view.wordAt(uppers) + (layer - 1) * this.#maxNeighbors * 4;
  }

  #links(slot: number, layer: number): number[] {
    const start = this.#place(slot, layer);
    const links: number[] = [];
    for (let index = 0; index < this.#room(layer); index += 1) {
      const other = this.#view.wordAt(start + index * 4);
      if (other === slot) break;
      links.push(other);
    }
    return links;
  }

  #setLinks(slot: number, layer: number, links: readonly number[]): void {
    const start = this.#place(slot, layer);
    for (let index = 0; index < this.#room(layer); index += 1) {
      this.#view.setWordAt(start + index * 4, links[index] ?? slot);
    }
  }
}

function corrupt(what: string, word: number): Error {
  return vectorErrors.create('VECTOR_SNAPSHOT_CORRUPT', `graph: ${what}`, { word });
}
