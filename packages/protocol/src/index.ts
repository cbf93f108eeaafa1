export { type AbiTrailingBytes, decodeAbi } from './abi/decode.ts';
export { encodeAbi } from './abi/encode.ts';
export {
  type AbiEventField,
  type AbiEventLayout,
  type AbiEventLog,
  decodeEvent,
  encodeEvent,
  encodeTopic,
  eventLayout,
  isHashedInTopic,
} from './abi/event.ts';
export {
  type AbiConstructor,
  type AbiError,
  type AbiEvent,
  type AbiFallback,
  type AbiFunction,
  type AbiItem,
  type AbiParameter,
  type AbiReceive,
  itemEventLayout,
  itemSelector,
  itemSignature,
  parameterType,
  type StateMutability,
} from './abi/item.ts';
export { abiValueFromJson, abiValueToJson } from './abi/json.ts';
export {
  decodeRevert,
  encodeErrorString,
  encodePanic,
  PANIC_CODES,
  type RevertReason,
} from './abi/revert.ts';
export {
  type AbiSignature,
  parseSignature,
  SELECTOR_BYTES,
  selectorOfSignature,
  signatureHash,
  signatureText,
} from './abi/signature.ts';
export {
  ABI_WORD_BYTES,
  type AbiType,
  abiArray,
  abiTuple,
  parseAbiType,
  parseAbiTypes,
} from './abi/type.ts';
export type { AbiValue } from './abi/value.ts';
export {
  ADDRESS_BYTES,
  checksumAddress,
  create2Address,
  createAddress,
  parseAddress,
  publicKeyToAddress,
} from './address.ts';
export {
  blockSize,
  type DecodedBlock,
  decodeBlock,
  encodeBlock,
  type RecoveredBlock,
  recoverBlock,
} from './block.ts';
export {
  addToBloom,
  bloomContains,
  emptyBloom,
  logsBloom,
  mergeBlooms,
} from './bloom.ts';
export {
  address20,
  addressOrNull,
  bit,
  byteString,
  bytes,
  type Codec,
  decodeWith,
  encodeWith,
  type FieldCodecs,
  fixed,
  hash32,
  type JsonObject,
  type JsonValue,
  list,
  listItems,
  record,
  safeUint,
  text,
  uint64,
  uint256,
} from './codec.ts';
export { protocolErrors } from './errors.ts';
export {
  effectiveGasPrice,
  effectiveTip,
  maxCost,
  maxFeePerGas,
  maxPriorityFeePerGas,
  nextBaseFee,
} from './fees.ts';
export {
  decodeGenesis,
  encodeGenesis,
  type Genesis,
  type GenesisAccount,
  genesisCodec,
  genesisHeader,
  parametersHash,
  validateGenesis,
} from './genesis.ts';
export {
  decodeHeader,
  EMPTY_OMMERS_HASH,
  EMPTY_TRIE_ROOT,
  encodeHeader,
  type Header,
  headerCodec,
  headerHash,
  headerToJson,
  ZERO_BLOCK_NONCE,
} from './header.ts';
export { protocolLimits } from './limits.ts';
export { LogMatcher } from './log-matcher.ts';
export {
  isReservedForNatives,
  NATIVE_ADDRESSES,
  type NativeName,
  nativeCode,
  nativeNameOf,
} from './native-code.ts';
export {
  decodeReceipt,
  encodeReceipt,
  type Log,
  logToJson,
  type Receipt,
  receiptToJson,
} from './receipt.ts';
export {
  decodeRlp,
  encodeRlp,
  encodeRlpList,
  type RlpItem,
  type RlpPrefix,
  readRlpPrefix,
  rlpLength,
  rlpPrefixLength,
  splitRlpList,
  writeRlp,
  writeRlpListPrefix,
  writeRlpStringPrefix,
} from './rlp.ts';
export {
  type Fork,
  INITIAL_FORKS,
  MAX_BLOCK_GAS_LIMIT,
  RULE_NAMES,
  type RuleName,
  type RuleParameters,
  type Rules,
  ruleDefinitions,
  rulesAt,
  validateForks,
} from './rules.ts';
export type {
  CallTrace,
  CallTraceKind,
  SourceLocation,
  StepTrace,
  TraceStep,
  TransactionTrace,
} from './trace-views.ts';
export {
  type AccessListEntry,
  type AccessListTransaction,
  decodeTransaction,
  encodeTransaction,
  encodeUnsigned,
  type FeeMarketTransaction,
  type LegacyTransaction,
  type RecoveredTransaction,
  recoverSender,
  recoverTransaction,
  type SignedTransaction,
  signingHash,
  signTransaction,
  type TransactionSignature,
  transactionHash,
  transactionToJson,
  type UnsignedTransaction,
  unsignedTransaction,
} from './transaction.ts';
export { typedDataDigest } from './typed-data.ts';
export {
  carriedGasLimit,
  intrinsicGas,
  MAX_TRANSACTION_NONCE,
  type TransactionContext,
  validateHeader,
  validateTransaction,
} from './validation.ts';
export type {
  AccountProof,
  BlockOverrides,
  BlockView,
  CallOverrides,
  CallRequest,
  HeaderView,
  LogFilter,
  LogView,
  SimulatedBlockRequest,
  SlotWord,
  StateOverride,
  StorageProof,
  TransactionPosition,
} from './views.ts';
