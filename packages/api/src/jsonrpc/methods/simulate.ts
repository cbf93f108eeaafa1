import { present, toHex, toQuantity } from '@lucerna/base';
import type { JsonObject, LogView, SimulatedBlockRequest } from '@lucerna/protocol';
import { apiErrors } from '../../errors.ts';
import { apiLimits } from '../../limits.ts';
import type { SimulatedBlock } from '../../node-api.ts';
import { block, LATEST, statePoint } from '../block-parameter.ts';
import { blockOverrides, stateOverrides } from '../call-overrides.ts';
import { callErrorOf, simulationError } from '../errors.ts';
import { formatBlock, formatLog } from '../format.ts';
import { defineMethod, type Method } from '../method.ts';
import {
  arrayOf,
  flag,
  objectOf,
  optional,
  type ParamSchema,
  paramError,
  required,
} from '../params.ts';
import { transactionRequest } from '../transaction-request.ts';

/** What is to be simulated, and how it is to be told. */
type Simulation = {
  readonly blocks: readonly SimulatedBlockRequest[];
  readonly validation: boolean;
  readonly traceTransfers: boolean;
  readonly fullTransactions: boolean;
};

// Their numbers are bounded before they are read, with an error of its own; here the size of a request
// is their bound.
const many = apiLimits.values.bodyBytes;
const blockFields = objectOf({
  blockOverrides,
  stateOverrides,
  calls: arrayOf(transactionRequest, many),
});
const fields = objectOf({
  blockStateCalls: arrayOf(blockFields, many),
  traceTransfers: flag,
  validation: flag,
  returnFullTransactions: flag,
});

const simulation: ParamSchema<Simulation> = {
  ...fields,
  parse: (value, path): Simulation => {
    requireBounded(value);
    const given = fields.parse(value, path);
    const { blockStateCalls: blocks = [] } = given;
    if (blocks.length === 0) throw paramError(`${path}.blockStateCalls: empty input`);
    return {
      blocks: blocks.map((each) => ({
        block: each.blockOverrides ?? {},
        state: each.stateOverrides ?? [],
        calls: each.calls ?? [],
      })),
      validation: given.validation ?? false,
      traceTransfers: given.traceTransfers ?? false,
      fullTransactions: given.returnFullTransactions ?? false,
    };
  },
};

/** Whole blocks that are tried out. */
export const simulateMethods: readonly Method[] = [
  defineMethod({
    name: 'eth_simulateV1',
    summary: 'Runs blocks of calls one after the other and forgets them.',
    params: [
      required(
        'simulation',
        simulation,
        'blockStateCalls (blockOverrides, stateOverrides, calls), validation, traceTransfers, returnFullTransactions.',
      ),
      optional('block', block, LATEST, 'Height, tag, hash or EIP-1898 object of the block before.'),
    ],
    result: { name: 'blocks', summary: 'The blocks, each with what came of its calls.' },
    handler: async (node, { blocks, fullTransactions, ...options }, at) => {
      const point = statePoint(node, at);
      try {
        const simulated = await node.simulateBlocks(blocks, point, options);
        return simulated.map((each) => formatSimulated(each, fullTransactions));
      } catch (error) {
        throw simulationError(error);
      }
    },
  }),
];

/** For the argument as received: a body has room for a million calls. @throws `SIMULATION_LIMIT` */
function requireBounded(value: unknown): void {
  const { simulatedBlocks, simulatedCalls } = apiLimits.values;
  const blocks = (value as { readonly blockStateCalls?: unknown }).blockStateCalls;
  if (!Array.isArray(blocks)) return;
  if (blocks.length > simulatedBlocks) {
    throw apiErrors.create('SIMULATION_LIMIT', `more than ${simulatedBlocks} blocks`);
  }
  let calls = 0;
  for (const each of blocks as readonly ({ readonly calls?: unknown } | null)[]) {
    if (Array.isArray(each?.calls)) calls += each.calls.length;
  }
  if (calls > simulatedCalls) {
    throw apiErrors.create('SIMULATION_LIMIT', `more than ${simulatedCalls} calls`);
  }
}

function formatSimulated({ view, calls }: SimulatedBlock, full: boolean): JsonObject {
  const { header, hash: blockHash, transactions } = view.block;
  let logIndex = 0;
  const results = calls.map((call, transactionIndex) => {
    const { hash: transactionHash } = present(
      transactions[transactionIndex],
      'a call is a transaction of its block',
    );
    const logs = call.logs.map((log) => {
      const { height, timestamp } = header;
      const place = { blockHash, height, timestamp, transactionHash, transactionIndex };
      const located: LogView = { log, ...place, logIndex };
      logIndex += 1;
      return formatLog(located);
    });
    return {
      returnData: toHex(call.returnData),
      logs,
      gasUsed: toQuantity(call.gasUsed),
      status: toQuantity(call.status),
      ...(call.error === undefined ? {} : { error: callErrorOf(call.error) }),
    };
  });
  return { ...formatBlock(view.block, { full, pending: false }), calls: results };
}
