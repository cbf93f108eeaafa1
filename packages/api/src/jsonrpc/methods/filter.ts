import { type LogQuery, logQuery, resolveFilterQuery } from '../log-filter.ts';
import { defineServiceMethod, type Method } from '../method.ts';
import { type Param, type ParamSchema, paramError, required, textForm } from '../params.ts';
import { collectLogs } from './log.ts';

const filterIdForm = textForm('the id of a filter as 0x hex', /^0x[0-9a-fA-F]{1,64}$/, (text) =>
  text.toLowerCase(),
);
const filterId: Param<string> = required('id', filterIdForm, 'Id of the filter.');
const idResult = { name: 'id', summary: '0x and 32 digits.' };

/** Only what is not over can be watched. */
const watchedQuery: ParamSchema<LogQuery> = {
  ...logQuery,
  parse: (value, path): LogQuery => {
    const query = logQuery.parse(value, path);
    if (query.blocks.kind === 'range') return query;
    throw paramError(`${path}.blockHash: the logs of one block do not change, use eth_getLogs`);
  },
};

/** Changes that are asked for, for clients that cannot be told. */
export const filterMethods: readonly Method[] = [
  defineServiceMethod({
    name: 'eth_newFilter',
    summary: 'A filter for logs.',
    params: [
      required(
        'filter',
        watchedQuery,
        'As for eth_getLogs, without blockHash. With a number as fromBlock the first changes are the logs since then, else only new ones.',
      ),
    ],
    result: idResult,
    handler: ({ filters }, query) => filters.newLogFilter(query),
  }),
  defineServiceMethod({
    name: 'eth_newBlockFilter',
    summary: 'A filter for new blocks.',
    params: [],
    result: idResult,
    handler: ({ filters }) => filters.newBlockFilter(),
  }),
  defineServiceMethod({
    name: 'eth_newPendingTransactionFilter',
    summary: 'A filter for transactions that may enter the next block.',
    params: [],
    result: idResult,
    handler: ({ filters }) => filters.newPendingFilter(),
  }),
  defineServiceMethod({
    name: 'eth_getFilterChanges',
    summary: 'What is new since the last time this filter was asked for it.',
    params: [filterId],
    result: {
      name: 'changes',
      summary: 'Logs (those of reverted blocks first, `removed`), or hashes.',
    },
    handler: ({ filters }, id) => filters.changes(id),
  }),
  defineServiceMethod({
    name: 'eth_getFilterLogs',
    summary: 'All logs that a filter matches.',
    params: [filterId],
    result: { name: 'logs', summary: 'In the order of the chain.' },
    handler: async ({ filters, node }, id) => {
      const filter = resolveFilterQuery(node, filters.query(id));
      return filter === undefined ? [] : collectLogs(node.logs(filter), filter);
    },
  }),
  defineServiceMethod({
    name: 'eth_uninstallFilter',
    summary: 'Removes a filter.',
    params: [filterId],
    result: { name: 'removed', summary: 'False when there was no such filter.' },
    handler: ({ filters }, id) => filters.uninstall(id),
  }),
];
