/** Where the bytes of a result come from: made anew, used again, the caller's own. */
export type ResultMemory = 'allocated' | 'none' | 'reused';

/** What a `Q64Stats` has counted. */
export type Q64Counts = {
  /** Calls, items of batches and results of streams that were encoded or decoded. */
  readonly operations: number;
  /** Bytes of embeddings that were encoded, or read for a shorter code, and characters that came of them. */
  readonly bytesEncoded: number;
  readonly charactersEncoded: number;
  /** Characters that were decoded, and bytes that came of them. */
  readonly charactersDecoded: number;
  readonly bytesDecoded: number;
  /** Results for which memory was allocated, and those for which it was used again. */
  readonly allocations: number;
  readonly reuses: number;
  /** Embedding bytes for each operation; 0 before the first. */
  readonly bytesPerOperation: number;
  /** Part of the results whose memory was used again, from 0 to 1. */
  readonly reuseRatio: number;
};

/** Counts what encoders and decoders really do. Give it to them as `stats`; several may share one. */
export class Q64Stats {
  #operations = 0;
  #bytesEncoded = 0;
  #charactersEncoded = 0;
  #charactersDecoded = 0;
  #bytesDecoded = 0;
  #allocations = 0;
  #reuses = 0;

  /** Counts one result, of one encoding or of several. What encodes calls this. */
  countEncoded(bytes: number, characters: number, memory: ResultMemory, operations = 1): void {
    this.#operations += operations;
    this.#bytesEncoded += bytes;
    this.#charactersEncoded += characters;
    this.#countMemory(memory);
  }

  /** Counts one decoding. What decodes calls this. */
  countDecoded(characters: number, bytes: number, memory: ResultMemory): void {
    this.#operations += 1;
    this.#charactersDecoded += characters;
    this.#bytesDecoded += bytes;
    this.#countMemory(memory);
  }

  /** What was counted since the beginning or the last `reset`. */
  snapshot(): Q64Counts {
    const results = this.#allocations + this.#reuses;
    const bytes = this.#bytesEncoded + this.#bytesDecoded;
    return {
      operations: this.#operations,
      bytesEncoded: this.#bytesEncoded,
      charactersEncoded: this.#charactersEncoded,
      charactersDecoded: this.#charactersDecoded,
      bytesDecoded: this.#bytesDecoded,
      allocations: this.#allocations,
      reuses: this.#reuses,
      bytesPerOperation: this.#operations === 0 ? 0 : bytes / this.#operations,
      reuseRatio: results === 0 ? 0 : this.#reuses / results,
    };
  }

  /** Begins again at nothing. */
  reset(): void {
    this.#operations = 0;
    this.#bytesEncoded = 0;
    this.#charactersEncoded = 0;
    this.#charactersDecoded = 0;
    this.#bytesDecoded = 0;
    this.#allocations = 0;
    this.#reuses = 0;
  }

  #countMemory(memory: ResultMemory): void {
    if (memory === 'allocated') this.#allocations += 1;
    else if (memory === 'reused') this.#reuses += 1;
  }
}
