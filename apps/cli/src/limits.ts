import { defineLimits, type LimitRegistry } from '@lucerna/base';

/** The bounds of what the command line reads and waits for. */
export const cliLimits: LimitRegistry<
  | 'archivePartBytes'
  | 'argumentCharacters'
  | 'cacheEntries'
  | 'cacheEntryBytes'
  | 'importBatchBytes'
  | 'importBatchRecords'
  | 'inputFileBytes'
  | 'keystoreFileBytes'
  | 'keystoreFiles'
  | 'messageBytes'
  | 'npyHeaderBytes'
  | 'placeCharacters'
  | 'q64PieceGroups'
  | 'q64WholeBytes'
  | 'q64WholeCharacters'
  | 'rowGroupBytes'
  | 'rowLineBytes'
  | 'rowPartBytes'
  | 'rpcAnswerBytes'
  | 'rpcAnswerMs'
  | 'secretFileBytes'
  | 'stateFileBytes'
  | 'textCharacters'
  | 'turnMs'
> = defineLimits('cli', {
  archivePartBytes: {
    value: 1_048_576,
    unit: 'bytes of an archive that are copied at once',
    why: 'few calls of the system, and a bar that moves',
  },
  argumentCharacters: {
    value: 80,
    unit: 'characters of an argument in a message',
    why: 'keeps a message readable when a long one was wrong',
  },
  cacheEntries: {
    value: 256,
    unit: 'compiled sources that are kept',
    why: 'more than somebody works on at once; a few megabytes of disk',
  },
  cacheEntryBytes: {
    value: 4_194_304,
    unit: 'bytes of one compiled source that is kept',
    why: 'dozens of contracts of the largest size in one file; larger ones are compiled each time',
  },
  importBatchBytes: {
    value: 16_777_216,
    unit: 'bytes of embeddings that one write of an import takes',
    why: 'as fast as larger ones, and little is lost when it is stopped',
  },
  importBatchRecords: {
    value: 1_000,
    unit: 'records that one write of an import takes',
    why: 'as fast as larger ones, and little is lost when it is stopped',
  },
  inputFileBytes: {
    value: 4_194_304,
    unit: 'bytes of a file that holds a contract',
    why: 'above the largest source and the largest artefact with its ABI',
  },
  keystoreFileBytes: {
    value: 65_536,
    unit: 'bytes of a keystore file',
    why: 'a hundred times one; a wrong path may lead anywhere',
  },
  keystoreFiles: {
    value: 10_000,
    unit: 'files of a folder that are looked at for keystores',
    why: 'all are read to find an account, which takes a second for so many',
  },
  messageBytes: {
    value: 16_777_216,
    unit: 'bytes of a message that is signed',
    why: 'a signature hashes all of it at once',
  },
  npyHeaderBytes: {
    value: 65_536,
    unit: 'bytes of the header of a .npy file',
    why: 'hundreds of times what NumPy writes for an array of numbers',
  },
  placeCharacters: {
    value: 256,
    unit: 'characters of a place in the data in a message',
    why: 'longer than any key that is written; a damaged database can name one of kilobytes',
  },
  q64PieceGroups: {
    value: 65_536,
    unit: 'groups of a text in eq64 that are encoded or decoded at once',
    why: 'few calls, and half a megabyte of text',
  },
  q64WholeBytes: {
    value: 1_048_576,
    unit: 'bytes of one embedding in an encoding that needs all of it at once',
    why: 'several times the longest embeddings; q64 and eq64 take any length',
  },
  q64WholeCharacters: {
    value: 268_435_456,
    unit: 'characters of one text in an encoding that needs all of it at once',
    why: 'twice what the longest embedding becomes with all levels of mq64',
  },
  rowGroupBytes: {
    value: 536_870_912,
    unit: 'bytes of rows of a file that lie together and are read together',
    why: 'several times what programs write by themselves; unpacked it takes some gigabytes',
  },
  rowLineBytes: {
    value: 67_108_864,
    unit: 'bytes of one line of a file of records',
    why: 'thousands of numbers and a book beside them',
  },
  rowPartBytes: {
    value: 33_554_432,
    unit: 'bytes of a row group that are read at once where the file says where its pages are',
    why: 'some hundreds of megabytes while they are unpacked; each part begins by looking for its page',
  },
  rpcAnswerBytes: {
    value: 33_554_432,
    unit: 'bytes of one answer of a node',
    why: 'the longest string a contract returns has 1 MiB, twice that in hex; the rest is room',
  },
  rpcAnswerMs: {
    value: 30_000,
    unit: 'ms until a node answers one request',
    why: 'an estimate with the whole gas of a call takes seconds on a slow machine',
  },
  secretFileBytes: {
    value: 4_096,
    unit: 'bytes of a file that holds a token or a mnemonic',
    why: 'four times the longest of them; a wrong path may lead anywhere',
  },
  stateFileBytes: {
    value: 268_435_456,
    unit: 'bytes of a file that holds the state of a dev chain',
    why: 'as many as a node dumps and loads',
  },
  textCharacters: {
    value: 65_536,
    unit: "characters of a contract's text that are printed for people",
    why: 'a terminal is for reading; --json prints all of it',
  },
  turnMs: {
    value: 50,
    unit: 'ms of work between two looks at what else there is to do',
    why: 'Ctrl-C works at once for whoever presses it',
  },
});
