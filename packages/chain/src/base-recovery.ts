import type { SignatureEngine } from '@lucerna/crypto';
import { EMPTY_DIFF } from '@lucerna/state';
import { type OverlayStore, WriteBatch } from '@lucerna/storage';
import { BaseReader, type CheckedBase } from './base-reader.ts';
import { type BaseRecord, stateRootOf } from './base-record.ts';
import { isCheated } from './block-extras.ts';
import type { CanonicalIndex } from './canonical-index.ts';
import { type Cheats, checkCheats } from './cheats.ts';
import { LOG_START, type LogRecord } from './log-record.ts';
import { beginRetention } from './retention.ts';
import type { WriteBehind } from './write-behind.ts';

/** What a base is taken into. */
export type BaseParts = {
  readonly overlay: OverlayStore;
  readonly index: CanonicalIndex;
  readonly writeBehind: WriteBehind;
  readonly signatures: SignatureEngine;
  readonly cheats: Cheats;
};

/**
 * Makes the rows of a store without a chain from the base that its log begins with. They go to the
 * store in parts, and only then does a row say that there is a chain: after a crash in between the
 * same rows are written once more.
 */
export class BaseRecovery {
  readonly #parts: BaseParts;
  readonly #reader: BaseReader;

  /**
   * @throws `CHAIN_INDEX_MISMATCH` when the store has a part of another base; `CHAIN_CHEATS_REFUSED`;
   *   as {@link BaseReader}
   */
  constructor(parts: BaseParts, first: LogRecord) {
    this.#parts = parts;
    this.#reader = new BaseReader(first, parts.signatures, (batch) => this.#write(batch));
    const { base } = this.#reader;
    if (base.patched !== undefined || isCheated(base))
      checkCheats(parts.cheats, 'the base has any');
    parts.index.beginBase(stateRootOf(base));
  }

  get base(): BaseRecord {
    return this.#reader.base;
  }

  /**
   * Takes the next record.
   *
   * @returns true when the state is complete, and the base block the head
   * @throws as {@link BaseReader.add}; `CHAIN_BACKLOG`
   */
  async take(source: LogRecord): Promise<boolean> {
    const checked = await this.#reader.add(source);
    if (checked === undefined) return false;
    this.#publish(source, checked);
    return true;
  }

  /** While one batch is written the next one is made, and no more than that. */
  async #write(batch: WriteBatch): Promise<void> {
    const { overlay, writeBehind } = this.#parts;
    await writeBehind.idle();
    await writeBehind.admit();
    overlay.publish(batch);
    writeBehind.published();
  }

  #publish(record: LogRecord, { base }: CheckedBase): void {
    const { index, writeBehind } = this.#parts;
    const { genesisHash } = base;
    const { height } = base.block.header;
    const patched = base.patched === undefined ? undefined : { height, ...base.patched };
    index.publish({
      record,
      begins: { genesisHash, offset: LOG_START.offset, patched },
      // What the block did to the state is not known, only what came of it.
      added: [{ ...base, diff: EMPTY_DIFF, batch: new WriteBatch() }],
      retention: beginRetention(height),
    });
    writeBehind.published();
  }
}
