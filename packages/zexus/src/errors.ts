import { defineErrors, type ErrorRegistry } from '@lucerna/base';

const recompile =
  'Compile the contract again; the file or the transaction data is damaged or forged.';

const rewrite = 'Compile the source again; the file is damaged.';

/**
 * Codes of the zexus package. `ZXC_*` are the rules of the container's format, docs/spec/zxc.md,
 * `ZXC1_*` those of upstream's, docs/spec/zxc1.md.
 * Failures of running code have the words of go-ethereum, because clients match on them.
 */
export const zexusErrors: ErrorRegistry<
  | 'CALL_DEPTH'
  | 'COMPILE_FAILED'
  | 'CONTRACT_AMBIGUOUS'
  | 'CONTRACT_MISSING'
  | 'EXECUTION_REVERTED'
  | 'OUT_OF_GAS'
  | 'PROGRAM_REFUSED'
  | 'STATIC_WRITE'
  | 'VARIABLE_UNREADABLE'
  | 'ZXC1_CRC'
  | 'ZXC1_FORM'
  | 'ZXC1_INTEGER'
  | 'ZXC1_LIMIT'
  | 'ZXC1_MAGIC'
  | 'ZXC1_OPCODE'
  | 'ZXC1_OPERAND'
  | 'ZXC1_SCRIPT'
  | 'ZXC1_TAG'
  | 'ZXC1_TEXT'
  | 'ZXC1_TRAILING_BYTES'
  | 'ZXC1_TRUNCATED'
  | 'ZXC1_VALUE'
  | 'ZXC1_VERSION'
  | 'ZXC_CODE_HASH'
  | 'ZXC_CONSTANT'
  | 'ZXC_CRC'
  | 'ZXC_DUPLICATE'
  | 'ZXC_ENTRY_POINT'
  | 'ZXC_EVENT_INDEXED'
  | 'ZXC_EXPORT'
  | 'ZXC_FLAG'
  | 'ZXC_INIT'
  | 'ZXC_INTEGER'
  | 'ZXC_LENGTH'
  | 'ZXC_LIMIT'
  | 'ZXC_MAGIC'
  | 'ZXC_NAME'
  | 'ZXC_NUMBER'
  | 'ZXC_OPCODE'
  | 'ZXC_SECTION'
  | 'ZXC_SECTION_EMPTY'
  | 'ZXC_SECTION_LENGTH'
  | 'ZXC_SELECTOR'
  | 'ZXC_SHAPE'
  | 'ZXC_SOURCE_MAP'
  | 'ZXC_TEXT'
  | 'ZXC_TRAILING_BYTES'
  | 'ZXC_TRUNCATED'
  | 'ZXC_TYPE'
  | 'ZXC_VERSION'
