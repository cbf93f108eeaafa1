import { toHex, toQuantity } from '@lucerna/base';
import {
  type JsonObject,
  type JsonValue,
  maxFeePerGas,
  type RecoveredTransaction,
} from '@lucerna/protocol';
import { apiErrors } from '../../errors.ts';
import { apiLimits } from '../../limits.ts';
import type { PoolTransaction } from '../../node-api.ts';
import { formatPendingTransaction } from '../format.ts';
import { address } from '../forms.ts';
import { defineMethod, type Method } from '../method.ts';
import { required } from '../params.ts';

const STATUSES = ['pending', 'queued'] as const;

type Content = readonly PoolTransaction[];

/** What waits in the pool: `txpool_*`, with geth's shapes. */
export const poolMethods: readonly Method[] = [
  defineMethod({
    name: 'txpool_status',
    summary: 'How many transactions wait.',
    params: [],
    result: {
      name: 'status',
      summary:
        'Quantities: `pending` come next for their senders, if the base fee lets them; `queued` wait for a nonce or for money.',
    },
    handler: (node) => {
      const content = node.poolContent();
      const pending = content.filter(({ status }) => status === 'pending').length;
      return { pending: toQuantity(pending), queued: toQuantity(content.length - pending) };
    },
  }),
  defineMethod({
    name: 'txpool_content',
    summary: 'All transactions that wait.',
    params: [],
    result: { name: 'content', summary: '`pending` and `queued`, by sender and decimal nonce.' },
    handler: (node) => bySender(bounded(node.poolContent()), formatPendingTransaction),
  }),
  defineMethod({
    name: 'txpool_contentFrom',
    summary: 'All transactions of one sender that wait.',
    params: [required('address', address, 'The sender.')],
    result: { name: 'content', summary: '`pending` and `queued`, by decimal nonce.' },
    handler: (node, sender) => {
      const content = bounded(node.poolContentOf(sender));
      return bothStatuses((status) => byNonce(content, status, formatPendingTransaction));
    },
  }),
  defineMethod({
    name: 'txpool_inspect',
    summary: 'A line about every transaction that waits.',
    params: [],
    result: { name: 'content', summary: '`pending` and `queued`, by sender and decimal nonce.' },
    handler: (node) => bySender(node.poolContent(), inspect),
  }),
  defineMethod({
    name: 'eth_pendingTransactions',
    summary: 'All transactions that come next for their senders, if the base fee lets them.',
    params: [],
    result: { name: 'transactions', summary: 'Sender by sender, in order of nonce.' },
    handler: (node) =>
      bounded(node.poolContent().filter(({ status }) => status === 'pending')).map(
        ({ transaction }) => formatPendingTransaction(transaction),
      ),
  }),
];

/** @throws `POOL_ANSWER_LIMIT` */
function bounded(content: Content): Content {
  let bytes = 0;
  for (const { transaction } of content) bytes += transaction.raw.length;
  if (bytes > apiLimits.values.poolAnswerBytes) throw apiErrors.create('POOL_ANSWER_LIMIT');
  return content;
}

function bothStatuses(of: (status: PoolTransaction['status']) => JsonObject): JsonObject {
  return Object.fromEntries(STATUSES.map((status) => [status, of(status)]));
}

function bySender(
  content: Content,
  format: (transaction: RecoveredTransaction) => JsonValue,
): JsonObject {
  const senders = new Map<string, PoolTransaction[]>();
  for (const each of content) {
    const sender = toHex(each.transaction.sender);
    const known = senders.get(sender);
    if (known === undefined) senders.set(sender, [each]);
    else known.push(each);
  }
  return bothStatuses((status) => {
    const lists = [...senders].map(([sender, own]) => [sender, byNonce(own, status, format)]);
    return Object.fromEntries(lists.filter(([, own]) => Object.keys(own as object).length > 0));
  });
}

function byNonce(
  content: Content,
  wanted: PoolTransaction['status'],
  format: (transaction: RecoveredTransaction) => JsonValue,
): JsonObject {
  const own = content.filter(({ status }) => status === wanted);
  return Object.fromEntries(
    own.map(({ transaction }) => [transaction.transaction.nonce.toString(), format(transaction)]),
  );
}

/** As geth writes it, except that addresses are in lower case. */
function inspect({ transaction }: RecoveredTransaction): string {
  const { to, value, gasLimit } = transaction;
  const recipient = to === null ? 'contract creation' : toHex(to);
  return `${recipient}: ${value} wei + ${gasLimit} gas × ${maxFeePerGas(transaction)} wei`;
}
