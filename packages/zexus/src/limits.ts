import { defineLimits, type LimitRegistry } from '@lucerna/base';

/** The bounds of what this package reads, compiles and runs. */
export const zexusLimits: LimitRegistry<
  | 'callDepth'
  | 'containerActions'
  | 'containerBytes'
  | 'containerConstants'
  | 'containerEventFields'
  | 'containerEvents'
  | 'containerFileNameBytes'
  | 'containerInstructions'
  | 'containerMapDepth'
  | 'containerMetadataEntries'
  | 'containerMetadataKeyBytes'
  | 'containerMetadataValueBytes'
  | 'containerNameBytes'
  | 'containerParameters'
  | 'containerVariables'
  | 'diagnosticLineCharacters'
  | 'diagnostics'
  | 'inferencePasses'
  | 'initDataBytes'
  | 'localVariables'
  | 'nestingLevels'
  | 'sourceBytes'
  | 'sourceTokens'
  | 'revertReasonChars'
  | 'runTextBytes'
  | 'stackDepth'
  | 'stringBytes'
  | 'syntaxHeight'
  | 'tracedValueChars'
> = defineLimits('zexus', {
  callDepth: {
    value: 64,
    unit: 'actions called from within each other',
    why: 'bounds the registers of a run; recursion in contracts is rare and shallow',
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
  containerInstructions: {
    value: 32_768,
    unit: 'instructions of one action',
    why: 'bounds the tables that verifying and lowering make; an instruction has one byte at least',
  },
  containerMapDepth: {
    value: 32,
    unit: 'keys that lead to one cell',
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
    unit: 'diagnostics of one file',
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
  sourceTokens: {
    value: 262_144,
    unit: 'tokens of one source file',
    why: 'bounds what parsing allocates; four bytes of source a token is dense text',
  },
  revertReasonChars: {
    value: 1_024,
    unit: 'characters of the reason in the message of an error',
    why: 'messages go to logs; the data of the revert have all of it',
  },
  runTextBytes: {
    value: 67_108_864,
    unit: 'bytes of strings and byte strings that one run reads or makes',
    why: 'bounds the memory of a run whatever its gas: 3 gas for 32 bytes would let 1 G gas hold 10 GB',
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
});