> = defineErrors('zexus', {
  CALL_DEPTH: {
    summary: 'max call depth exceeded',
    remedy: 'Call fewer actions from within each other; a loop needs no depth.',
  },
  COMPILE_FAILED: {
    summary: 'The source does not compile',
    remedy: 'Repair what the messages point at and compile it again.',
  },
  CONTRACT_AMBIGUOUS: {
    summary: 'The source has several contracts',
    remedy: 'Say which one is meant; on the command line with --contract NAME.',
  },
  CONTRACT_MISSING: {
    summary: 'The source does not have the contract',
    remedy: 'Compare the name with the declarations `contract NAME { … }` in the source.',
  },
  EXECUTION_REVERTED: {
    summary: 'execution reverted',
    remedy: "Meet the contract's condition that the reason names.",
  },
  OUT_OF_GAS: {
    summary: 'out of gas',
    remedy: 'Raise the gas limit; an estimate says what the call needs in the present state.',
  },
  PROGRAM_REFUSED: {
    summary: 'The verifier refuses the program',
    remedy: recompile,
  },
  STATIC_WRITE: {
    summary: 'write protection',
    remedy: 'Do not write, emit or transfer in a view action or in a static call.',
  },
  VARIABLE_UNREADABLE: {
    summary: 'The variable cannot be read like this',
    remedy: 'Name a variable of the contract, and keys for a map whose keys are not recorded.',
  },
  ZXC1_CRC: {
    summary: 'The checksum does not match: the file is damaged',
    remedy: rewrite,
  },
  ZXC1_FORM: {
    summary: 'The file is not written in its one form',
    remedy: 'Read it without `strict`, or write it again.',
  },
  ZXC1_INTEGER: {
    summary: 'The integer has more than 64 bits, which version 1 of the format cannot hold',
    remedy: 'Compile a contract (version 2 has integers of 256 bits), or write the number as text.',
  },
  ZXC1_LIMIT: {
    summary: 'The file exceeds a limit',
    remedy: 'Split the module; docs/reference/limits.md lists the limits (`zxc1…`).',
  },
  ZXC1_MAGIC: {
    summary: 'The bytes begin neither with ZXC and a zero nor with ZXCM',
    remedy: 'Give a `.zxc` file of version 1; a contract container begins with EF 5A 58.',
  },
  ZXC1_OPCODE: {
    summary: 'There is no such opcode',
    remedy: 'Use a name of docs/spec/zxc1.md, or the number.',
  },
  ZXC1_OPERAND: {
    summary: 'The operand is of no kind that the format knows',
    remedy: 'Use nothing, an integer of 64 bits, or two or three numbers of 32 bits.',
  },
  ZXC1_SCRIPT: {
    summary: 'The module has something that scripts here cannot run',
    remedy: 'Use the opcodes that docs/spec/zxc1.md lists for scripts, and no floats.',
  },
  ZXC1_TAG: {
    summary: 'The constant has a tag that is not read',
    remedy: 'Write the module without pickled objects (OPAQUE); they could run any code.',
  },
  ZXC1_TEXT: {
    summary: 'The text has no UTF-8, or is not well-formed UTF-8',
    remedy: 'Leave lone surrogates out of the text.',
  },
  ZXC1_TRAILING_BYTES: {
    summary: 'Bytes follow the module',
    remedy: 'Read it without `strict`, or write it again.',
  },
  ZXC1_TRUNCATED: { summary: 'The file ends before its content does', remedy: rewrite },
  ZXC1_VALUE: {
    summary: 'The value cannot be written as a constant',
    remedy: 'Use null, booleans, integers, floats, text, lists, and dictionaries with simple keys.',
  },
  ZXC1_VERSION: {
    summary: 'The file has a version after 1',
    remedy: 'A contract container (version 2) begins with EF 5A 58: use `decodeContainer`.',
  },
  ZXC_CODE_HASH: {
    summary: 'The code hash in the header is not that of the sections',
    remedy: recompile,
  },
  ZXC_CONSTANT: { summary: 'The constant has an unknown tag', remedy: recompile },
  ZXC_CRC: { summary: 'The checksum does not match: the container is damaged', remedy: recompile },
  ZXC_DUPLICATE: {
    summary: 'A name or a selector occurs twice where it must be unique',
    remedy: 'Rename one of the two and compile the contract again.',
  },
  ZXC_ENTRY_POINT: {
    summary:
      'The action cannot be what takes calls without a function, or has another role already',
    remedy: recompile,
  },
  ZXC_EVENT_INDEXED: {
    summary: 'The event has more than three indexed fields',
    remedy: 'Index at most three fields: a log has four topics, and the first is the event itself.',
  },
  ZXC_EXPORT: {
    summary: 'The export is not written in its one form',
    remedy: recompile,
  },
  ZXC_FLAG: { summary: 'The byte is none of the values that its field knows', remedy: recompile },
  ZXC_INIT: {
    summary:
      'The action to run at deployment does not exist, is exported, is a view or has a result',
    remedy: recompile,
  },
  ZXC_INTEGER: {
    summary: 'The integer constant is not in its shortest form or has more than 256 bits',
    remedy: recompile,
  },
  ZXC_LENGTH: {
    summary: 'The total length in the header is less than the smallest container',
    remedy: recompile,
  },
  ZXC_LIMIT: {
    summary: 'The container exceeds a limit of its format',
    remedy: 'Make the contract smaller, or split it; docs/reference/limits.md lists the limits.',
  },
  ZXC_MAGIC: {
    summary: 'The bytes do not begin with EF 5A 58: they are not a contract container',
    remedy: 'Deploy what `lucerna contract compile` writes as bytecode.',
  },
  ZXC_NAME: {
    summary: 'The name is not an identifier',
    remedy: 'Use letters, digits and _, and no digit first.',
  },
  ZXC_NUMBER: {
    summary: 'The number is not in its shortest form or has more than 32 bits',
    remedy: recompile,
  },
  ZXC_OPCODE: { summary: 'The opcode is not one that contracts can use', remedy: recompile },
  ZXC_SECTION: { summary: 'Another section stands where this one belongs', remedy: recompile },
  ZXC_SECTION_EMPTY: {
    summary: 'A section that may be left out is there with nothing in it',
    remedy: recompile,
  },
  ZXC_SECTION_LENGTH: {
    summary: 'The section does not end where its length says',
    remedy: recompile,
  },
  ZXC_SELECTOR: {
    summary: 'The selector is not that of the exported name and its parameter types',
    remedy: recompile,
  },
  ZXC_SHAPE: {
    summary: 'The shape of the variable is not written in its one form',
    remedy: recompile,
  },
  ZXC_SOURCE_MAP: {
    summary: 'The source map is not that of the code, or not in its one form',
    remedy: recompile,
  },
  ZXC_TEXT: {
    summary: 'The text is not well-formed UTF-8',
    remedy: 'Save the source file as UTF-8 and compile it again.',
  },
  ZXC_TRAILING_BYTES: { summary: 'Bytes follow the container', remedy: recompile },
  ZXC_TRUNCATED: { summary: 'The container ends before its content does', remedy: recompile },
  ZXC_TYPE: { summary: 'The type code is unknown or not allowed here', remedy: recompile },
  ZXC_VERSION: {
    summary: 'The container has a version that this chain does not run',
    remedy: 'Compile the contract with a compiler for version 2 of the format.',
  },
});
