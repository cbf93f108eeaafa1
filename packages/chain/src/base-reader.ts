import { equalBytes, toHex } from '@lucerna/base';
import type { SignatureEngine } from '@lucerna/crypto';
import { StateImporter } from '@lucerna/state';
import type { WriteBatch } from '@lucerna/storage';
import { type BaseRecord, decodeBaseRecord, decodeStateEnd, stateRootOf } from './base-record.ts';
import { contentProblem } from './block-content.ts';
import { chainErrors } from './errors.ts';
import { genesisHash, genesisSupply } from './genesis.ts';
import type { LogRecord } from './log-record.ts';
import { NO_SUMS, type PatchSums } from './patch-rows.ts';
import { invalidRecord, RECORD_KINDS } from './record-kinds.ts';

/** A base with its state, all of which was read. */
export type CheckedBase = {
  readonly base: BaseRecord;
  readonly accounts: number;
  /** Wei of all accounts. */
  readonly totalBalance: bigint;
};

/** Takes the rows of a state that is only to be checked. */
export async function keepNothing(): Promise<void> {
  return undefined;
}

/**
 * Follows a log through its first records, when it begins with a base: the base, the chunks of its
 * state, the end of them. What it says is compared with itself as far as that goes: the genesis with
 * its hash, body and receipts with the header, the state with root and supply.
 */
export class BaseReader {
  readonly base: BaseRecord;
  readonly #importer: StateImporter;
  #chunks = 0;

  /**
   * @param first the base record
   * @param sink takes the rows of the state
   * @param takeTurn awaited every so many rows
   * @throws `LOG_RECORD_INVALID`, `LOG_VERSION_UNSUPPORTED`, `CHAIN_REPLAY_MISMATCH`
   */
  constructor(
    first: LogRecord,
    signatures: SignatureEngine,
    sink: (batch: WriteBatch) => Promise<void>,
    takeTurn?: () => Promise<void>,
  ) {
    this.base = decodeBaseRecord(first);
    this.#importer = new StateImporter(sink, takeTurn);
    checkBase(first, this.base, signatures);
  }

  /**
   * Takes the next record.
   *
   * @returns the whole, once it is complete
   * @throws `LOG_RECORD_INVALID`, `SNAPSHOT_INVALID`, `CHAIN_REPLAY_MISMATCH`,
   *   `CHAIN_SUPPLY_MISMATCH`, and as `sink` and `takeTurn`
   */
  async add(source: LogRecord): Promise<CheckedBase | undefined> {
    if (source.kind === RECORD_KINDS.state) {
      await this.#importer.add(source.payload);
      this.#chunks += 1;
      return undefined;
    }
    const end = decodeStateEnd(source);
    const { stateRoot, accounts, totalBalance } = await this.#importer.finish();
    if (end.chunks !== this.#chunks || end.accounts !== accounts) {
      throw invalidRecord(source, 'it does not agree with the state before');
    }
    const { genesis, block, burned, patched } = this.base;
    const expected = stateRootOf(this.base);
    if (!equalBytes(stateRoot, expected)) {
      throw chainErrors.create('CHAIN_REPLAY_MISMATCH', 'the accounts of the base', {
        height: block.header.height,
        expected: toHex(expected),
        actual: toHex(stateRoot),
      });
    }
    checkSupply(genesisSupply(genesis), totalBalance, burned, patched);
    return { base: this.base, accounts, totalBalance };
  }
}

/**
 * @param patched what cheats have made and taken
 * @throws `CHAIN_SUPPLY_MISMATCH` unless everything that the genesis had is there or was burned
 */
export function checkSupply(
  supply: bigint,
  totalBalance: bigint,
  burned: bigint,
  { minted, destroyed }: PatchSums = NO_SUMS,
): void {
  if (totalBalance + burned + destroyed === supply + minted) return;
  throw chainErrors.create('CHAIN_SUPPLY_MISMATCH', undefined, {
    totalBalance,
    burned,
    minted,
    destroyed,
    genesisSupply: supply,
  });
}

function checkBase(
  source: LogRecord,
  { genesis, genesisHash: stated, block, receipts, patched }: BaseRecord,
  signatures: SignatureEngine,
): void {
  const actual = genesisHash(genesis);
  if (!equalBytes(actual, stated)) {
    throw chainErrors.create('CHAIN_REPLAY_MISMATCH', 'the genesis of the base', {
      height: 0,
      expected: toHex(stated),
      actual: toHex(actual),
    });
  }
  if (block.header.height === 0 && !equalBytes(block.hash, actual)) {
    throw invalidRecord(source, 'its block is another genesis');
  }
  const isOfHeader = patched === undefined || equalBytes(patched.stateRoot, block.header.stateRoot);
  if (!isOfHeader && patched.ordinal === 0) {
    throw invalidRecord(source, 'its block has another state, and no patches');
  }
  const problem = contentProblem({ block, receipts }, signatures);
  if (problem !== undefined) throw invalidRecord(source, `its header has another ${problem}`);
}
