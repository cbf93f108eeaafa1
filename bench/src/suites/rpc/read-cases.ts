import { createHash } from 'node:crypto';
import type { Case, Measure, Peer, Prepared } from '../../harness.ts';
import { answersPerSecond, Connection, prepareRequest, resultOf } from './connection.ts';
import { ANVIL_NAME, type RunningNode, startAnvil, startOurs } from './nodes.ts';
import {
  balanceOfCall,
  deployToken,
  devAddress,
  mineTogether,
  placeEvmToken,
  signTransfers,
} from './stage.ts';

const CONNECTIONS = 32;
const ROUND_MS = 1_500;
const QUICK_ROUND_MS = 100;

/** What the clients ask for, once the node has what they ask about. */
type Question = { readonly method: string; readonly params: readonly unknown[] };

type Read = {
  readonly id: string;
  readonly question: (node: RunningNode, isOurs: boolean) => Promise<Question>;
  /** What of the result must be the same on both. */
  readonly digest: (result: unknown) => unknown;
  readonly note: string;
};

/** How many answers a second 32 clients get, each on a connection of its own. */
function readCase({ id, question, digest, note }: Read): Case {
  return {
    id,
    unit: 'answers/s',
    better: 'higher',
    target: 1,
    rounds: 7,
    note,
    prepare: async (quick) => {
      const durationMs = quick ? QUICK_ROUND_MS : ROUND_MS;
      const measureOf = async (node: RunningNode, isOurs: boolean): Promise<Measure> => {
        const { method, params } = await question(node, isOurs);
        const request = prepareRequest(method, params);
        const load = { connections: CONNECTIONS, durationMs };
        const hash = await digestOf(node, request, digest);
        // Code that is compiled while it runs gets the time for it.
        if (!quick) await answersPerSecond(node.endpoint, request, load);
        return async () => ({
          value: await answersPerSecond(node.endpoint, request, load),
          hash,
        });
      };
      return besideAnvil(await startOurs(), measureOf);
    },
  };
}

/** Prepares both nodes, and ends them should that fail. */
export async function besideAnvil(
  ours: RunningNode,
  measureOf: (node: RunningNode, isOurs: boolean) => Promise<Measure>,
): Promise<Prepared> {
  let anvil: RunningNode | undefined;
  const close = async (): Promise<void> => {
    await ours.close();
    await anvil?.close();
  };
  try {
    anvil = await startAnvil();
    const peer: Peer =
      anvil === undefined
        ? { kind: 'absent', name: ANVIL_NAME }
        : { kind: 'measured', name: ANVIL_NAME, measure: await measureOf(anvil, false) };
    return { ours: await measureOf(ours, true), peer, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function digestOf(
  node: RunningNode,
  request: Buffer,
  digest: Read['digest'],
): Promise<string> {
  const connection = await Connection.open(node.endpoint);
  const result = digest(resultOf(await connection.exchange(request)));
  connection.close();
  return createHash('sha256').update(JSON.stringify(result)).digest('hex');
}

const same = (result: unknown): unknown => result;

const NOTE =
  'Bound by one thread: node:http alone takes 10 µs of it for each answer and the system 6; anvil uses every core.';

function fullBlock(id: string, transactions: number): Case {
  return readCase({
    id,
    question: async (node) => {
      await mineTogether(node, await signTransfers(0, transactions));
      return { method: 'eth_getBlockByNumber', params: ['latest', true] };
    },
    // Headers differ: the state roots of the chains do.
    digest: (result) => {
      const block = result as { readonly transactions: readonly { readonly hash: string }[] };
      return block.transactions.map(({ hash }) => hash);
    },
    note: NOTE,
  });
}

/** What tools ask for over and over. */
export const readCases: readonly Case[] = [
  readCase({
    id: 'block-number',
    question: async () => ({ method: 'eth_blockNumber', params: [] }),
    digest: same,
    note: NOTE,
  }),
  readCase({
    id: 'get-balance',
    question: async () => ({ method: 'eth_getBalance', params: [devAddress(9), 'latest'] }),
    digest: same,
    note: NOTE,
  }),
  readCase({
    id: 'eth-call',
    question: async (node, isOurs) => {
      const token = isOurs ? await deployToken(node) : await placeEvmToken(node);
      return { method: 'eth_call', params: balanceOfCall(token) };
    },
    digest: same,
    note: `${NOTE} The call takes 8 more.`,
  }),
  fullBlock('full-block', 100),
  fullBlock('full-block-1', 1),
];
