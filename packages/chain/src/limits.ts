import { defineLimits, type LimitRegistry } from '@lucerna/base';

/** The bounds of the chain package. */
export const chainLimits: LimitRegistry<
  | 'recordBytes'
  | 'recordItems'
  | 'damageSearchBytes'
  | 'damageSearchChunkBytes'
  | 'waitingFileCalls'
  | 'waitingCommits'
  | 'flushBlocks'
  | 'flushBytes'
  | 'backlogBytes'
  | 'closeFlushAttempts'
  | 'cachedBlocks'
  | 'headListeners'
  | 'proofRewindBlocks'
  | 'proofRewindEntries'
  | 'reorgBlocks'
  | 'reorgEntries'
  | 'reorgBytes'
  | 'cachedReorgBytes'
  | 'prunedBlocks'
  | 'verifyTurnRows'
  | 'sumBytes'
  | 'patchesOfBlock'
  | 'noteKeyBytes'
  | 'noteBytes'
  | 'recordNotes'
  | 'notes'
> = defineLimits('chain', {
  recordBytes: {
    value: 2 ** 28,
    unit: 'bytes of one record',
    why: 'a block of 32 MiB with its receipts and its state diff; it is read as one piece',
  },
  recordItems: {
    value: 262_176,
    unit: 'lists and byte strings of one record',
    why: 'a sender, a receipt, participants and a mark of each of 65,536 transactions, and 32 parts more',
  },
  damageSearchBytes: {
    value: 2 ** 29,
    unit: 'bytes',
    why: 'what is searched for intact records behind damage; an unsynced tail is smaller',
  },
  damageSearchChunkBytes: {
    value: 2 ** 20,
    unit: 'bytes',
    why: 'memory that the search behind damage needs at a time',
  },
  waitingFileCalls: {
    value: 4096,
    unit: 'calls',
    why: 'reads, appends and syncs of the log run one at a time; more waiting means overload',
  },
  waitingCommits: {
    value: 64,
    unit: 'blocks',
    why: 'a sealer commits one block at a time; an importer may hand over a few ahead',
  },
  flushBlocks: {
    value: 256,
    unit: 'blocks',
    why: 'commits of the database are shared by so many blocks; a start replays no more than these',
  },
  flushBytes: {
    value: 2 ** 24,
    unit: 'bytes',
    why: 'changes in memory, and log not yet synced, after which the database gets its turn',
  },
  backlogBytes: {
    value: 2 ** 28,
    unit: 'bytes',
    why: 'changes in memory above which blocks are refused while the database fails',
  },
  closeFlushAttempts: {
    value: 3,
    unit: 'attempts',
    why: 'closing tries again after a failure, but must end; the log has everything',
  },
  cachedBlocks: {
    value: 64,
    unit: 'blocks',
    why: 'clients ask for the latest blocks again and again; older ones are read from the log',
  },
  headListeners: {
    value: 64,
    unit: 'listeners',
    why: 'subsystems listen, not clients; more means that somebody forgets to stop',
  },
  proofRewindBlocks: {
    value: 1_024,
    unit: 'blocks',
    why: 'a proof of an older state reads the diffs of all later blocks; eight times what a network keeps',
  },
  proofRewindEntries: {
    value: 16_384,
    unit: 'changed accounts and slots',
    why: 'taking them back is one step of about a second that nothing else can interrupt',
  },
  reorgBlocks: {
    value: 16_384,
    unit: 'new blocks of one reorganisation',
    why: 'they are executed and kept in memory together; more come after it, one by one',
  },
  reorgEntries: {
    value: 1_048_576,
    unit: 'blocks that go, with their transactions, changed accounts and changed slots',
    why: '128 blocks of 30 M gas full of transfers; they are in memory and taken back in one step, which takes a while',
  },
  reorgBytes: {
    value: 2 ** 28,
    unit: 'bytes that the log has of the blocks and patches that go',
    why: 'transactions, receipts and code of all of them are in memory at once, decoded',
  },
  cachedReorgBytes: {
    value: 2 ** 25,
    unit: 'bytes of records of reorganisations',
    why: 'their blocks are asked for one by one; one of several blocks that is longer is not written',
  },
  prunedBlocks: {
    value: 16,
    unit: 'blocks for each new one',
    why: 'their history rows go when less history is wanted than is there; a commit stays short',
  },
  verifyTurnRows: {
    value: 256,
    unit: 'rows of an index',
    why: 'after so many a check that counts them may let others go first',
  },
  sumBytes: {
    value: 64,
    unit: 'bytes',
    why: 'a sum of balances of 256 bits each, of more accounts than there are addresses',
  },
  patchesOfBlock: {
    value: 65_536,
    unit: 'patches behind one block',
    why: 'a test that sets up its world makes some hundreds; a rewind reads them one by one',
  },
  noteKeyBytes: {
    value: 128,
    unit: 'bytes',
    why: 'keys are short names with an id; they are compared and listed',
  },
  noteBytes: {
    value: 2 ** 25,
    unit: 'bytes',
    why: 'the pool of a snapshot, which is a note, is a few megabytes',
  },
  recordNotes: {
    value: 65_536,
    unit: 'notes of one record',
    why: 'going back to a snapshot takes all later ones away in one step',
  },
  notes: {
    value: 65_536,
    unit: 'notes',
    why: 'a test suite that takes a snapshot for each test and never goes back',
  },
});
