import type { JsonObject, LogFilter, LogView } from '@lucerna/protocol';
import { apiErrors } from '../../errors.ts';
import { apiLimits } from '../../limits.ts';
import { formatLog } from '../format.ts';
import { logQuery, resolveLogQuery } from '../log-filter.ts';
import { defineMethod, type Method } from '../method.ts';
import { required } from '../params.ts';

/** What contracts have announced. */
export const logMethods: readonly Method[] = [
  defineMethod({
    name: 'eth_getLogs',
    summary: 'The logs of a range of blocks, or of one block, that match a filter.',
    params: [
      required(
        'filter',
        logQuery,
        'Blocks (fromBlock and toBlock, or blockHash; the head by default), address (one or several), topics (per position null, one or several).',
      ),
    ],
    result: { name: 'logs', summary: 'In the order of the chain.' },
    handler: async (node, query) => {
      const filter = resolveLogQuery(node, query);
      return collectLogs(node.logs(filter), filter);
    },
  }),
];

/** Logs as JSON, within the bounds of one answer. @throws `LOG_RESULTS_LIMIT`, `LOG_ANSWER_LIMIT` */
export async function collectLogs(
  logs: AsyncIterable<LogView>,
  filter: LogFilter,
): Promise<readonly JsonObject[]> {
  const collected: JsonObject[] = [];
  let dataBytes = 0;
  for await (const view of logs) {
    dataBytes += view.log.data.length;
    if (collected.length === apiLimits.values.logResults) {
      throw apiErrors.create('LOG_RESULTS_LIMIT', undefined, triedRange(filter, view));
    }
    if (dataBytes > apiLimits.values.logAnswerBytes) {
      throw apiErrors.create('LOG_ANSWER_LIMIT', undefined, triedRange(filter, view));
    }
    collected.push(formatLog(view));
  }
  return collected;
}

/** The blocks whose logs had room in the answer, when that is at least one block. */
function triedRange({ fromHeight }: LogFilter, { height }: LogView): { [name: string]: number } {
  return height > fromHeight ? { fromHeight, toHeight: height - 1 } : {};
}
