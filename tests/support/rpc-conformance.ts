import { Ajv2019, type ValidateFunction } from 'ajv/dist/2019.js';
import type { Exchange, Notice } from './recording-proxy.ts';
import { type ObjectKind, readRpcVectors } from './rpc-vectors.ts';

/** What viem tries when a node does not send for an account: a method of wallets, not of nodes. */
const WALLET_METHODS: readonly string[] = ['wallet_sendTransaction'];

/** Methods whose schema says what a list has in it in two ways. */
const LOG_LISTS: readonly string[] = ['eth_getFilterChanges', 'eth_getFilterLogs', 'eth_getLogs'];

const vectors = readRpcVectors();
const validators = new Map<object, ValidateFunction>();
// The schemas use forms that strict mode only warns about.
const ajv = new Ajv2019({ strict: false });

/** What is wrong with a conversation: unknown methods, schema violations, fields that clients need. */
export function conformanceFindings(exchanges: readonly Exchange[]): readonly string[] {
  return exchanges.flatMap((exchange) => [
    ...judgeEnvelope(exchange),
    ...judgeRevert(exchange),
    ...judgeSchema(exchange),
    ...judgeFields(exchange),
  ]);
}

/** What is wrong with what a node has told its subscribers. */
export function noticeFindings(notices: readonly Notice[]): readonly string[] {
  const schemas = vectors?.noticeSchemas;
  return notices.flatMap(({ topic, message }) => {
    if (topic === undefined) return [`a message that nobody asked for: ${JSON.stringify(message)}`];
    const { params } = message as { readonly params?: { readonly result?: unknown } };
    return [
      ...violations(`${topic}, message`, schemas?.get('envelope'), message),
      ...violations(topic, schemas?.get(topic), params?.result),
    ];
  });
}

/**
 * How many of the answers a schema was there for, so that a test can see that some were. Undefined
 * where the schemas are absent.
 */
export function countSchemaChecked(exchanges: readonly Exchange[]): number | undefined {
  if (vectors === undefined) return undefined;
  return exchanges.filter((exchange) => schemaOf(exchange) !== undefined).length;
}

function judgeEnvelope({ method, answer }: Exchange): readonly string[] {
  const members = [answer.result !== undefined, answer.error !== undefined];
  if (members[0] === members[1]) return [`${method}: not one of result and error`];
  const refused = answer.error?.code === -32_601 && !WALLET_METHODS.includes(method);
  return refused ? [`${method}: ${answer.error?.message}`] : [];
}

/** Clients decode the data of code 3 alone, as text, and look for the word. */
function judgeRevert({ method, answer: { error } }: Exchange): readonly string[] {
  // Null breaks clients too, which the envelope is judged for.
  if (error === undefined || isNull(error)) return [];
  const isRevert = error.code === 3;
  if (!isRevert && error.data === undefined) return [];
  const isText = typeof error.data === 'string' && /^0x(?:[0-9a-f]{2})*$/.test(error.data);
  if (isRevert && isText && error.message.includes('revert')) return [];
  return [`${method}: a revert that clients do not understand: ${JSON.stringify(error)}`];
}

function judgeSchema(exchange: Exchange): readonly string[] {
  return violations(exchange.method, schemaOf(exchange), exchange.answer.result);
}

function violations(what: string, schema: object | undefined, value: unknown): readonly string[] {
  if (schema === undefined) return [];
  const validate = validators.get(schema) ?? ajv.compile(schema);
  validators.set(schema, validate);
  if (validate(value)) return [];
  return [`${what}: ${ajv.errorsText(validate.errors)} in ${JSON.stringify(value)}`];
}

/** The schema that the result must satisfy, if it is one that the schema can judge. */
function schemaOf({ method, answer }: Exchange): object | undefined {
  const { result } = answer;
  if (result === undefined) return undefined;
  // An empty answer fits both of the schema's alternatives and therefore fails.
  if (LOG_LISTS.includes(method) && Array.isArray(result) && result.length === 0) return undefined;
  // The schema has no form for a transaction that is not in a block.
  if (method === 'eth_getTransactionByHash' && isPending(result)) return undefined;
  return vectors?.resultSchemas.get(method);
}

function isPending(result: unknown): boolean {
  return isRecord(result) && result['blockHash'] === null;
}

/** What is missing of the fields that clients were measured to need, or has a form that broke one. */
function judgeFields({ method, answer }: Exchange): readonly string[] {
  return objectsIn(method, answer.result).flatMap(({ kind, object }) => [
    ...(vectors?.neededFields.get(kind) ?? [])
      .filter((field) => !(field in object))
      .map((field) => `${method}: ${kind} without ${field}`),
    ...(valueRules[kind] ?? [])
      .filter(([field, form]) => !form.test(String(object[field])))
      .map(([field]) => `${method}: ${kind} with ${field} ${JSON.stringify(object[field])}`),
  ]);
}

/** Forms that broke a client when they were mutated. */
const valueRules: Readonly<Partial<Record<ObjectKind, readonly (readonly [string, RegExp])[]>>> = {
  block: [
    ['nonce', /^0x[0-9a-f]{16}$/],
    ['logsBloom', /^0x[0-9a-f]{512}$/],
    ['miner', /^0x[0-9a-fA-F]{40}$/],
    ['extraData', /^0x(?:[0-9a-f]{2}){0,32}$/],
  ],
  transaction: [['type', /^0x[012]$/]],
  receipt: [
    ['status', /^0x[01]$/],
    ['type', /^0x[012]$/],
    ['logsBloom', /^0x[0-9a-f]{512}$/],
  ],
};

type Found = { readonly kind: ObjectKind; readonly object: Readonly<Record<string, unknown>> };

function objectsIn(method: string, result: unknown): readonly Found[] {
  const kind = kindOfMethod(method);
  if (kind === undefined) return [];
  const found = listOf(result)
    .filter(isRecord)
    .map((object): Found => ({ kind, object }));
  return found.flatMap((entry) => [entry, ...partsOf(entry)]);
}

function kindOfMethod(method: string): ObjectKind | undefined {
  if (method.startsWith('eth_getBlockBy')) return 'block';
  if (method.startsWith('eth_getTransactionBy')) return 'transaction';
  if (method === 'eth_getTransactionReceipt' || method === 'eth_getBlockReceipts') return 'receipt';
  if (method === 'eth_getLogs') return 'log';
  return method === 'eth_feeHistory' ? 'feeHistory' : undefined;
}

function partsOf({ kind, object }: Found): readonly Found[] {
  const parts = { block: 'transactions', receipt: 'logs' } as Readonly<Record<string, string>>;
  const partKind: ObjectKind = kind === 'block' ? 'transaction' : 'log';
  const field = parts[kind];
  if (field === undefined) return [];
  return listOf(object[field])
    .filter(isRecord)
    .map((part) => ({ kind: partKind, object: part }));
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNull(value: unknown): boolean {
  return value === null;
}
