import { toHex } from '@lucerna/base';
import { type LogFilter, protocolLimits } from '@lucerna/protocol';
import { apiErrors } from '../errors.ts';
import { apiLimits } from '../limits.ts';
import type { NodeApi } from '../node-api.ts';
import { type BlockParameter, blockNumber, LATEST, resolveHeight } from './block-parameter.ts';
import { address, hash } from './forms.ts';
import { arrayOf, objectOf, type ParamSchema, paramError } from './params.ts';

/** What a caller asks for: which blocks, which contracts, which topics. */
export type LogQuery = {
  readonly blocks:
    | { readonly kind: 'hash'; readonly hash: Uint8Array }
    | { readonly kind: 'range'; readonly from: BlockParameter; readonly to: BlockParameter };
} & Pick<LogFilter, 'addresses' | 'topics'>;

/** How many addresses and topics are looked for. */
export function criteriaOf({ addresses, topics }: Pick<LogFilter, 'addresses' | 'topics'>): number {
  return topics.reduce((sum, choices) => sum + choices.length, addresses.length);
}

/** One value or a list of them, as a list. */
function oneOrList<T>(item: ParamSchema<T>, max: number): ParamSchema<readonly T[]> {
  const many = arrayOf(item, max);
  return {
    expected: `${item.expected}, or ${many.expected}`,
    schema: { oneOf: [item.schema, many.schema] },
    parse: (value, path): readonly T[] =>
      Array.isArray(value) ? many.parse(value, path) : [item.parse(value, path)],
  };
}

const topicChoice = oneOrList(hash, apiLimits.values.logTopicChoices);

/** The topics of one position. Null, alone or in a list, stands for any topic, as in geth. */
const topicPosition: ParamSchema<readonly Uint8Array[]> = {
  expected: `null, ${topicChoice.expected}`,
  schema: { oneOf: [{ type: 'null' }, topicChoice.schema] },
  parse: (value, path): readonly Uint8Array[] => {
    const isAny = value === null || (Array.isArray(value) && value.includes(null));
    return isAny ? [] : topicChoice.parse(value, path);
  },
};

const fields = objectOf({
  fromBlock: blockNumber,
  toBlock: blockNumber,
  blockHash: hash,
  address: oneOrList(address, apiLimits.values.logAddresses),
  topics: arrayOf(topicPosition, protocolLimits.values.logTopics),
});

/** The argument of `eth_getLogs`. Without blocks it asks for the head. */
export const logQuery: ParamSchema<LogQuery> = {
  ...fields,
  parse: (value, path): LogQuery => {
    const { fromBlock, toBlock, blockHash, address: addresses, topics } = fields.parse(value, path);
    const wanted = { addresses: addresses ?? [], topics: topics ?? [] };
    if (blockHash === undefined) {
      const blocks = { kind: 'range', from: fromBlock ?? LATEST, to: toBlock ?? LATEST } as const;
      return { blocks, ...wanted };
    }
    if (fromBlock !== undefined || toBlock !== undefined) {
      throw paramError(`${path}: can't specify fromBlock/toBlock with blockHash`);
    }
    return { blocks: { kind: 'hash', hash: blockHash }, ...wanted };
  },
};

/** Whether a block of this height belongs to the range of a query, as far as that has numbers. */
export function isWantedHeight({ blocks }: LogQuery, height: number): boolean {
  if (blocks.kind === 'hash') return false;
  const { from, to } = blocks;
  if (from.kind === 'height' && height < from.height) return false;
  return to.kind !== 'height' || height <= to.height;
}

/**
 * The blocks from the height `next` on that there are and that a query wants: none when `last` is
 * less than `first`. A range of tags has no end.
 */
export function filterRange(
  node: NodeApi,
  { blocks }: LogQuery,
  next: number,
): { readonly first: number; readonly last: number } {
  if (blocks.kind === 'hash') return { first: next, last: next - 1 };
  const { from, to } = blocks;
  const head = node.head().header.height;
  const first = Math.max(next, node.firstHeight(), from.kind === 'height' ? from.height : 0);
  const wanted = to.kind === 'height' ? Math.min(to.height, head) : head;
  return { first, last: Math.min(wanted, first + apiLimits.values.logRangeBlocks - 1) };
}

/**
 * What `eth_getFilterLogs` reads: as {@link resolveLogQuery}, but the future that a filter may have
 * in its range is left out. Undefined: all of it is in the future.
 *
 * @throws `LOG_BLOCK_UNKNOWN`, `LOG_RANGE_LIMIT`
 */
export function resolveFilterQuery(node: NodeApi, query: LogQuery): LogFilter | undefined {
  const { blocks } = query;
  if (blocks.kind === 'hash') return resolveLogQuery(node, query);
  if (resolveHeight(node, blocks.from) === undefined) return undefined;
  const to = resolveHeight(node, blocks.to) === undefined ? LATEST : blocks.to;
  return resolveLogQuery(node, { ...query, blocks: { ...blocks, to } });
}

/**
 * The filter that a query means now.
 *
 * @throws `RPC_PARAMS_INVALID` for a range that ends before it begins or goes beyond the head;
 *   `LOG_BLOCK_UNKNOWN` for a hash; `LOG_RANGE_LIMIT`
 */
export function resolveLogQuery(node: NodeApi, { blocks, ...wanted }: LogQuery): LogFilter {
  if (blocks.kind === 'hash') {
    const height = node.heightOf(blocks.hash);
    if (height === undefined) {
      throw apiErrors.create('LOG_BLOCK_UNKNOWN', undefined, { hash: toHex(blocks.hash) });
    }
    return { fromHeight: height, toHeight: height, ...wanted };
  }
  const fromHeight = resolveHeight(node, blocks.from);
  const toHeight = resolveHeight(node, blocks.to);
  if (fromHeight === undefined || toHeight === undefined) {
    throw paramError('block range extends beyond current head block');
  }
  if (fromHeight > toHeight) throw paramError('invalid block range params');
  const count = toHeight - fromHeight + 1;
  if (count > apiLimits.values.logRangeBlocks) {
    throw apiErrors.create('LOG_RANGE_LIMIT', undefined, { fromHeight, toHeight });
  }
  return { fromHeight, toHeight, ...wanted };
}
