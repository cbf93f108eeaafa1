export type {
  AbiField,
  Constant,
  Container,
  ContainerAction,
  ContainerEvent,
  Mutability,
  SourceMap,
  SourcePlace,
} from './bytecode/container.ts';
export { crc32 } from './bytecode/crc32.ts';
export { decodeContainer } from './bytecode/decode-container.ts';
export { disassemble } from './bytecode/disassemble.ts';
export { encodeContainer } from './bytecode/encode-container.ts';
export { hasZexusPrefix, splitInitData } from './bytecode/init-data.ts';
export {
  type Instruction,
  OPCODES,
  type Opcode,
  type OperandKind,
  opcodeByCode,
  opcodeByName,
} from './bytecode/opcodes.ts';
export {
  type Compilation,
  type CompiledContract,
  type CompileOptions,
  compile,
} from './compiler/compile.ts';
export { selectContract } from './compiler/select-contract.ts';
export { zexusErrors } from './errors.ts';
export type { ExportCollision } from './exports/collisions.ts';
export { contractAbi } from './exports/contract-abi.ts';
export { type ExportedAction, exportedSignature, selectorOf } from './exports/selector.ts';
export type { StandardEvent } from './exports/standard-events.ts';
export type { CellType, StateSchema, StateVariable } from './layout/schema.ts';
export { canonicalKey, continuationSlots, entrySlot, variableSlot } from './layout/slots.ts';
export {
  type CellMismatch,
  encodeTypedCell,
  type TypedCell,
} from './layout/typed-cell.ts';
export {
  type CellStore,
  type CellWrite,
  encodeUntypedCell,
  type UntypedHead,
} from './layout/untyped-cell.ts';
export { zexusLimits } from './limits.ts';
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
export type { CallContext, HostState } from './vm/host.ts';
export { type LoadOptions, loadProgram, lowerContainer } from './vm/load.ts';
export { type Program, programBytes } from './vm/program.ts';
export type { TracedRun, VmTracer } from './vm/tracer.ts';
export { Address, integer, type Value } from './vm/value.ts';
export { verifyContainer } from './vm/verifier.ts';
export { type ProgramPosition, VERIFIER_RULES, type VerifierRule } from './vm/verify-rule.ts';
