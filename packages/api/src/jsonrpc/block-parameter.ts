import { present, toHex } from '@lucerna/base';
import type { HeaderView } from '@lucerna/protocol';
import { apiErrors } from '../errors.ts';
import type { NodeApi, StatePoint } from '../node-api.ts';
import { hash, quantity64, toSafeNumber } from './forms.ts';
import { flag, formError, objectOf, type ParamSchema, paramError } from './params.ts';

/** Names for blocks. `earliest` is the first there is; on a dev chain `safe` and `finalized` are the head. */
export type BlockTag = 'earliest' | 'latest' | 'pending' | 'safe' | 'finalized';

/** What a block parameter means. */
export type BlockParameter =
  | { readonly kind: 'tag'; readonly tag: BlockTag }
  | { readonly kind: 'height'; readonly height: number }
  | { readonly kind: 'hash'; readonly hash: Uint8Array };

/** The default of every block parameter. */
export const LATEST: BlockParameter = { kind: 'tag', tag: 'latest' };

const TAGS: ReadonlyMap<string, BlockParameter> = new Map(
  (['earliest', 'latest', 'pending', 'safe', 'finalized'] as const).map((tag) => [
    tag,
    tag === 'latest' ? LATEST : { kind: 'tag', tag },
  ]),
);

/** A tag or a height. */
export const blockNumber: ParamSchema<BlockParameter> = {
  expected: `${[...TAGS.keys()].join(', ')} or a block number as 0x hex without leading zeros`,
  schema: { oneOf: [{ type: 'string', enum: [...TAGS.keys()] }, quantity64.schema] },
  parse: (value, path): BlockParameter => {
    if (typeof value !== 'string') throw formError(path, blockNumber.expected, value);
    const tag = TAGS.get(value);
    if (tag !== undefined) return tag;
    return { kind: 'height', height: toSafeNumber(quantity64.parse(value, path)) };
  },
};

// All blocks that a node knows by hash are canonical, so `requireCanonical` only needs its form.
const blockObject = objectOf({
  blockNumber: quantity64,
  blockHash: hash,
  requireCanonical: flag,
});

/** A tag, a height, a block hash, or an EIP-1898 object with one of the latter two. */
export const block: ParamSchema<BlockParameter> = {
  expected: `${blockNumber.expected}, a block hash, or an object with blockNumber or blockHash`,
  schema: { oneOf: [blockNumber.schema, hash.schema, blockObject.schema] },
  parse: (value, path): BlockParameter => {
    if (typeof value === 'string') {
      if (value.length !== 66) return blockNumber.parse(value, path);
      return { kind: 'hash', hash: hash.parse(value, path) };
    }
    const { blockNumber: number, blockHash } = blockObject.parse(value, path);
    if (number !== undefined && blockHash !== undefined) {
      throw paramError(`${path}: cannot specify both blockHash and blockNumber, choose one`);
    }
    if (number !== undefined) return { kind: 'height', height: toSafeNumber(number) };
    if (blockHash !== undefined) return { kind: 'hash', hash: blockHash };
    throw paramError(`${path}: expected blockHash or blockNumber in the object`);
  },
};

/**
 * The height that a parameter means, `pending` being the head's; undefined when there is no such
 * block (yet). A number may lie below the first block there is.
 */
export function resolveHeight(node: NodeApi, parameter: BlockParameter): number | undefined {
  switch (parameter.kind) {
    case 'tag':
      return parameter.tag === 'earliest' ? node.firstHeight() : node.head().header.height;
    case 'height':
      return parameter.height <= node.head().header.height ? parameter.height : undefined;
    case 'hash':
      return node.heightOf(parameter.hash);
  }
}

/**
 * The height whose state a parameter means.
 *
 * @throws `BLOCK_UNKNOWN`
 */
export function stateHeight(node: NodeApi, parameter: BlockParameter): number {
  const height = resolveHeight(node, parameter);
  if (height !== undefined) return height;
  throw parameter.kind === 'hash'
    ? apiErrors.create('BLOCK_UNKNOWN', undefined, { hash: toHex(parameter.hash) })
    : apiErrors.create('BLOCK_UNKNOWN');
}

/**
 * The state that a parameter means: `pending` is that of the block that would be made now.
 *
 * @throws `BLOCK_UNKNOWN`
 */
export function statePoint(node: NodeApi, parameter: BlockParameter): StatePoint {
  return isPending(parameter) ? 'pending' : stateHeight(node, parameter);
}

/** True for the tag `pending`. */
export function isPending(parameter: BlockParameter): boolean {
  return parameter.kind === 'tag' && parameter.tag === 'pending';
}

/** The header at a height from the first block to the head. */
export function headerAt(node: NodeApi, height: number): HeaderView {
  return present(node.header(height), `the canonical chain has a header at ${height}`);
}
