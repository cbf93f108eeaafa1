import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkVectorCount, findVectorFolder } from '../../tools/src/vectors.ts';

/** The kinds of objects whose fields were removed one at a time. */
export type ObjectKind = 'block' | 'transaction' | 'receipt' | 'log' | 'feeHistory';

/** Schemas of answers, and the fields whose removal broke a client. */
export type RpcVectors = {
  /** By method; JSON schema 2019-09. */
  readonly resultSchemas: ReadonlyMap<string, object>;
  /** By topic of a subscription; `envelope` is that of the message around it. */
  readonly noticeSchemas: ReadonlyMap<string, object>;
  readonly neededFields: ReadonlyMap<ObjectKind, readonly string[]>;
};

type SchemaFile = {
  readonly methods: Readonly<Record<string, { readonly result?: { readonly schema?: object } }>>;
  readonly supplement: Pick<SchemaFile, 'methods'> & {
    readonly notifications: Readonly<Record<string, object>>;
  };
};

type NeedsFile = { readonly breaks: Readonly<Record<string, unknown>> };

const SCHEMA_FILE = 'rpc/openrpc-schemas.json';
const NEEDS_FILE = 'rpc/client-field-needs.json';

/** The vectors, or undefined where they are absent and may be; that is said on stdout. */
export function readRpcVectors(): RpcVectors | undefined {
  const folder = findVectorFolder(process.env);
  if (folder === undefined) {
    process.stdout.write('vectors: absent, answers are not compared with the RPC schemas\n');
    return undefined;
  }
  const schemas: SchemaFile = readJson(folder, SCHEMA_FILE);
  checkVectorCount(SCHEMA_FILE, Object.keys(schemas.methods).length);
  const needs: NeedsFile = readJson(folder, NEEDS_FILE);
  checkVectorCount(NEEDS_FILE, Object.keys(needs.breaks).length);
  return {
    resultSchemas: collectSchemas(schemas),
    noticeSchemas: new Map(Object.entries(schemas.supplement.notifications)),
    neededFields: collectNeeds(Object.keys(needs.breaks)),
  };
}

function readJson<T>(folder: string, file: string): T {
  return JSON.parse(readFileSync(join(folder, file), 'utf8'));
}

function collectSchemas(file: SchemaFile): ReadonlyMap<string, object> {
  const methods = { ...file.methods, ...file.supplement.methods };
  return new Map(
    Object.entries(methods).flatMap(([name, { result }]) =>
      result?.schema === undefined ? [] : [[name, result.schema] as const],
    ),
  );
}

/** What a removal such as `eth_getBlockByNumber.number` or `receipt.logs[].data` was done to. */
const KINDS: Readonly<Record<string, ObjectKind>> = {
  eth_getBlockByNumber: 'block',
  eth_getBlockByHash: 'block',
  eth_getTransactionByHash: 'transaction',
  'block.transactions[]': 'transaction',
  eth_getTransactionReceipt: 'receipt',
  eth_getLogs: 'log',
  'receipt.logs[]': 'log',
  eth_feeHistory: 'feeHistory',
};

/** Entries in other words are changes of a value; rpc-conformance.ts has a rule for each. */
function collectNeeds(mutations: readonly string[]): RpcVectors['neededFields'] {
  const needs = new Map<ObjectKind, string[]>();
  for (const mutation of mutations) {
    const [, target, field] = /^([\w.]+(?:\[\])?)\.(\w+)$/.exec(mutation) ?? [];
    const kind = KINDS[target ?? ''];
    if (kind === undefined || field === undefined) continue;
    const fields = needs.get(kind) ?? [];
    if (!fields.includes(field)) fields.push(field);
    needs.set(kind, fields);
  }
  return needs;
}
