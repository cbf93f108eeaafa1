import { apiErrors } from '../../errors.ts';
import { logQuery } from '../log-filter.ts';
import { defineServiceMethod, type Method, type MethodContext } from '../method.ts';
import { flag, formError, optional, type ParamSchema, required, textForm } from '../params.ts';
import type { SubscriptionScope, Topic } from '../subscriptions.ts';

const KINDS = ['newHeads', 'logs', 'newPendingTransactions', 'syncing'] as const;

type Kind = (typeof KINDS)[number];

const kindForm: ParamSchema<Kind> = {
  expected: `one of ${KINDS.join(', ')}`,
  schema: { type: 'string', enum: [...KINDS] },
  parse: (value, path): Kind => {
    const kind = KINDS.find((each) => each === value);
    if (kind === undefined) throw formError(path, kindForm.expected, value);
    return kind;
  },
};

/** What belongs to the kind; its form depends on that, so it is read by the handler. */
const optionsForm: ParamSchema<unknown> = {
  expected: 'a filter for logs, or true for whole transactions',
  schema: { oneOf: [logQuery.schema, flag.schema] },
  parse: (value) => value,
};

const subscriptionId = textForm(
  'the id of a subscription as 0x hex',
  /^0x[0-9a-fA-F]{1,64}$/,
  (text) => text.toLowerCase(),
);

/** Changes that a connection is told. */
export const subscriptionMethods: readonly Method[] = [
  defineServiceMethod({
    name: 'eth_subscribe',
    summary: 'Tells this connection of new blocks, logs or transactions from now on.',
    params: [
      required('kind', kindForm, 'What to tell of.'),
      optional(
        'options',
        optionsForm,
        undefined,
        'For logs: address and topics as for eth_getLogs. For newPendingTransactions: true for whole transactions.',
      ),
    ],
    result: { name: 'id', summary: '0x and 32 digits; over WebSocket only.' },
    handler: (context, kind, options) => scopeOf(context).subscribe(topicOf(kind, options)),
  }),
  defineServiceMethod({
    name: 'eth_unsubscribe',
    summary: 'Ends a subscription of this connection.',
    params: [required('id', subscriptionId, 'Id of the subscription.')],
    result: { name: 'ended', summary: 'False when there was no such subscription.' },
    handler: (context, id) => scopeOf(context).unsubscribe(id),
  }),
];

/** @throws `RPC_NOTIFICATIONS` for a caller that cannot be told anything */
function scopeOf({ subscriptions }: MethodContext): SubscriptionScope {
  if (subscriptions === undefined) throw apiErrors.create('RPC_NOTIFICATIONS');
  return subscriptions;
}

/** @throws `RPC_PARAMS_INVALID` */
function topicOf(kind: Kind, options: unknown): Topic {
  const path = 'argument 1 (options)';
  switch (kind) {
    case 'logs': {
      const { addresses, topics } = logQuery.parse(options ?? {}, path);
      return { kind, wanted: { addresses, topics } };
    }
    case 'newPendingTransactions':
      return { kind, full: flag.parse(options ?? false, path) };
    default:
      return { kind };
  }
}
