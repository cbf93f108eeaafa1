import type { AnswerObject, AnswerValue } from './values.ts';

/**
 * What a `number` of a request means: `exact`, a float, as in JSON that tells integers from floats;
 * `plain`, an integer where it is a safe one, as in what JavaScript programs hand over.
 */
export type NumberRule = 'exact' | 'plain';

/** A JSON value of a request as part of an answer. What JSON cannot say becomes null. */
export function answerOf(value: unknown, rule: NumberRule): AnswerValue {
  switch (typeof value) {
    case 'boolean':
    case 'bigint':
    case 'string':
      return value;
    case 'number':
      return rule === 'plain' && Number.isSafeInteger(value) ? BigInt(value) : value;
    case 'object':
      if (value === null) return null;
      if (Array.isArray(value)) return value.map((item) => answerOf(item, rule));
      return membersOf(value, (member) => answerOf(member, rule));
    default:
      return null;
  }
}

/** `base` with the members of `change`, object by object; null and undefined change nothing. */
export function merged(base: AnswerObject, change: AnswerObject): AnswerObject {
  const entries = new Map<string, AnswerValue>(Object.entries(base));
  for (const [name, value] of Object.entries(change)) {
    if (value === null || value === undefined) continue;
    const old = entries.get(name);
    entries.set(name, isMembers(old) && isMembers(value) ? merged(old, value) : value);
  }
  return Object.fromEntries(entries);
}

/** The member at the end of a path of names; undefined where the path leads nowhere. */
export function memberAt(
  value: AnswerValue | undefined,
  path: readonly string[],
): AnswerValue | undefined {
  let inner = value;
  for (const name of path) {
    if (!isMembers(inner) || !Object.hasOwn(inner, name)) return undefined;
    inner = inner[name];
  }
  return inner;
}

/** True for an object of an answer; lists, embeddings and metadata are none. */
export function isMembers(value: AnswerValue | undefined): value is AnswerObject {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Float32Array) &&
    !(value instanceof Map)
  );
}

function membersOf(value: object, map: (member: unknown) => AnswerValue): AnswerObject {
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, map(member)]));
}
