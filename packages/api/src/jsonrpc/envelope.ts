import type { LucernaError } from '@lucerna/base';
import { apiErrors } from '../errors.ts';
import { apiLimits } from '../limits.ts';
import { isDeeperThan, isTextDeeperThan } from './json-depth.ts';

/** A member of a request: a call, or something that only an error can answer. */
export type Entry =
  | {
      readonly kind: 'call';
      readonly method: string;
      /** As received: an array when it is right. */
      readonly params: unknown;
      /** The id as JSON text; undefined for a notification, which gets no answer. */
      readonly id: string | undefined;
    }
  | { readonly kind: 'invalid'; readonly id: string; readonly error: LucernaError };

/** A request body: one entry, or a batch of at least one. */
export type Envelope =
  | { readonly kind: 'single'; readonly entry: Entry }
  | { readonly kind: 'batch'; readonly entries: readonly Entry[] };

const NULL_ID = 'null';

const LONG_TEXT_CHARS = 65_536;

const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads a request body as JSON-RPC 2.0.
 *
 * @throws `RPC_PARSE_FAILED` for what is not JSON in UTF-8; `RPC_REQUEST_TOO_LARGE`;
 *   `RPC_REQUEST_INVALID` for an empty batch and for JSON that is nested too deep. All other
 *   mistakes are an entry's own.
 */
export function parseEnvelope(body: string | Uint8Array): Envelope {
  if (body.length > apiLimits.values.bodyBytes) {
    throw apiErrors.create(
      'RPC_REQUEST_TOO_LARGE',
      `the body is longer than ${apiLimits.values.bodyBytes} bytes`,
    );
  }
  const text = typeof body === 'string' ? body : decodeText(body);
  // Of few characters also the deepest nesting takes little room.
  if (text.length > LONG_TEXT_CHARS && isTextDeeperThan(text, apiLimits.values.jsonDepth)) {
    throw nestedTooDeep();
  }
  const value = parseJson(text);
  if (isDeeperThan(value, apiLimits.values.jsonDepth)) throw nestedTooDeep();
  if (!Array.isArray(value)) {
    return { kind: 'single', entry: readEntry(value, () => exactIds(text)) };
  }
  if (value.length === 0) throw apiErrors.create('RPC_REQUEST_INVALID', 'empty batch');
  if (value.length > apiLimits.values.batchEntries) {
    throw apiErrors.create(
      'RPC_REQUEST_TOO_LARGE',
      `more than ${apiLimits.values.batchEntries} requests in a batch`,
    );
  }
  // Parsed a second time at most once, and only if some id needs it.
  let exact: unknown;
  const entries = value.map((member: unknown, index) =>
    readEntry(member, () => {
      exact ??= exactIds(text);
      return (exact as readonly unknown[])[index];
    }),
  );
  return { kind: 'batch', entries };
}

function nestedTooDeep(): LucernaError {
  const detail = `nested deeper than ${apiLimits.values.jsonDepth} levels`;
  return apiErrors.create('RPC_REQUEST_INVALID', detail);
}

/** `member` as an entry; `reparse` gives the same member with its numeric id as source text. */
function readEntry(member: unknown, reparse: () => unknown): Entry {
  if (typeof member !== 'object' || member === null || Array.isArray(member)) {
    return invalid(NULL_ID, 'not an object');
  }
  const { id: givenId, jsonrpc, method, params } = member as Readonly<Record<string, unknown>>;
  const id = givenId === undefined ? undefined : idText(givenId, reparse);
  if (givenId !== undefined && id === undefined) {
    return invalid(NULL_ID, 'id is neither text, nor a number, nor null');
  }
  if (jsonrpc !== '2.0') return invalid(id ?? NULL_ID, 'jsonrpc is not "2.0"');
  if (typeof method !== 'string') return invalid(id ?? NULL_ID, 'method is not text');
  if (method.length > apiLimits.values.methodNameChars) {
    return invalid(id ?? NULL_ID, 'the name of the method is too long');
  }
  return { kind: 'call', method, params, id };
}

function invalid(id: string, detail: string): Entry {
  return { kind: 'invalid', id, error: apiErrors.create('RPC_REQUEST_INVALID', detail) };
}

/**
 * The id as JSON text that the answer repeats; undefined for what is no id. Numbers that JavaScript
 * would round (large integers, long fractions) are repeated as they were written.
 */
function idText(id: unknown, reparse: () => unknown): string | undefined {
  let text: string | undefined;
  if (id === null) text = NULL_ID;
  if (typeof id === 'string') text = JSON.stringify(id);
  if (typeof id === 'number') {
    text = Number.isSafeInteger(id) ? String(id) : sourceOfId(reparse(), id);
  }
  if (text === undefined || text.length > apiLimits.values.requestIdChars) return undefined;
  return text;
}

/** A number as it stands in the source. */
class NumberSource {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** The body once more, in which every number called `id` is its source text. */
function exactIds(text: string): unknown {
  const keepSource = (key: string, value: unknown, context?: { source?: string }): unknown =>
    key === 'id' && typeof value === 'number' && context?.source !== undefined
      ? new NumberSource(context.source)
      : value;
  return JSON.parse(text, keepSource);
}

function sourceOfId(member: unknown, id: number): string {
  const exact = (member as { readonly id?: unknown }).id;
  if (exact instanceof NumberSource) return exact.text;
  // An engine that does not tell the source: what it has made of the number, if that is JSON.
  return Number.isFinite(id) ? String(id) : NULL_ID;
}

function decodeText(body: Uint8Array): string {
  try {
    return strictUtf8.decode(body);
  } catch (cause) {
    throw apiErrors.create('RPC_PARSE_FAILED', 'not UTF-8', {}, cause);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw apiErrors.create('RPC_PARSE_FAILED', undefined, {}, cause);
  }
}
