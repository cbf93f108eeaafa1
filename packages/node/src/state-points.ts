import type { StatePoint } from '@lucerna/api';
import { present } from '@lucerna/base';
import type { Chain } from '@lucerna/chain';
import { type BlockContext, overrideContext, overrideState } from '@lucerna/execution';
import type { CallOverrides, HeaderView } from '@lucerna/protocol';
import type { LocalApiParts } from './local-api-parts.ts';
import type { PendingBlock } from './pending-block.ts';

/** The state of one moment. */
type State = ReturnType<Chain['state']>;

/** A state, and the circumstances in which a call on it runs: those of the block that it is after. */
export type Circumstances = { readonly state: State; readonly context: BlockContext };

/** What finds the states that queries are about. They are to be used before anything else can run. */
export type StatePoints = {
  /** The state after a block. @throws as `Chain.state` */
  readonly state: (at: StatePoint) => State;
  /** The block that the state is after. @throws as `Chain.state` */
  readonly header: (at: StatePoint) => HeaderView;
  /** @throws as `Chain.state`, `BALANCE_OVERFLOW` */
  readonly circumstances: (at: StatePoint, overrides?: CallOverrides) => Circumstances;
};

/** What the circumstances of a block come from. */
type ContextParts = Pick<LocalApiParts, 'chain' | 'signatures'>;

/** Hash of a block that is not made yet: a call that is to run above the head may ask for one. */
const NO_BLOCK: Uint8Array = new Uint8Array(32);

/** The states of `chain`, and that of the pending block. */
export function createStatePoints(
  parts: ContextParts,
  pendingBlock: () => PendingBlock,
): StatePoints {
  const { chain } = parts;
  const state: StatePoints['state'] = (at) =>
    at === 'pending' ? pendingBlock().state : chain.state(at);
  const header: StatePoints['header'] = (at) => {
    if (at === 'pending') return pendingBlock().executed.block;
    return present(chain.header(at), 'the state of this height was found');
  };
  const circumstances: StatePoints['circumstances'] = (at, overrides) => {
    if (overrides === undefined) return { state: state(at), context: contextOf(parts, header(at)) };
    const { state: accounts = [], block = {} } = overrides;
    const overridden = overrideState(state(at), accounts);
    const context = contextOf(parts, header(at));
    const rules = chain.rulesAt(block.height ?? context.height);
    const hashAt: BlockContext['hashAt'] = (earlier) =>
      earlier > chain.head().header.height ? NO_BLOCK : context.hashAt(earlier);
    return { state: overridden, context: overrideContext({ ...context, rules, hashAt }, block) };
  };
  return { state, header, circumstances };
}

/** The circumstances of the transactions of a block. */
export function contextOf(
  { chain, signatures }: ContextParts,
  { header }: HeaderView,
): BlockContext {
  const { height, timestamp, coinbase, gasLimit, baseFeePerGas, mixHash } = header;
  return {
    chainId: chain.genesis.chainId,
    height,
    timestamp,
    coinbase,
    gasLimit,
    baseFeePerGas,
    mixHash,
    rules: chain.rulesAt(height),
    hashAt: (earlier) => chain.header(earlier)?.hash,
    signatures,
  };
}
