import { defineLimits, type LimitRegistry } from '@lucerna/base';

/** The bounds of what this package reads, compiles and runs. */
export const zexusLimits: LimitRegistry<
  | 'cachedSignatureChars'
  | 'abiTypeFields'
  | 'callDepth'
  | 'chargedGas'
  | 'containerActions'
  | 'containerBytes'
  | 'containerConstants'
  | 'containerErrorFields'
  | 'containerErrors'
  | 'containerEventFields'
  | 'containerEvents'
  | 'containerFileNameBytes'
  | 'containerFiles'
  | 'containerInstructions'
  | 'containerMapDepth'
  | 'containerMetadataEntries'
  | 'containerMetadataKeyBytes'
  | 'containerMetadataValueBytes'
  | 'containerNameBytes'
  | 'containerParameters'
  | 'containerTupleFields'
  | 'containerTypeDepth'
  | 'containerVariables'
  | 'diagnosticLineCharacters'
  | 'diagnostics'
  | 'inferencePasses'
  | 'initDataBytes'
  | 'localVariables'
  | 'nestingLevels'
  | 'sourceBytes'
  | 'sourceFiles'
  | 'sourceTokens'
  | 'sourceTotalBytes'
  | 'rememberedFailures'
  | 'revertReasonChars'
  | 'runTextBytes'
  | 'openTries'
  | 'stackDepth'
  | 'stringBytes'
  | 'syntaxHeight'
  | 'tracedValueChars'
  | 'valueLevels'
  | 'zxc1Bytes'
  | 'zxc1Constants'
  | 'zxc1Depth'
  | 'zxc1Instructions'
  | 'zxc1Modules'
