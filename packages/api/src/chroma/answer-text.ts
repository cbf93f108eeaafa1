import { isSparseVector, type MetadataValue } from '@lucerna/vector';
import { apiErrors } from '../errors.ts';
import { apiLimits } from '../limits.ts';
import { isMembers } from './plain-json.ts';
import { floatText, singleText } from './single.ts';
import type { AnswerObject, AnswerValue } from './values.ts';

/** After so many characters others get a turn, if it is time. */
const TURN_CHARS = 65_536;
/** How deep lie the lists that may be long: columns of records, by query. */
const LONG_DEPTH = 3;

/**
 * Writes an answer as JSON: floats always with a point or an exponent, so that readers that tell them
 * from integers keep their type; what is no finite number is null.
 *
 * @param takeTurn is awaited from time to time, because a long answer takes a second
 * @throws `CHROMA_ANSWER_TOO_LARGE`
 */
export async function answerText(
  value: AnswerValue,
  takeTurn: () => Promise<void>,
): Promise<string> {
  const writer = new AnswerWriter(takeTurn);
  await writer.writeLong(value, LONG_DEPTH);
  return writer.text;
}

class AnswerWriter {
  text = '';
  readonly #takeTurn: () => Promise<void>;
  #turnAt = TURN_CHARS;

  constructor(takeTurn: () => Promise<void>) {
    this.#takeTurn = takeTurn;
  }

  /** Writes `value`; what it contains down to `depth` in pieces. */
  async writeLong(value: AnswerValue, depth: number): Promise<void> {
    if (depth === 0 || !isContainer(value)) {
      this.#write(value);
      return;
    }
    for (const { before, item } of piecesOf(value)) {
      this.#add(before);
      if (depth > 1 && isContainer(item)) await this.writeLong(item, depth - 1);
      else this.#write(item);
      if (this.text.length < this.#turnAt) continue;
      this.#turnAt = this.text.length + TURN_CHARS;
      await this.#takeTurn();
    }
    this.#add(endOf(value));
  }

  #write(value: AnswerValue): void {
    if (isContainer(value)) {
      for (const { before, item } of piecesOf(value)) {
        this.#add(before);
        this.#write(item);
      }
      this.#add(endOf(value));
    } else if (value instanceof Float32Array) this.#writeSingles(value);
    else if (typeof value === 'string') this.#add(JSON.stringify(value));
    else this.#add(typeof value === 'number' ? floatText(value) : String(value));
  }

  #writeSingles(values: Float32Array): void {
    // Joined at once: a text that is made piece by piece takes ten times the memory until it is read.
    this.#add(`[${Array.from(values, singleText).join(',')}]`);
  }

  #add(piece: string): void {
    this.text += piece;
    if (this.text.length > apiLimits.values.chromaAnswerChars) {
      throw apiErrors.create('CHROMA_ANSWER_TOO_LARGE');
    }
  }
}

/** What other values are inside of. */
type Container = readonly AnswerValue[] | AnswerObject | ReadonlyMap<string, MetadataValue>;

function isContainer(value: AnswerValue): value is Container {
  return Array.isArray(value) || value instanceof Map || isMembers(value);
}

/** What is inside, and what is written before each of it. */
function* piecesOf(
  value: Container,
): Generator<{ readonly before: string; readonly item: AnswerValue }, void, undefined> {
  if (Array.isArray(value)) {
    const items: readonly AnswerValue[] = value;
    for (const [index, item] of items.entries()) yield { before: index === 0 ? '[' : ',', item };
    return;
  }
  let separator = '{';
  const members = value instanceof Map ? metadataMembers(value) : Object.entries(value);
  for (const [name, item] of members) {
    yield { before: `${separator}${JSON.stringify(name)}:`, item };
    separator = ',';
  }
}

function endOf(value: Container): string {
  if (Array.isArray(value)) return value.length === 0 ? '[]' : ']';
  const size = value instanceof Map ? value.size : Object.keys(value).length;
  return size === 0 ? '{}' : '}';
}

function* metadataMembers(
  metadata: ReadonlyMap<string, MetadataValue>,
): Generator<readonly [string, AnswerValue], void, undefined> {
  for (const [key, value] of metadata) yield [key, metadataAnswer(value)];
}

/** A value of metadata as a client gets it. */
function metadataAnswer(value: MetadataValue): AnswerValue {
  if (!isSparseVector(value)) return value;
  const { indices, values, tokens } = value;
  return {
    '#type': 'sparse_vector',
    indices: indices.map(BigInt),
    values: Float32Array.from(values),
    ...(tokens === undefined ? {} : { tokens }),
  };
}
