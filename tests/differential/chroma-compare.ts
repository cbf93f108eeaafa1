import { NEWER_MEMBERS, OTHER_MEMBERS } from './chroma-departures.ts';
import type { ChromaStep } from './chroma-script.ts';

/** A step and its answer. Status 0: the connection broke. */
export type PlayedStep = {
  readonly name: string;
  readonly status: number;
  readonly body: string;
};

/** Plays the script against a server, which is emptied first. */
export async function playScript(
  script: readonly ChromaStep[],
  endpoint: string,
): Promise<readonly PlayedStep[]> {
  await ask(endpoint, { name: 'reset', method: 'POST', path: '/api/v2/reset', body: '' });
  const ids = new Map<string, string>();
  const played: PlayedStep[] = [];
  for (const step of script) {
    const path = step.path.replaceAll(/\{([^}]+)\}/g, (_, name) => ids.get(name) ?? 'unknown');
    const answer = await ask(endpoint, { ...step, path });
    const id = idIn(answer.body);
    if (id !== undefined) ids.set(step.name, id);
    played.push({ name: step.name, ...answer });
  }
  return played;
}

async function ask(
  endpoint: string,
  { method, path, body }: ChromaStep,
): Promise<{ readonly status: number; readonly body: string }> {
  const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
  try {
    const response = await fetch(`${endpoint}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(text === undefined ? {} : { body: text }),
    });
    return { status: response.status, body: await response.text() };
  } catch {
    return { status: 0, body: '' };
  }
}

function idIn(body: string): string | undefined {
  return /^\{"id":"([0-9a-f-]{36})","name":/.exec(body)?.[1];
}

/** What of two answers to the same step is compared. */
export type Comparison = {
  readonly isEqual: boolean;
  readonly ours: string;
  readonly theirs: string;
};

/**
 * Compares two answers to the same step. What a member of a newer version, the order of members, a new id
 * or the words of an error add does not count; an empty answer is as good as any error of its status.
 */
export function compare(ours: PlayedStep, theirs: PlayedStep): Comparison {
  const own = comparedPart(ours, theirs);
  const other = comparedPart(theirs, ours);
  return {
    isEqual: ours.status === theirs.status && isSame(own, other),
    ours: `${ours.status} ${JSON.stringify(own)}`,
    theirs: `${theirs.status} ${JSON.stringify(other)}`,
  };
}

function comparedPart(step: PlayedStep, other: PlayedStep): unknown {
  const isError = step.status >= 400;
  if (step.body === '' || (isError && other.body === '')) return '';
  const left = new Set(OTHER_MEMBERS);
  for (const name of NEWER_MEMBERS) {
    if (!other.body.includes(`"${name}"`) || !step.body.includes(`"${name}"`)) left.add(name);
  }
  if (isError) left.add('message');
  return without(parsed(step.body), left);
}

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** JSON with floats as numbers and integers as their text, which tells them apart and rounds nothing. */
function parsed(body: string): unknown {
  const reviver = (_: string, value: unknown, context?: { readonly source?: string }): unknown => {
    const isInteger = typeof value === 'number' && /^-?\d+$/.test(context?.source ?? '');
    return isInteger ? `integer ${context?.source}` : value;
  };
  return JSON.parse(
    body.replaceAll(UUID, 'id'),
    reviver as (key: string, value: unknown) => unknown,
  );
}

/** `value` without the members that do not count. */
function without(value: unknown, left: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((item) => without(item, left));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([name]) => !left.has(name));
  return Object.fromEntries(entries.map(([name, member]) => [name, without(member, left)]));
}

/** How much sums of floats of 32 bits in different orders may differ. */
const TOLERANCE = 1e-5;

function isSame(one: unknown, other: unknown): boolean {
  if (typeof one === 'number' && typeof other === 'number') {
    return Math.abs(one - other) <= TOLERANCE * Math.max(1, Math.abs(one));
  }
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) {
    return one === other;
  }
  const names = Object.keys(one);
  return (
    Array.isArray(one) === Array.isArray(other) &&
    names.length === Object.keys(other).length &&
    names.every((name) => {
      const [left, right] = [one, other].map((value) => (value as Record<string, unknown>)[name]);
      return Object.hasOwn(other, name) && isSame(left, right);
    })
  );
}
