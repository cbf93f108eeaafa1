import { present } from '@lucerna/base';
import type {
  Metadata,
  MetadataPatch,
  MetadataScalar,
  MetadataValue,
  SparseVector,
} from '../metadata.ts';
import { isSparseVector } from '../metadata-values.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';

/** What comes before a value: its type. Part of the file format. */
const TAGS = {
  /** In a patch: takes the key away. */
  none: 0,
  false: 1,
  true: 2,
  /** 8 bytes. */
  int64: 3,
  /** 8 bytes. */
  float64: 4,
  text: 5,
  /** Lists: a count, then the items without tags; a boolean is one byte. */
  booleans: 6,
  int64s: 7,
  float64s: 8,
  texts: 9,
  /** Count, indices as varints, values as float64, then 0, or 1 and the tokens. */
  sparse: 10,
} as const;

/**
 * Writes metadata of many records; a key is written as a text once, and then as its number: keys are
 * numbered from 0 in the order of their first use, and a number that is new is followed by the text.
 */
export class MetadataWriter {
  readonly #writer: ByteWriter;
  readonly #keys = new Map<string, number>();

  constructor(writer: ByteWriter) {
    this.#writer = writer;
  }

  /** The number of keys, then each key with its value. What is written was checked. */
  write(metadata: MetadataPatch): void {
    this.#writer.varint(metadata.size);
    for (const [key, value] of metadata) {
      this.#key(key);
      if (value === null) this.#writer.byte(TAGS.none);
      else this.#value(value);
    }
  }

  #key(key: string): void {
    const known = this.#keys.get(key);
    this.#writer.varint(known ?? this.#keys.size);
    if (known !== undefined) return;
    this.#keys.set(key, this.#keys.size);
    this.#writer.text(key);
  }

  #value(value: MetadataValue): void {
    if (isSparseVector(value)) this.#sparse(value);
    else if (typeof value === 'object') this.#list(value);
    else {
      this.#writer.byte(tagOf(value));
      if (typeof value !== 'boolean') this.#item(value);
    }
  }

  #list(items: readonly MetadataScalar[]): void {
    this.#writer.byte(listTag(present(items[0], 'a list is not empty')));
    this.#writer.varint(items.length);
    for (const item of items) this.#item(item);
  }

  #item(item: MetadataScalar): void {
    switch (typeof item) {
      case 'boolean':
        this.#writer.byte(item ? 1 : 0);
        return;
      case 'bigint':
        this.#writer.int64(item);
        return;
      case 'number':
        this.#writer.float64(item);
        return;
      default:
        this.#writer.text(item);
    }
  }

  #sparse({ indices, values, tokens }: SparseVector): void {
    this.#writer.byte(TAGS.sparse);
    this.#writer.varint(indices.length);
    for (const index of indices) this.#writer.varint(index);
    for (const value of values) this.#writer.float64(value);
    this.#writer.byte(tokens === undefined ? 0 : 1);
    for (const token of tokens ?? []) this.#writer.text(token);
  }
}

/** Reads what a `MetadataWriter` wrote, in the same order. */
export class MetadataReader {
  readonly #reader: ByteReader;
  readonly #keys: string[] = [];

  constructor(reader: ByteReader) {
    this.#reader = reader;
  }

  /** Metadata that take no key away. */
  read(): Metadata {
    const metadata = this.readPatch();
    for (const value of metadata.values()) {
      if (value === null) throw this.#reader.damage('a record has a key without a value');
    }
    return metadata as Metadata;
  }

  readPatch(): MetadataPatch {
    const patch = new Map<string, MetadataValue | null>();
    for (let left = this.#reader.count(16); left > 0; left -= 1) {
      const key = this.#key();
      patch.set(key, this.#value());
    }
    return patch;
  }

  #key(): string {
    const index = this.#reader.varint();
    const known = this.#keys[index];
    if (known !== undefined) return known;
    if (index !== this.#keys.length) throw this.#reader.damage('a key is not known');
    const key = this.#reader.text();
    this.#keys.push(key);
    return key;
  }

  #value(): MetadataValue | null {
    const reader = this.#reader;
    const tag = reader.byte();
    switch (tag) {
      case TAGS.none:
        return null;
      case TAGS.false:
      case TAGS.true:
        return tag === TAGS.true;
      case TAGS.int64:
        return reader.int64();
      case TAGS.float64:
        return reader.float64();
      case TAGS.text:
        return reader.text();
      case TAGS.booleans:
        return many(reader.count(8), () => reader.byte() === 1);
      case TAGS.int64s:
        return many(reader.count(64), () => reader.int64());
      case TAGS.float64s:
        return many(reader.count(64), () => reader.float64());
      case TAGS.texts:
        return many(reader.count(8), () => reader.text());
      case TAGS.sparse:
        return this.#sparse();
      default:
        throw reader.damage('a value has a type that is not known');
    }
  }

  #sparse(): SparseVector {
    const reader = this.#reader;
    const count = reader.count(8);
    const indices = many(count, () => reader.varint());
    const values = many(count, () => reader.float64());
    if (reader.byte() === 0) return { indices, values };
    return { indices, values, tokens: many(count, () => reader.text()) };
  }
}

function many<T>(count: number, read: () => T): T[] {
  const items: T[] = [];
  for (let left = count; left > 0; left -= 1) items.push(read());
  return items;
}

function tagOf(value: MetadataScalar): number {
  switch (typeof value) {
    case 'boolean':
      return value ? TAGS.true : TAGS.false;
    case 'bigint':
      return TAGS.int64;
    case 'number':
      return TAGS.float64;
    default:
      return TAGS.text;
  }
}

function listTag(first: MetadataScalar): number {
  switch (typeof first) {
    case 'boolean':
      return TAGS.booleans;
    case 'bigint':
      return TAGS.int64s;
    case 'number':
      return TAGS.float64s;
    default:
      return TAGS.texts;
  }
}
