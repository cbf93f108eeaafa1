import { zexusErrors } from '../../errors.ts';
import { zexusLimits } from '../../limits.ts';

/**
 * A value of upstream's compiler, which is a value of Python: bigints are its integers, numbers its
 * floats, lists also its tuples, maps its dictionaries.
 */
export type UpstreamValue =
  | null
  | boolean
  | bigint
  | number
  | string
  | readonly UpstreamValue[]
  | ReadonlyMap<UpstreamValue, UpstreamValue>;

/**
 * The text that Python's `json.dumps` writes with its defaults: ASCII alone, a space behind commas and
 * colons, floats as `repr` has them, keys that are no text as text.
 *
 * @throws `ZXC1_VALUE` for a key that is a container, `ZXC1_LIMIT` for too deep nesting
 */
export function upstreamJson(value: UpstreamValue): string {
  return jsonOf(value, 0);
}

function jsonOf(value: UpstreamValue, depth: number): string {
  const max = zexusLimits.values.zxc1Depth;
  if (depth > max) throw zexusErrors.create('ZXC1_LIMIT', `zxc1Depth: more than ${max}`);
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'number') return floatJson(value);
  if (value === null || typeof value !== 'object') return String(value);
  if (value instanceof Map) {
    const entries = [...(value as ReadonlyMap<UpstreamValue, UpstreamValue>)].map(
      ([key, item]) => `${quoted(keyText(key))}: ${jsonOf(item, depth + 1)}`,
    );
    return `{${entries.join(', ')}}`;
  }
  const items = value as readonly UpstreamValue[];
  return `[${items.map((item) => jsonOf(item, depth + 1)).join(', ')}]`;
}

function keyText(key: UpstreamValue): string {
  if (typeof key === 'string') return key;
  if (typeof key === 'number') return floatJson(key);
  if (key === null || typeof key !== 'object') return String(key);
  throw zexusErrors.create('ZXC1_VALUE', 'a list or a dictionary as a key');
}

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\f': '\\f',
  '\b': '\\b',
};

/** By units of UTF-16, as Python does it with characters beyond the first plane. */
function quoted(text: string): string {
  const escaped = text.replace(/[\\"]|[^ -~]/g, (unit) => {
    return SHORT_ESCAPES[unit] ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return `"${escaped}"`;
}

function floatJson(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  return floatText(value);
}

/** A finite float as Python's `repr` writes it: as few digits as tell it from all others. */
export function floatText(value: number): string {
  if (Object.is(value, -0)) return '-0.0';
  const [digits = '', exponentText = '0'] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  if (value !== 0 && (exponent < -4 || exponent >= 16)) {
    const size = String(Math.abs(exponent)).padStart(2, '0');
    return `${digits}e${exponent < 0 ? '-' : '+'}${size}`;
  }
  // JavaScript writes all numbers of this range without an exponent.
  const text = String(value);
  return text.includes('.') ? text : `${text}.0`;
}
