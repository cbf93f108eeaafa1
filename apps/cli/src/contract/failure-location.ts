import { isLucernaError } from '@lucerna/base';
import { printable } from './printable.ts';
import type { RpcClient } from './rpc-client.ts';

/** Where in a source a transaction failed. */
export type FailureLocation = {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly action: string;
};

/** Frames within each other that are looked through. */
const MAX_DEPTH = 1_024;

/** Where a transaction of the chain failed; undefined when the node or the contract cannot tell. */
export async function locationOfTransaction(
  rpc: RpcClient,
  transactionHash: string,
): Promise<FailureLocation | undefined> {
  return locationIn(rpc, 'debug_traceTransaction', [transactionHash]);
}

/** Where a call fails that is not sent; undefined when the node or the contract cannot tell. */
export async function locationOfCall(
  rpc: RpcClient,
  request: unknown,
): Promise<FailureLocation | undefined> {
  return locationIn(rpc, 'debug_traceCall', [request, 'latest']);
}

/** Such as `token.zx:12:5, in transfer`. */
export function locationText({ file, line, column, action }: FailureLocation): string {
  return printable(`${file}:${line}:${column}, in ${action}`);
}

async function locationIn(
  rpc: RpcClient,
  method: string,
  params: readonly unknown[],
): Promise<FailureLocation | undefined> {
  try {
    return innermost(await rpc.request(method, [...params, { tracer: 'callTracer' }]));
  } catch (error) {
    // Many nodes do not trace. What failed is known without; only the line is missing.
    if (!isLucernaError(error)) throw error;
    return undefined;
  }
}

/** The location of the innermost frame that failed: what the frames around it fail for. */
function innermost(trace: unknown): FailureLocation | undefined {
  let found: FailureLocation | undefined;
  let frame = trace;
  for (let depth = 0; depth < MAX_DEPTH && isRecord(frame) && 'error' in frame; depth += 1) {
    found = parseLocation(frame['location']) ?? found;
    const calls: unknown = frame['calls'];
    frame = Array.isArray(calls) ? calls.at(-1) : undefined;
  }
  return found;
}

function parseLocation(value: unknown): FailureLocation | undefined {
  if (!isRecord(value)) return undefined;
  const { file, line, column, action } = value;
  const isText = typeof file === 'string' && typeof action === 'string';
  if (!isText || typeof line !== 'number' || typeof column !== 'number') return undefined;
  return { file, line, column, action };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
