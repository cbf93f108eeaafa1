import { UNSUPPORTED_METHODS } from '@lucerna/api';
import type { Disagreement } from './anvil-compare.ts';
import type { PlayedStep } from './anvil-script.ts';

/** A way in which we answer otherwise than anvil on purpose. */
export type Exception = {
  /** What it is about, for the guide. */
  readonly subject: string;
  readonly anvil: string;
  /** What we do instead, and why. */
  readonly here: string;
  readonly methods: RegExp;
  readonly paths: RegExp;
  /** Default: `value`. */
  readonly kind?: Disagreement['kind'];
  /** What else must hold. */
  readonly when?: (disagreement: Disagreement, context: Context) => boolean;
};

/** The answers around a disagreement. */
export type Context = {
  readonly theirs: PlayedStep;
  readonly ours: PlayedStep;
  /** Methods of the steps before, the last one first. */
  readonly before: readonly string[];
};

/** What is compared and not excused; and which exceptions were used. */
export type Verdict = {
  readonly unexplained: readonly Disagreement[];
  readonly used: ReadonlySet<Exception>;
};

/** How many steps an exception may look back. */
const LOOK_BACK = 5;

/** Sorts disagreements into excused ones and others. */
export function judge(
  disagreements: readonly Disagreement[],
  theirs: readonly PlayedStep[],
  ours: readonly PlayedStep[],
): Verdict {
  const used = new Set<Exception>();
  const unexplained = disagreements.filter((disagreement) => {
    const { step } = disagreement;
    const context: Context = {
      theirs: theirs[step] as PlayedStep,
      ours: ours[step] as PlayedStep,
      before: theirs
        .slice(Math.max(0, step - LOOK_BACK), step)
        .map(({ method }) => method)
        .reverse(),
    };
    const exception = EXCEPTIONS.find((each) => excuses(each, disagreement, context));
    if (exception !== undefined) used.add(exception);
    return exception === undefined;
  });
  return { unexplained, used };
}

function excuses(exception: Exception, disagreement: Disagreement, context: Context): boolean {
  const { methods, paths, kind = 'value', when } = exception;
  return (
    methods.test(disagreement.method) &&
    paths.test(disagreement.path) &&
    kind === disagreement.kind &&
    (when === undefined || when(disagreement, context))
  );
}

/** A field of an answer's result. */
function field({ answer }: PlayedStep, name: string): unknown {
  return (answer.result as Readonly<Record<string, unknown>> | null)?.[name];
}

const codeOf = (value: unknown): unknown =>
  (value as { readonly code?: unknown } | undefined)?.code;

/** Both say no, with these codes. */
const codes =
  (theirs: number, ours: number): NonNullable<Exception['when']> =>
  (disagreement) =>
    disagreement.theirs === theirs && disagreement.ours === ours;

/** They answer, and we refuse with this code; or the other way round. */
const weRefuse =
  (code: number): NonNullable<Exception['when']> =>
  ({ theirs, ours }) =>
    theirs === undefined && codeOf(ours) === code;
/** The same, in these words. */
const weRefuseAs =
  (text: string): NonNullable<Exception['when']> =>
  ({ theirs, ours }) =>
    theirs === undefined && String((ours as { message?: unknown })?.message).startsWith(text);
const theyRefuse: NonNullable<Exception['when']> = ({ theirs, ours }) =>
  theirs !== undefined && ours === undefined;

/** Ours is later, by no more than the script's blocks with an interval take together. */
const isLater: NonNullable<Exception['when']> = ({ theirs, ours }) => {
  const seconds = Number(ours) - Number(theirs);
  return seconds > 0 && seconds <= 150 * 12;
};

const isSignedByNode: NonNullable<Exception['when']> = (_, { theirs, ours }) =>
  field(theirs, 'maxFeePerGas') !== field(ours, 'maxFeePerGas');

/** Texts that wallets look for in rejected transactions: ours begin with the same words. */
const REJECTIONS = [
  'already known',
  'insufficient funds for gas * price + value',
  'intrinsic gas too low',
  'invalid chain id for signer',
  'max fee per gas less than block base fee',
  'nonce too low',
  'replacement transaction underpriced',
];

function isSameRejection({ method, theirs, ours }: Disagreement): boolean {
  const text = String(theirs).toLowerCase();
  if (!/^eth_(?:send|call)/.test(method) || !REJECTIONS.includes(text)) return true;
  return String(ours).startsWith(text);
}

