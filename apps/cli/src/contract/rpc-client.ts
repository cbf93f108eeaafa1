import { fromHex, type Hex, isHex, isLucernaError } from '@lucerna/base';
import type { AbiItem } from '@lucerna/protocol';
import { cliErrors } from '../errors.ts';
import { cliLimits } from '../limits.ts';
import { printable } from './printable.ts';
import { describeRevert } from './revert-text.ts';

/** A connection to a node. */
export type RpcClient = {
  readonly url: string;
  /**
   * The result of a method.
   *
   * @throws `CONTRACT_REVERTED` with the field `data`, `NODE_REFUSED`, `NODE_UNREACHABLE`,
   *   `NODE_ANSWER_INVALID`
   */
  readonly request: (method: string, params: readonly unknown[]) => Promise<unknown>;
};

/** The number with which nodes answer a call that the contract reverted. */
const REVERTED = 3;

/** A client for the JSON-RPC node at `url`. Nothing is sent yet. */
export function connectRpc(url: string): RpcClient {
  let lastId = 0;
  return {
    url,
    request: async (method, params): Promise<unknown> => {
      lastId += 1;
      const text = await post(url, JSON.stringify({ jsonrpc: '2.0', id: lastId, method, params }));
      return resultOf(url, method, lastId, text);
    },
  };
}

/** The same client, which calls the errors of reverts as `abi` declares them. */
export function withErrorsOf(rpc: RpcClient, abi: readonly AbiItem[]): RpcClient {
  return {
    url: rpc.url,
    request: async (method, params): Promise<unknown> => {
      try {
        return await rpc.request(method, params);
      } catch (error) {
        if (!isLucernaError(error, 'CONTRACT_REVERTED')) throw error;
        const { fields } = error;
        const reason = describeRevert(fromHex(hexAnswer(method, fields['data'])), abi);
        throw cliErrors.create('CONTRACT_REVERTED', reason, fields, error);
      }
    },
  };
}

/** The hex text that a node answered. @throws `NODE_ANSWER_INVALID` */
export function hexAnswer(method: string, value: unknown): Hex {
  if (typeof value === 'string' && isHex(value)) return value;
  throw invalidAnswer(`${method} did not answer hex`);
}

/** The bytes that a node answered. @throws `NODE_ANSWER_INVALID` */
export function bytesAnswer(method: string, value: unknown): Uint8Array {
  return fromHex(hexAnswer(method, value));
}

/** The natural number that a node answered, of so many bits. @throws `NODE_ANSWER_INVALID` */
export function quantityAnswer(method: string, value: unknown, bits: 64 | 256 = 256): bigint {
  const isQuantity = typeof value === 'string' && /^0x[0-9a-fA-F]{1,64}$/.test(value);
  if (isQuantity && BigInt(value) < 1n << BigInt(bits)) return BigInt(value);
  throw invalidAnswer(`${method} did not answer a quantity`);
}

/** What the field of an object is that a node answered. @throws `NODE_ANSWER_INVALID` */
export function fieldOf(method: string, value: unknown, name: string): unknown {
  if (isRecord(value) && name in value) return value[name];
  throw invalidAnswer(`${method} did not answer "${name}"`);
}

export function invalidAnswer(detail: string): ReturnType<typeof cliErrors.create> {
  return cliErrors.create('NODE_ANSWER_INVALID', detail);
}

async function post(url: string, body: string): Promise<string> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      signal: AbortSignal.timeout(cliLimits.values.rpcAnswerMs),
    });
    const text = await readText(response);
    if (text !== undefined) return text;
  } catch (error) {
    throw cliErrors.create('NODE_UNREACHABLE', `${url}: ${failureText(error)}`, { url }, error);
  }
  throw invalidAnswer(`${url} answers more than ${cliLimits.values.rpcAnswerBytes} bytes`);
}

/** The body; undefined when it is longer than the limit. */
async function readText(response: Response): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > cliLimits.values.rpcAnswerBytes) return undefined;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** Why a request failed: fetch itself only says that it did. */
function failureText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  return cause.message === '' && 'code' in cause ? String(cause.code) : cause.message;
}

function resultOf(url: string, method: string, id: number, text: string): unknown {
  const answer = parseJson(text);
  if (!isRecord(answer) || answer['jsonrpc'] !== '2.0') {
    throw invalidAnswer(`${url} does not speak JSON-RPC`);
  }
  const { error } = answer;
  if (isRecord(error)) throw refusal(method, error);
  // A node answers without our id only when it could not read the request, which is an error.
  if (answer['id'] !== id || !('result' in answer)) {
    throw invalidAnswer(`${url} answers another question`);
  }
  return answer['result'];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refusal(
  method: string,
  { code, message, data }: Readonly<Record<string, unknown>>,
): ReturnType<typeof cliErrors.create> {
  if (code === REVERTED) {
    const bytes = typeof data === 'string' && isHex(data) ? data : '0x';
    const reason = describeRevert(fromHex(bytes));
    return cliErrors.create('CONTRACT_REVERTED', reason, { data: bytes });
  }
  const words = typeof message === 'string' ? printable(message) : 'without saying why';
  return cliErrors.create('NODE_REFUSED', words, { method, code: String(code) });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
