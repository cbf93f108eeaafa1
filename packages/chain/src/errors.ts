import { defineErrors, type ErrorRegistry } from '@lucerna/base';

const startOver =
  'Restore the data directory from a copy, or start over with --reset (this deletes the chain).';
const deleteStore =
  'delete the folder "store" in the data directory: it is made again from the block log at the next start';
const rebuildStore = `Run \`lucerna db compact --history all\`, or ${deleteStore}.`;

/** Codes of the chain package. */
export const chainErrors: ErrorRegistry<
  | 'LOG_CORRUPT'
  | 'LOG_VERSION_UNSUPPORTED'
  | 'LOG_RECORD_INVALID'
  | 'LOG_RECORD_TOO_LARGE'
  | 'CHAIN_GENESIS_MISMATCH'
  | 'CHAIN_GENESIS_MISSING'
  | 'CHAIN_SCHEMA_UNSUPPORTED'
  | 'CHAIN_STORE_AHEAD'
  | 'CHAIN_REPLAY_MISMATCH'
  | 'CHAIN_INDEX_MISMATCH'
  | 'CHAIN_SUPPLY_MISMATCH'
  | 'CHAIN_NOT_ON_HEAD'
  | 'CHAIN_BLOCK_KNOWN'
  | 'CHAIN_REORGANISED'
  | 'CHAIN_READ_ONLY'
  | 'CHAIN_BACKLOG'
  | 'CHAIN_CLOSED'
  | 'STATE_PRUNED'
  | 'STATE_FUTURE'
  | 'PROOF_PRUNED'
  | 'REORG_TOO_DEEP'
  | 'BLOCKS_PRUNED'
  | 'SNAPSHOT_INCOMPLETE'
  | 'ARCHIVE_INVALID'
  | 'ARCHIVE_RANGE_INVALID'
  | 'CHAIN_CHEATS_REFUSED'
  | 'CHAIN_PATCHES_EXCEEDED'
  | 'NOTE_LIMIT'
> = defineErrors('chain', {
  LOG_CORRUPT: {
    summary: 'The block log is damaged',
    remedy: startOver,
  },
  LOG_VERSION_UNSUPPORTED: {
    summary: 'The block log was written in a format that this program does not know',
    remedy: 'Open it with the version of the program that wrote it.',
  },
  LOG_RECORD_INVALID: {
    summary: 'A record of the block log is intact but does not make sense',
    remedy: 'Open it with the version of the program that wrote it, or report the record.',
  },
  LOG_RECORD_TOO_LARGE: {
    summary: 'The block is too large for the block log',
    remedy: 'Build smaller blocks: lower the block gas limit.',
  },
  CHAIN_GENESIS_MISMATCH: {
    summary: 'The data belongs to a chain with another genesis',
    remedy:
      'Use the genesis that the chain was started with, another data directory, or --reset (this deletes the chain).',
  },
  CHAIN_GENESIS_MISSING: {
    summary: 'There is no chain yet, and no genesis to start one with',
    remedy:
      'Check the path given with --data-dir, or begin a chain there: `lucerna dev` or `lucerna db import`.',
  },
  CHAIN_SCHEMA_UNSUPPORTED: {
    summary: 'The database was written in a format that this program does not know',
    remedy: rebuildStore,
  },
  CHAIN_STORE_AHEAD: {
    summary: 'The database knows blocks that the block log does not have',
    remedy: `Bring "blocks.log" back from a copy, or ${deleteStore}, without the blocks that only the database knew.`,
  },
  CHAIN_REPLAY_MISMATCH: {
    summary: 'A block of the log does not lead to the state that its header names',
    remedy: `${rebuildStore} If it happens again, the program that wrote the log had a bug.`,
  },
  CHAIN_INDEX_MISMATCH: {
    summary: 'The database and the block log do not agree',
    remedy: rebuildStore,
  },
  CHAIN_SUPPLY_MISMATCH: {
    summary: 'The balances and what was burned do not add up to the supply of the genesis',
    remedy: 'Stop using this chain and report it: coins were made or lost.',
  },
  CHAIN_NOT_ON_HEAD: {
    summary: 'The block does not follow the head, or any block of the chain',
    remedy: 'Build on the head; a branch is handed over from its first block on.',
  },
  CHAIN_BLOCK_KNOWN: {
    summary: 'The block is part of the chain already',
    remedy: 'Nothing needs to be done.',
  },
  CHAIN_REORGANISED: {
    summary: 'The chain was reorganised while the query ran',
    remedy: 'Ask again.',
  },
  CHAIN_READ_ONLY: {
    summary: 'The chain takes no more blocks because its log cannot be written',
    remedy: 'Check the disk, then start again: the log is repaired when it is opened.',
  },
  CHAIN_BACKLOG: {
    summary: 'The database does not keep up, and no more changes can be kept in memory',
    remedy: 'Check that the disk of the database has room and is writable, then try again.',
  },
  CHAIN_CLOSED: {
    summary: 'The chain is closed',
    remedy: 'Stop the work that still uses it before closing it.',
  },
  STATE_PRUNED: {
    summary: 'The state of this height is no longer kept',
    remedy: 'Ask for a later block, or run the chain with more history (--history).',
  },
  STATE_FUTURE: {
    summary: 'There is no block of this height yet',
    remedy: 'Ask for a block up to the head.',
  },
  PROOF_PRUNED: {
    summary: 'Proofs of this height can no longer be made: too much has changed since',
    remedy: 'Ask for a later block; the head always has its proofs.',
  },
  BLOCKS_PRUNED: {
    summary: 'The chain begins with a later block: what is below was never taken in',
    remedy:
      'Ask for a block from the first one on ("earliest"), or a node that has the chain from its genesis.',
  },
  SNAPSHOT_INCOMPLETE: {
    summary: 'The block log begins with a state of which a part is missing',
    remedy: 'Import the snapshot again into a new data directory; nothing of this one can be used.',
  },
  ARCHIVE_INVALID: {
    summary: 'The file is not an intact archive of blocks or of a state',
    remedy: 'Copy it again from where it was written, or export it again.',
  },
  ARCHIVE_RANGE_INVALID: {
    summary: 'The range of blocks ends before it begins',
    remedy: 'Let the first block be at or below the last one.',
  },
  REORG_TOO_DEEP: {
    summary: 'The reorganisation takes back, or brings, more than is done in one step',
    remedy:
      'Go back to a later block, bring fewer blocks at a time, or start over from the genesis.',
  },
  CHAIN_CHEATS_REFUSED: {
    summary:
      'The state was changed by hand, or a block breaks the rules, as only a dev chain allows',
    remedy: 'Open it with `lucerna dev`; a network takes no such chain, and none of its blocks.',
  },
  CHAIN_PATCHES_EXCEEDED: {
    summary: 'The state behind this block was changed by hand too many times',
    remedy: 'Make a block (`evm_mine`), then go on.',
  },
  NOTE_LIMIT: {
    summary: 'More is to be kept beside the chain than there is room for',
    remedy:
      'Go back to an earlier snapshot (`evm_revert`), which takes later ones away, or make smaller ones.',
  },
});
