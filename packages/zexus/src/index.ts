export type {
  AbiField,
  ActionPlaces,
  Constant,
  Container,
  ContainerAction,
  ContainerError,
  ContainerEvent,
  Mutability,
  SourceMap,
  SourcePlace,
} from './bytecode/container.ts';
export { crc32 } from './bytecode/crc32.ts';
export { decodeContainer } from './bytecode/decode-container.ts';
export { disassemble, shapeText, typeText } from './bytecode/disassemble.ts';
export { encodeContainer } from './bytecode/encode-container.ts';
export { hasZexusPrefix, splitInitData } from './bytecode/init-data.ts';
export { OPCODE_DOCS, type OpcodeDoc } from './bytecode/opcode-docs.ts';
export {
  type Instruction,
  OPCODES,
  type Opcode,
  type OperandKind,
  opcodeByCode,
  opcodeByName,
  TX_FIELDS,
} from './bytecode/opcodes.ts';
export { disassembleModule } from './bytecode/zxc1/disassemble-module.ts';
export {
  isZxcFresh,
  recordedSourceHash,
  withSourceHash,
  type ZxcFreshness,
  zxcPathFor,
} from './bytecode/zxc1/freshness.ts';
export type {
  Zxc1Constant,
  Zxc1Instruction,
  Zxc1Module,
  Zxc1Operand,
} from './bytecode/zxc1/module.ts';
export {
  type DeserializeOptions,
  deserialize,
  deserializeMulti,
  headerInfo,
  type ReadModule,
  validate,
  type Zxc1Header,
} from './bytecode/zxc1/read-module.ts';
export type { UpstreamValue } from './bytecode/zxc1/upstream-json.ts';
export {
  type UpstreamInstruction,
  type UpstreamOperand,
  upstreamModule,
} from './bytecode/zxc1/upstream-module.ts';
export {
  type SerializeOptions,
  serialize,
  serializeMulti,
} from './bytecode/zxc1/write-module.ts';
export type { BuiltinDoc, BuiltinGroup } from './compiler/builtin-doc.ts';
export { BUILTIN_DOCS, FUNCTION_FORMS } from './compiler/builtin-docs.ts';
export {
  BUILTIN_ALIASES,
  BUILTIN_SIGNATURES,
  type BuiltinSignature,
  type ResultRelation,
} from './compiler/builtin-signatures.ts';
export {
  COMPILER_VERSION,
  type Compilation,
  type CompiledContract,
  type CompileOptions,
  compile,
} from './compiler/compile.ts';
export { FORBIDDEN_FUNCTIONS } from './compiler/forbidden-functions.ts';
export { METHOD_SIGNATURES, type MethodSignature } from './compiler/method-signatures.ts';
export type { FindFile } from './compiler/modules.ts';
export { selectContract } from './compiler/select-contract.ts';
export { zexusErrors } from './errors.ts';
export type { ExportCollision } from './exports/collisions.ts';
export { contractAbi } from './exports/contract-abi.ts';
export { type ExportedAction, exportedSignature, selectorOf } from './exports/selector.ts';
export type { StandardEvent } from './exports/standard-events.ts';
export {
  type ListHead,
  listHeadWord,
  type MapHead,
  mapHeadWord,
  parseListHead,
  parseMapHead,
} from './layout/heads.ts';
export {
  type CellType,
  plainDepth,
  type StateSchema,
  type StateShape,
  type StateVariable,
} from './layout/schema.ts';
export {
  canonicalKey,
  continuationSlots,
  delegatedSlot,
  elementSlot,
  entrySlot,
  LEDGER_SLOT,
  layoutSlot,
  presenceSlot,
  STATE_SLOT,
  sequenceSlot,
  variableSlot,
} from './layout/slots.ts';
export {
  type CellMismatch,
  encodeTypedCell,
  type TypedCell,
} from './layout/typed-cell.ts';
export {
  type CellStore,
  type CellWrite,
  encodeUntypedCell,
  readUntypedCell,
  type UntypedHead,
} from './layout/untyped-cell.ts';
export { decodeValue, encodeValue, UNMETERED, type ValueMeter } from './layout/value-encoding.ts';
export { zexusLimits } from './limits.ts';
export { STANDARD_LIBRARY, STANDARD_PREFIX, standardLibraryFile } from './std/standard-library.ts';
export { type DiagnosticCode, diagnosticCodes } from './syntax/diagnostic-codes.ts';
export {
  type Diagnostic,
  formatDiagnostic,
  locate,
  type SourcePosition,
} from './syntax/diagnostics.ts';
export type { ParseResult } from './syntax/parser.ts';
export type { SourceFile, Span } from './syntax/source.ts';
export type { Builtin } from './vm/builtin-table.ts';
export { call, construct, type VmOutcome, type VmRun } from './vm/call.ts';
export { type GasSchedule, INITIAL_GAS } from './vm/gas.ts';
export type {
  CallContext,
  CallPort,
  Checkpoint,
  ContractCall,
  ContractCallOutcome,
  HostState,
} from './vm/host.ts';
export { shapeFingerprint } from './vm/layout-registry.ts';
export { type LoadOptions, loadProgram, lowerContainer } from './vm/load.ts';
export type { RunStatistics } from './vm/machine.ts';
export { type HostLog, MemoryHost, NO_CHAIN, NO_CONTRACTS } from './vm/memory-host.ts';
export type { RunMemory } from './vm/meter.ts';
export { METHOD_ALIASES, type Receiver } from './vm/method-table.ts';
export { type Program, programBytes } from './vm/program.ts';
export { readVariable } from './vm/read-variable.ts';
export { type RunScriptOptions, runScript, type ScriptOutcome } from './vm/run-script.ts';
export type { TracedRun, VmTracer } from './vm/tracer.ts';
export {
  Address,
  Dictionary,
  integer,
  isScalar,
  keyText,
  List,
  type Scalar,
  type Value,
} from './vm/value.ts';
export { verifyContainer } from './vm/verifier.ts';
export { type ProgramPosition, VERIFIER_RULES, type VerifierRule } from './vm/verify-rule.ts';