const BLOCKS = /^eth_getBlockBy/;

/** Every way in which the answers to the script differ; the guide for users of anvil shows them. */
export const EXCEPTIONS: readonly Exception[] = [
  {
    subject: '`eth_getBlockBy*`: `totalDifficulty`',
    anvil: '`0x0`',
    here: 'absent: there was never proof of work, and the standard and geth have given it up',
    methods: BLOCKS,
    paths: /^result\.totalDifficulty$/,
    kind: 'missing',
  },
  {
    subject: 'blobs in blocks, receipts and `eth_feeHistory`',
    anvil:
      '`blobGasUsed`, `excessBlobGas`, `blobGasPrice`, `baseFeePerBlobGas`, `blobGasUsedRatio`',
    here: 'absent: there are no blob transactions',
    methods: /^(?:eth|ots)_/,
    paths: /\.(?:blobGasUsed|excessBlobGas|blobGasPrice|baseFeePerBlobGas|blobGasUsedRatio)$/,
    kind: 'missing',
  },
  {
    subject: '`size` of block 0',
    anvil: '2 bytes more, for the two blob fields',
    here: 'the bytes of the header there is',
    methods: BLOCKS,
    paths: /^result\.size$/,
    when: (_, { theirs }) => field(theirs, 'number') === '0x0',
  },
  {
    subject: '`size` of a block with impersonated transactions',
    anvil: 'with `r` and `s` of one byte',
    here: 'about 24 bytes more for each, because the sender is in `r`',
    methods: BLOCKS,
    paths: /^result\.size$/,
    when: (_, { theirs, ours }) =>
      JSON.stringify(field(theirs, 'transactions')) !== JSON.stringify(field(ours, 'transactions')),
  },
  {
    subject: 'receipts: `blockTimestamp`',
    anvil: 'a JSON number',
    here: 'absent: the schema of receipts allows no further fields; it is in the block',
    methods: /^eth_(?:getTransactionReceipt|getBlockReceipts|send.*Sync)$/,
    paths: /\.blockTimestamp$/,
    kind: 'missing',
  },
  {
    subject: 'tags `safe` and `finalized`',
    anvil: '32 and 64 blocks behind the head, block 0 at first',
    here: 'the head: nothing but a cheat takes a block back',
    methods: BLOCKS,
    paths: /^result\./,
    when: (_, { theirs }) => ['safe', 'finalized'].includes(String(theirs.params[0])),
  },
  {
    subject: 'base fee of block 1',
    anvil: 'that of block 0',
    here: '7/8 of that of block 0, which is empty (EIP-1559)',
    methods: /^(?:anvil_nodeInfo|eth_feeHistory)$/,
    paths: /^result\.(?:environment\.(?:baseFee|gasPrice)|baseFeePerGas\.\*)$/,
    when: (_, { theirs }) =>
      field(theirs, 'currentBlockNumber') === '0x0' || field(theirs, 'oldestBlock') === '0x0',
  },
  {
    subject: 'base fee after `anvil_rollback`, `anvil_reorg`, `anvil_reset`',
    anvil: 'goes on from the blocks that were taken back, after `anvil_reset` also in block 0',
    here: "follows from the parent's, as in every block; block 0 stays what it is",
    methods: BLOCKS,
    paths: /^result\.baseFeePerGas$/,
    when: (_, { theirs, before }) =>
      before[0] === 'anvil_reorg' || field(theirs, 'number') === '0x0',
  },
  {
    subject: '`anvil_nodeInfo`: `currentBlockTimestamp` of block 0',
    anvil: '1',
    here: 'the timestamp of block 0',
    methods: /^anvil_nodeInfo$/,
    paths: /^result\.currentBlockTimestamp$/,
    when: ({ theirs }) => theirs === 1,
  },
  {
    subject: 'suggested fees: `eth_gasPrice`, `eth_maxPriorityFeePerGas`',
    anvil: 'follow the fees of the last blocks',
    here: 'a tip of 1 gwei on the next base fee: every transaction that pays a tip is taken',
    methods: /^(?:eth_(?:gasPrice|maxPriorityFeePerGas)|anvil_nodeInfo)$/,
    paths: /^result(?:\.environment\.gasPrice)?$/,
  },
  {
    subject: 'signature of an impersonated transaction',
    anvil: '`r` and `s` are 0',
    here: '`r` holds the sender, `s` is 1: the hash says who sent it, in every tool',
    methods: /^eth_getTransactionByHash$/,
    paths: /^result\.(?:r|s)$/,
    when: (_, { theirs }) => field(theirs, 'r') === '0x0',
  },
  {
    subject: 'fees that the node fills in',
    anvil: '`maxFeePerGas` is `eth_gasPrice`',
    here: '`maxFeePerGas` is twice the base fee and the tip: it still pays after five full blocks',
    methods: /^eth_(?:getTransactionByHash|fillTransaction)$/,
    paths: /^result\.(?:raw|tx\.maxFeePerGas|tx\.gasPrice|maxFeePerGas|r|s|v|yParity)$/,
    when: (disagreement, context) =>
      disagreement.method === 'eth_fillTransaction' || isSignedByNode(disagreement, context),
  },
  {
    subject: '`eth_fillTransaction`: `blockHash`, `blockNumber`, `transactionIndex` of `tx`',
    anvil: 'null',
    here: 'absent, as in the standard: it is in no block',
    methods: /^eth_fillTransaction$/,
    paths: /^result\.tx\.(?:blockHash|blockNumber|transactionIndex)$/,
    kind: 'missing',
  },
  {
    subject: '`gasPrice` of a type 2 transaction in the pool',
    anvil: 'what it would pay now',
    here: 'its `maxFeePerGas`, as the standard has it',
    methods: /^eth_getTransactionByHash$/,
    paths: /^result\.gasPrice$/,
    when: (disagreement, { ours }) =>
      field(ours, 'blockHash') === null && disagreement.ours === field(ours, 'maxFeePerGas'),
  },
  {
    subject: '`blockTimestamp` of a transaction in the pool',
    anvil: 'absent',
    here: 'null, as `blockHash` and `blockNumber` are',
    methods: /^(?:eth_getTransactionByHash|txpool_content)$/,
    paths: /\.blockTimestamp$/,
    kind: 'extra',
    when: ({ ours }) => ours === null,
  },
  {
    subject: 'code of a rejected transaction or call',
    anvil: '-32003',
    here: "-32000, geth's, with geth's words, which wallets look for",
    methods: /^eth_(?:call|send(?:Raw)?Transaction(?:Sync)?)$/,
    paths: /^error\.code$/,
    when: codes(-32_003, -32_000),
  },
  {
    subject: 'code for bytes that are no transaction',
    anvil: '-32602',
    here: "-32000, as geth's",
    methods: /^eth_sendRawTransaction$/,
    paths: /^error\.code$/,
    when: codes(-32_602, -32_000),
  },
  {
    subject: 'code for an account without a key (`eth_sendTransaction`, `eth_sign`)',
    anvil: '-32602',
    here: "-32000 `unknown account`, as geth's: the form of the request is right",
    methods: /^eth_(?:sendTransaction|sign)$/,
    paths: /^error\.code$/,
    when: codes(-32_602, -32_000),
  },
  {
    subject: 'code for a block that is not there (`eth_call`, `eth_getBalance`, …)',
    anvil: '-32602',
    here: "-32000 `header not found`, geth's",
    methods: /^eth_(?:call|getBalance)$/,
    paths: /^error\.code$/,
    when: codes(-32_602, -32_000),
  },
  {
    subject: 'texts of errors',
    anvil: 'its own',
    here: 'ours say which argument is wrong; those about rejected transactions begin with the same words',
    methods: /./,
    paths: /^error\.message$/,
    when: isSameRejection,
  },
  {
    subject: '`eth_getBlockTransactionCountByNumber` of a block that is not there',
    anvil: 'error -32602',
    here: 'null, as all `eth_getBlock*` answer',
    methods: /^eth_getBlockTransactionCountByNumber$/,
    paths: /^error$/,
    when: theyRefuse,
  },
  {
    subject: 'methods of a state without a block parameter',
    anvil: 'error -32602',
    here: 'the latest block: geth and many scripts leave it out',
    methods: /^eth_getBalance$/,
    paths: /^error$/,
    when: theyRefuse,
  },
  {
    subject: '`eth_getLogs` with `fromBlock` after `toBlock`, or with `toBlock` beyond the head',
    anvil: 'no logs, or those up to the head',
    here: 'error -32602, as the standard has it',
    methods: /^eth_getLogs$/,
    paths: /^error$/,
    when: weRefuse(-32_602),
  },
  {
    subject: '`eth_estimateGas` of more than the sender has',
    anvil: 'an estimate',
    here: 'error -32000, as geth: the transaction would be rejected',
    methods: /^eth_estimateGas$/,
    paths: /^error$/,
    when: weRefuse(-32_000),
  },
  {
    subject: '`eth_feeHistory` with an empty list of percentiles',
    anvil: '`reward` is an empty list',
    here: 'no `reward`: none was asked for',
    methods: /^eth_feeHistory$/,
    paths: /^result\.reward$/,
    kind: 'missing',
  },
  {
    subject: '`eth_protocolVersion`',
    anvil: 'the JSON number 1',
    here: '`0x1`, a quantity',
    methods: /^eth_protocolVersion$/,
    paths: /^result$/,
  },
  {
    subject: '`net_peerCount`',
    anvil: 'unknown method',
    here: '`0x0`',
    methods: /^net_peerCount$/,
    paths: /^error$/,
    when: theyRefuse,
  },
  {
    subject: '`eth_simulateV1` without validation',
    anvil: 'simulates the latest block again, with no parent and no state root',
    here: 'the block after the latest, whole, with a base fee of 0 and the `miner` of its parent, as geth',
    methods: /^eth_simulateV1$/,
    paths: /^result\.\*\.(?:number|miner|baseFeePerGas|timestamp)$/,
  },
  {
    subject: '`eth_simulateV1`: `size`',
    anvil: 'absent',
    here: 'as in other blocks',
    methods: /^eth_simulateV1$/,
    paths: /^result\.\*\.size$/,
    kind: 'extra',
  },
  {
    subject: '`eth_getProof`: nodes of `accountProof`',
    anvil: 'of a state with the CREATE2 factory in EVM code',
    here: 'of a state with the CREATE2 factory and Multicall3, both native',
    methods: /^eth_getProof$/,
    paths: /^result\.accountProof\./,
  },
  {
    subject: 'traces: `gas` of the outermost call',
    anvil: 'without the intrinsic gas; of `debug_traceCall` the limit of the block',
    here: 'the gas limit of the transaction, as in geth; of `debug_traceCall` that of `eth_call`',
    methods: /^debug_trace(?:Transaction|Call|BlockByNumber|BlockByHash)$/,
    paths: /^result\.(?:\*\.result\.)?gas$/,
  },
  {
    subject: "tracers that show the EVM's storage (`prestateTracer`, `muxTracer`, …)",
    anvil: 'answered',
    here: 'error -32602 that names the tracers there are',
    methods: /^debug_traceTransaction$/,
    paths: /^error$/,
    when: weRefuse(-32_602),
  },
  {
    subject: '`debug_traceTransaction` of an unknown transaction',
    anvil: 'an empty trace',
    here: "error -32000 `transaction not found`, geth's",
    methods: /^debug_traceTransaction$/,
    paths: /^error$/,
    when: weRefuse(-32_000),
  },
  {
    subject: '`ots_getInternalOperations` of a plain transfer',
    anvil: 'the transfer itself',
    here: 'none: only what contracts do in it is internal, as in Erigon',
    methods: /^ots_getInternalOperations$/,
    paths: /^result\.length$/,
    when: ({ theirs, ours }) => theirs === 1 && ours === 0,
  },
  {
    subject: 'ids of filters',
    anvil: '32 random digits',
    here: '32 other digits',
    methods: /^eth_new\w*Filter$/,
    paths: /^result$/,
    when: ({ theirs, ours }) => [theirs, ours].every((id) => /^0x[0-9a-f]{32}$/.test(String(id))),
  },
  {
    subject: 'what the node calls itself',
    anvil: '`anvil/v…`',
    here: '`anvil-compatible-lucerna/v…`, without a commit',
    methods: /^(?:web3_clientVersion|(?:anvil|hardhat)_metadata)$/,
    paths: /^result(?:\.client(?:Version|Semver|CommitSha)|\.instanceId)?$/,
  },
  {
    subject: '`anvil_metadata`: `snapshots`',
    anvil: 'also those that going back to an older one has ended',
    here: 'those that `evm_revert` can go back to',
    methods: /_metadata$/,
    paths: /^result\.snapshots\.\*$/,
    kind: 'missing',
  },
  {
    subject: '`anvil_setCode` with EVM bytecode',
    anvil: 'sets it',
    here: 'error -32000: only contracts of this chain run here',
    methods: /^anvil_setCode$/,
    paths: /^error$/,
    when: weRefuse(-32_000),
  },
  {
    subject: 'a transaction of the same nonce that pays 5 % more',
    anvil: 'replaces the other',
    here: '`replacement transaction underpriced`: 10 % more of tip and cap, as in geth',
    methods: /^eth_sendRawTransaction$/,
    paths: /^error$/,
    when: weRefuseAs('replacement transaction underpriced'),
  },
  {
    subject: 'a transaction without a chain id (before EIP-155)',
    anvil: 'is taken',
    here: 'error -32000, as geth: it would be valid on every chain',
    methods: /^eth_sendRawTransaction$/,
    paths: /^error$/,
    when: weRefuseAs('only replay-protected'),
  },
  {
    subject: 'a nonce far ahead of the account',
    anvil: 'waits, however far',
    here: 'error -32000 `nonce too high` from 4,096 ahead: the pool is bounded',
    methods: /^eth_sendRawTransaction$/,
    paths: /^error$/,
    when: weRefuseAs('nonce too high'),
  },
  {
    subject: 'a fee cap below the base fee, without automine',
    anvil: '`max fee per gas less than block base fee`',
    here: 'is taken and waits until the base fee has fallen, as in geth',
    methods: /^eth_sendRawTransaction$/,
    paths: /^error$/,
    when: theyRefuse,
  },
  {
    subject: 'block numbers with leading zeros (`0x00`)',
    anvil: 'are taken',
    here: 'error -32602, as the standard has it',
    methods: /^eth_getBlockByNumber$/,
    paths: /^error$/,
    when: weRefuse(-32_602),
  },
  {
    subject: '`data` and `input` of a call that are not equal',
    anvil: '`input` counts',
    here: 'error -32602, as geth: one of them must be wrong',
    methods: /^eth_call$/,
    paths: /^error$/,
    when: weRefuse(-32_602),
  },
  {
    subject: '`anvil_dropTransaction`: later transactions of the sender',
    anvil: 'are dropped, too',
    here: 'wait for the missing nonce: only what was named is dropped, as in hardhat',
    methods: /^txpool_status$/,
    paths: /^result\.queued$/,
    when: ({ theirs, ours }, { before }) =>
      theirs === '0x0' && ours === '0x1' && before.includes('anvil_dropTransaction'),
  },
  {
    subject: '`anvil_getAutomine` after `anvil_setIntervalMining`',
    anvil: 'false: mining by interval ends automine',
    here: 'as before: the two are switches of their own, and both may be on',
    methods: /^(?:anvil|hardhat)_getAutomine$/,
    paths: /^result$/,
    when: (_, { before }) => before.includes('anvil_setIntervalMining'),
  },
  {
    subject: 'the clock after blocks with `anvil_setBlockTimestampInterval`',
    anvil: 'is where it was: without the interval blocks are a second apart until it has caught up',
    here: 'goes on from the last block',
    methods: /^(?:eth_getBlockByNumber|(?:evm|anvil)_increaseTime)$/,
    paths: /^result(?:\.timestamp)?$/,
    when: isLater,
  },
  {
    subject: '`anvil_setMinGasPrice`',
    anvil: 'error: not with EIP-1559',
    here: 'works: the pool refuses what pays less',
    methods: /^anvil_setMinGasPrice$/,
    paths: /^error$/,
    when: theyRefuse,
  },
  {
    subject: '`anvil_dumpState`',
    anvil: 'its state, compressed JSON',
    here: 'the whole chain with blocks, pool, clock and filters, in a form of its own',
    methods: /^anvil_dumpState$/,
    paths: /^result$/,
    when: ({ theirs, ours }) =>
      [theirs, ours].every((dump) => /^0x(?:[0-9a-f]{2})+$/.test(String(dump))),
  },
  {
    subject: 'methods that are left out',
    anvil: 'answered',
    here: 'error -32601 with the reason; the list is below',
    methods: new RegExp(`^(?:${Object.keys(UNSUPPORTED_METHODS).join('|')})$`),
    paths: /^error$/,
    when: weRefuse(-32_601),
  },
];
