import { type Durability, type Log, SILENT_LOG } from '@lucerna/base';
import { type GenerationalLog, openGenerationalLog } from '../../src/log/generations.ts';
import type { VectorFolder } from '../../src/ports.ts';

export const STORE_NAME = 'store';

/** Numbers in the order in which they were added: the least that a store can be. */
export class ModelStore {
  readonly log: GenerationalLog;
  readonly #contents: Contents;

  private constructor(log: GenerationalLog, contents: Contents) {
    this.log = log;
    this.#contents = contents;
  }

  static async open(
    folder: VectorFolder,
    options: { readonly log?: Log; readonly salvage?: boolean } = {},
  ): Promise<ModelStore> {
    const contents: Contents = { numbers: [], starts: 0 };
    const log = await openGenerationalLog(folder, STORE_NAME, {
      log: options.log ?? SILENT_LOG,
      salvage: options.salvage,
      onStart: () => {
        contents.numbers = [];
        contents.starts += 1;
      },
      onSnapshot: async (chunks) => {
        for await (const chunk of chunks) contents.numbers.push(...numbersOf(chunk));
      },
      onDamagedSnapshot: async (pieces) => {
        for await (const piece of pieces) {
          if (piece.kind === 'chunk') contents.numbers.push(...numbersOf(piece.bytes));
        }
      },
      onEntry: (entry) => {
        contents.numbers.push(decode(entry));
      },
    });
    return new ModelStore(log, contents);
  }

  get numbers(): readonly number[] {
    return this.#contents.numbers;
  }

  /** How often it was read from the beginning. */
  get starts(): number {
    return this.#contents.starts;
  }

  async add(number: number, level: Durability): Promise<void> {
    await this.log.append(encode(number), level);
    this.#contents.numbers.push(number);
  }

  async compact(): Promise<void> {
    await this.log.compact(() => this.#chunks());
  }

  /** Three numbers in each chunk. */
  #chunks(): Uint8Array[] {
    const numbers = [...this.#contents.numbers];
    const chunks: Uint8Array[] = [];
    for (let start = 0; start < numbers.length; start += 3) {
      chunks.push(new Uint8Array(Uint32Array.from(numbers.slice(start, start + 3)).buffer));
    }
    return chunks;
  }
}

type Contents = { numbers: number[]; starts: number };

/** In parts of several lengths, some of them longer than a sector. */
export function encode(number: number): Uint8Array[] {
  const filling = new Uint8Array((number * 389) % 1_300).fill(number);
  return [new Uint8Array(Uint32Array.of(number).buffer), new Uint8Array(0), filling];
}

/** Checks the filling, too. */
export function decode(entry: Uint8Array): number {
  const [number = -1] = numbersOf(entry.subarray(0, 4));
  const filling = entry.subarray(4);
  const isWhole =
    filling.length === (number * 389) % 1_300 && filling.every((byte) => byte === (number & 0xff));
  if (!isWhole) throw new Error('an entry is not what was appended');
  return number;
}

function numbersOf(bytes: Uint8Array): number[] {
  return [...new Uint32Array(bytes.slice().buffer)];
}