> = defineLimits('zexus', {
  cachedSignatureChars: {
    value: 65_536,
    unit: 'characters of signatures of other contracts that are kept in their parsed form',
    why: 'contracts call the same functions again and again; a thousand usual signatures, of which a character takes up to a hundred bytes',
  },
  abiTypeFields: {
    value: 256,
    unit: 'fields of entities within the type of one parameter, result or field',
    why: 'entities within each other would let few lines describe a type without end',
  },
  callDepth: {
    value: 64,
    unit: 'actions called from within each other',
    why: 'bounds the registers of a run; recursion in contracts is rare and shallow',
  },
  chargedGas: {
    value: 1_000_000_000,
    unit: 'gas that one instruction charges by its operand',
    why: 'above the gas limit of usual blocks, and within what the register code holds',
  },
  containerActions: {
    value: 1_024,
    unit: 'actions of one contract',
    why: 'far above what a container holds in practice; bounds tables made from it',
  },
  containerBytes: {
    value: 49_152,
    unit: 'bytes of one container',
    why: "twice Ethereum's bound on contract code; every call may have to read all of it",
  },
  containerConstants: {
    value: 8_192,
    unit: 'constants of one contract',
    why: 'far above what a container holds in practice; bounds tables made from it',
  },
  containerErrorFields: {
    value: 32,
    unit: 'fields of one error',
    why: 'above what Solidity can compile; clients show them in one line',
  },
  containerErrors: {
    value: 256,
    unit: 'errors of one contract',
    why: 'far above what a container holds in practice; bounds tables made from it',
  },
  containerEventFields: {
    value: 32,
    unit: 'fields of one event',
    why: 'above what Solidity can compile; clients show them in one line',
  },
  containerEvents: {
    value: 256,
    unit: 'events of one contract',
    why: 'far above what a container holds in practice; bounds tables made from it',
  },
  containerFileNameBytes: {
    value: 255,
    unit: 'bytes of the name of the source file',
    why: 'the longest name of a file on usual disks; it is part of what is deployed',
  },
  containerFiles: {
    value: 64,
    unit: 'files that the code of one contract is from',
    why: 'as many as the compiler reads for one contract',
  },
  containerInstructions: {
    value: 32_768,
    unit: 'instructions of one action',
    why: 'bounds the tables that verifying and lowering make; an instruction has one byte at least',
  },
  containerMapDepth: {
    value: 32,
    unit: 'maps and lists around one cell',
    why: "the language's bound on nesting",
  },
  containerMetadataEntries: {
    value: 16,
    unit: 'entries of metadata',
    why: 'facts for tools; contracts cannot read them and pay for each byte',
  },
  containerMetadataKeyBytes: {
    value: 64,
    unit: 'bytes of a metadata key',
    why: 'keys are short words',
  },
  containerMetadataValueBytes: {
    value: 1_024,
    unit: 'bytes of a metadata value',
    why: 'versions and hashes, not documents',
  },
  containerNameBytes: {
    value: 128,
    unit: 'bytes of a name',
    why: 'names of contracts, variables, actions, events and fields; longer ones are not written by people',
  },
  containerParameters: {
    value: 32,
    unit: 'parameters of one action',
    why: 'above what Solidity can compile; clients show them in one line',
  },
  containerTupleFields: {
    value: 32,
    unit: 'components of one tuple',
    why: 'as many as an action has parameters',
  },
  containerTypeDepth: {
    value: 32,
    unit: 'lists and tuples around one elementary type',
    why: "the language's bound on nesting, and that of whoever encodes values of the type",
  },
  containerVariables: {
    value: 1_024,
    unit: 'variables of one contract',
    why: 'far above what a container holds in practice; bounds tables made from it',
  },
  diagnosticLineCharacters: {
    value: 160,
    unit: 'characters of a source line in a message',
    why: 'keeps a message readable when the whole file is one line',
  },
  diagnostics: {
    value: 100,
    unit: 'diagnostics of one compilation',
    why: 'nobody reads more at once; later ones mostly follow from earlier ones',
  },
  inferencePasses: {
    value: 100,
    unit: 'passes over one contract',
    why: 'types settle after as many passes as the longest chain of unwritten types has links; a few in practice',
  },
  initDataBytes: {
    value: 98_304,
    unit: 'bytes of a container with the arguments of its constructor',
    why: "twice the container's own bound, as EIP-3860 has it for init code",
  },
  localVariables: {
    value: 256,
    unit: 'parameters and local variables of one action',
    why: 'each is set to null at every call, which has a fixed price',
  },
  nestingLevels: {
    value: 32,
    unit: 'levels of blocks, brackets, prefix operators and types',
    why: "the language's bound; parsing recurses no deeper",
  },
  sourceBytes: {
    value: 1_048_576,
    unit: 'bytes of one source file in UTF-8',
    why: 'a container holds 48 KiB, so no sensible contract comes near',
  },
  sourceFiles: {
    value: 64,
    unit: 'files of one compilation',
    why: 'far above what a contract is made of; reading them recurses from file to file',
  },
  sourceTokens: {
    value: 262_144,
    unit: 'tokens of one source file',
    why: 'bounds what parsing allocates; four bytes of source a token is dense text',
  },
  sourceTotalBytes: {
    value: 4_194_304,
    unit: 'bytes of all source files of one compilation in UTF-8',
    why: 'four files of the largest size, or 64 of 64 KiB',
  },
  rememberedFailures: {
    value: 16,
    unit: 'failures that a run has caught and can throw again with their data',
    why: 'one for each handler and each `finally` around the place where it is thrown again',
  },
  revertReasonChars: {
    value: 1_024,
    unit: 'characters of the reason in the message of an error',
    why: 'messages go to logs; the data of the revert have all of it',
  },
  runTextBytes: {
    value: 67_108_864,
    unit: 'bytes of texts, byte strings, lists and maps that a run, and those that wait for it, read or make',
    why: 'bounds the memory of a transaction whatever its gas: 3 gas for 32 bytes would let 1 G gas hold 10 GB',
  },
  openTries: {
    value: 128,
    unit: 'tries, and checkpoints, that are open at once in one action',
    why: "a few for each level of the language's bound on nesting",
  },
  stackDepth: {
    value: 1_024,
    unit: 'values on the stack of one action',
    why: "Ethereum's bound; with the call depth it bounds the registers of a run",
  },
  stringBytes: {
    value: 1_048_576,
    unit: 'bytes of one string or byte string',
    why: 'bounds the memory of a run together with the gas per 32 bytes',
  },
  syntaxHeight: {
    value: 256,
    unit: 'levels of one syntax tree',
    why: 'a long chain of operators or of elif nests to the left or right: whoever walks the tree may recurse',
  },
  tracedValueChars: {
    value: 256,
    unit: 'characters of a value in a trace of instructions',
    why: 'a text may have a million; an address, a hash and any integer have all of theirs',
  },
  valueLevels: {
    value: 32,
    unit: 'lists and maps within each other',
    why: 'whoever copies, compares, encodes or writes out a value recurses once for each',
  },
  zxc1Bytes: {
    value: 16_777_216,
    unit: 'bytes of one `.zxc` file of version 1',
    why: 'a script of a million instructions; a file is read as a whole',
  },
  zxc1Constants: {
    value: 1_048_576,
    unit: 'constants of one module, or of one list in it',
    why: 'bounds tables made from it; upstream trusts the number in the file',
  },
  zxc1Depth: {
    value: 32,
    unit: 'lists and maps around one constant',
    why: "the language's bound on nesting; reading recurses no deeper",
  },
  zxc1Instructions: {
    value: 1_048_576,
    unit: 'instructions of one module',
    why: 'bounds tables made from it; upstream trusts the number in the file',
  },
  zxc1Modules: {
    value: 65_536,
    unit: 'modules of one file',
    why: 'far above the functions of one source',
  },
});
