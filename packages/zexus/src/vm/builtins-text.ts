import {
  type BuiltinBody,
  itemsOf,
  readText,
  requireInteger,
  requireText,
} from './builtin-arguments.ts';
import { sliceValue } from './containers.ts';
import type { Machine } from './machine.ts';
import { makeUtf8, repeatText, requireLength, utf8Bytes } from './text.ts';
import { shiftAscii } from './text-bytes.ts';
import { TextSearch } from './text-search.ts';
import { List, type Value } from './value.ts';
import { meteredText } from './value-text.ts';

const DEFAULT_SPLIT = ' ';
const DEFAULT_JOIN = ',';

// Letters and white space are those of ASCII alone: what Unicode says of the others changes with the
// version that an engine knows.
const [CAPITAL_A, CAPITAL_Z, SMALL_A, SMALL_Z] = [0x41, 0x5a, 0x61, 0x7a] as const;
/** What capital letters have less than small ones. */
const CASE_OFFSET = 0x20;

/** Builtins that take or make a text. */
export const TEXT_BODIES: Readonly<Record<string, BuiltinBody>> = {
  string: (machine, value) => meteredText(machine, value),
  upper: (machine, text) => shiftAscii(readAndMake(machine, text), SMALL_A, SMALL_Z, -CASE_OFFSET),
  lower: (machine, text) =>
    shiftAscii(readAndMake(machine, text), CAPITAL_A, CAPITAL_Z, CASE_OFFSET),
  trim: (machine, text) => trimmed(readText(machine, text)),
  split,
  join,
  replace,
  starts_with: (machine, text, prefix) => requireText(text).startsWith(readText(machine, prefix)),
  ends_with: (machine, text, suffix) => requireText(text).endsWith(readText(machine, suffix)),
  substring: (machine, text, start, end) =>
    sliceValue(machine, requireText(text), requireInteger(start), end),
  char_at: (machine, text, index) => characterAt(readText(machine, text), requireInteger(index)),
  chars: (machine, text) => charactersOf(machine, readText(machine, text)),
  repeat: ({ meter }, text, count) => repeatText(meter, requireText(text), requireInteger(count)),
};

/** Where `part` first begins in `text`, in UTF-16 code units; -1 when it does not. Both are charged. */
export function findText(machine: Machine, text: string, part: Value): number {
  readText(machine, text);
  const pattern = readText(machine, part);
  return pattern === '' ? 0 : new TextSearch(pattern).find(text, 0);
}

/** A text of which another one as long is made: charged as both. */
function readAndMake(machine: Machine, value: Value): string {
  const text = readText(machine, value);
  makeUtf8(machine.meter, text);
  return text;
}

function trimmed(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isWhiteSpace(text.charCodeAt(start))) start += 1;
  while (end > start && isWhiteSpace(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

/** Space, tab, line feed, vertical tab, form feed, carriage return. */
function isWhiteSpace(unit: number): boolean {
  return unit === 0x20 || (unit >= 0x09 && unit <= 0x0d);
}

/** The parts between the separators; the characters when the separator is empty. */
function split(machine: Machine, value: Value, separator: Value): List {
  const text = readText(machine, value);
  const pattern = separator === null ? DEFAULT_SPLIT : readText(machine, separator);
  if (pattern === '') return charactersOf(machine, text);
  const search = new TextSearch(pattern);
  machine.meter.chargeItems(1 + search.count(text));
  return new List(search.split(text));
}

/** The canonical texts of the items, with a separator between each two. */
function join(machine: Machine, list: Value, separator: Value): string {
  const items = itemsOf(machine, list);
  const between = separator === null ? DEFAULT_JOIN : requireText(separator);
  const { meter } = machine;
  meter.chargeItems(items.length);
  const parts: string[] = [];
  const gaps = Math.max(0, items.length - 1);
  const least = between.length * gaps;
  requireLength(least);
  meter.chargeReading(least);
  let bytes = gaps === 0 ? 0 : utf8Bytes(between) * gaps;
  for (const item of items) {
    requireLength(bytes);
    const part = meteredText(machine, item);
    bytes += utf8Bytes(part);
    parts.push(part);
  }
  requireLength(bytes);
  meter.chargeBytes(bytes, least);
  return parts.join(between);
}

/** All occurrences, from the left; nothing is replaced for the empty text. */
function replace(machine: Machine, value: Value, from: Value, to: Value): string {
  const text = readText(machine, value);
  const pattern = readText(machine, from);
  const replacement = requireText(to);
  if (pattern === '') return text;
  const search = new TextSearch(pattern);
  const count = search.count(text);
  if (count === 0) return text;
  const { meter } = machine;
  meter.chargeItems(count);
  const least = text.length + count * (replacement.length - pattern.length);
  requireLength(least);
  meter.chargeReading(least);
  const grown = utf8Bytes(replacement) - utf8Bytes(pattern);
  const bytes = utf8Bytes(text) + count * grown;
  requireLength(bytes);
  meter.chargeBytes(bytes, least);
  return search.split(text).join(replacement);
}

/** The code point at a position as a text; null where there is none, as in a list. */
function characterAt(text: string, index: number | bigint): string | null {
  if (typeof index !== 'number' || index < 0 || index >= text.length) return null;
  let at = 0;
  for (let point = 0; point < index && at < text.length; point += 1) at += unitsAt(text, at);
  return at < text.length ? text.slice(at, at + unitsAt(text, at)) : null;
}

/** The code points as texts of their own. */
function charactersOf({ meter }: Machine, text: string): List {
  let points = 0;
  for (let at = 0; at < text.length; at += unitsAt(text, at)) points += 1;
  meter.chargeItems(points);
  return new List([...text]);
}

/** Code units of the code point that begins at `at`: a text has whole pairs only. */
function unitsAt(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  return unit >= 0xd800 && unit <= 0xdbff ? 2 : 1;
}
