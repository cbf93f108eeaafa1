import type { NodeApi } from '@lucerna/api';
import { chainErrors } from '@lucerna/chain';
import type { TransactionPosition } from '@lucerna/protocol';
import { sdkLimits } from '../limits.ts';
import { checkedHeight } from './heights.ts';
import { type LedgerTransaction, ledgerTransaction } from './views.ts';

/** Which transactions of an account. */
export type HistoryOptions = {
  /** Default: `newest` first. */
  readonly order?: 'newest' | 'oldest';
  /** Behind this one. Default: from the end, or from the beginning. */
  readonly after?: Pick<LedgerTransaction, 'height' | 'index'>;
};

/** As `Ledger.history`. */
export async function* historyOf(
  api: NodeApi,
  address: Uint8Array,
  { order = 'newest', after }: HistoryOptions,
): AsyncGenerator<LedgerTransaction, void, undefined> {
  const direction = order === 'newest' ? 'older' : 'newer';
  let last: TransactionPosition | undefined = after && {
    height: checkedHeight(after.height),
    index: checkedHeight(after.index),
  };
  for (;;) {
    const page = firstOf(api.transactionsOf(address, last, direction));
    for (const position of page) {
      const view = await api.block(position.height);
      if (view?.block.transactions[position.index] === undefined) {
        throw chainErrors.create('CHAIN_REORGANISED');
      }
      yield ledgerTransaction(view, position.index);
      last = position;
    }
    if (page.length < sdkLimits.values.ledgerHistoryPage) return;
  }
}

/** Read at once: the rows change with every block. */
function firstOf(positions: Iterable<TransactionPosition>): readonly TransactionPosition[] {
  const page: TransactionPosition[] = [];
  for (const position of positions) {
    page.push(position);
    if (page.length === sdkLimits.values.ledgerHistoryPage) break;
  }
  return page;
}
