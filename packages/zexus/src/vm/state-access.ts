import { equalBytes } from '@lucerna/base';
import { payloadBytes, scalarOfPayload } from '../layout/scalars.ts';
import type { CellType } from '../layout/schema.ts';
import {
  canonicalKey,
  continuationSlots,
  ENTRY_BYTES,
  entrySlot,
  PRESENCE_BYTES,
  presenceSlot,
  WORD_BYTES,
} from '../layout/slots.ts';
import type { TypedCell } from '../layout/typed-cell.ts';
import { decodeTypedCell, encodeTypedCell } from '../layout/typed-cell.ts';
import {
  continuationWords,
  parseUntypedHead,
  payloadOfWords,
  payloadWrites,
  type UntypedHead,
} from '../layout/untyped-cell.ts';
import { cellPayload } from '../layout/value-encoding.ts';
import { isContainerTag } from '../layout/value-tags.ts';
import { storeCost } from './gas.ts';
import { PANIC, panic } from './halt.ts';
import { type Machine, requireWritable } from './machine.ts';
import type { Meter } from './meter.ts';
import { CellHandle, isScalar, type Scalar, type Value } from './value.ts';

// Words and cells of the state, charged as EIP-2929, EIP-2200 and EIP-3529 say, before they are touched.

/** Bytes of a key's tag. */
const TAG_BYTES = 1;

/** Tag and bytes of what an untyped cell holds. */
export type CellContent = { readonly tag: number; readonly payload: Uint8Array };

/** A value as the key of a map. @throws `Revert` Panic 0x01 unless it is a scalar other than null */
export function requireKey(key: Value): Scalar {
  if (key === null || !isScalar(key)) throw panic(PANIC.kind);
  return key;
}

/** The slot behind a key of the map at `mapSlot`, charged as the hash that it is. */
export function meteredEntrySlot(
  meter: Meter,
  mapSlot: Uint8Array,
  key: Value,
  generation: bigint = 0n,
): Uint8Array {
  return entrySlot(mapSlot, hashedKey(meter, key, ENTRY_BYTES), generation);
}

/** The slot that says whether the enumerable map at `mapSlot` has the key, charged as a hash. */
export function meteredPresenceSlot(
  meter: Meter,
  mapSlot: Uint8Array,
  key: Value,
  generation: bigint,
): Uint8Array {
  return presenceSlot(mapSlot, hashedKey(meter, key, PRESENCE_BYTES), generation);
}

/** The canonical key, once a hash of it and of `others` bytes is charged. */
function hashedKey(meter: Meter, value: Value, others: number): Uint8Array {
  const key = requireKey(value);
  // What may be long is paid for before its bytes are made.
  if (typeof key === 'string' || key instanceof Uint8Array) {
    // What may be long is not even measured before.
    meter.requireReading(key.length);
    meter.chargeKeccak(TAG_BYTES + payloadBytes(key) + others);
    return canonicalKey(key);
  }
  const canonical = canonicalKey(key);
  meter.chargeKeccak(canonical.length + others);
  return canonical;
}

/** The word in a slot: 2,100 gas for the first access of a transaction, 100 for each other one. */
export function loadWord({ host, meter, statistics }: Machine, slot: Uint8Array): Uint8Array {
  const { coldSlot, warmRead } = meter.schedule;
  meter.charge(host.accessSlot(slot) ? coldSlot : warmRead);
  statistics.stateReads += 1;
  return host.load(slot);
}

/**
 * Writes a word of a slot that is accessed already; `prepaid` of its cost is charged. A word that is there
 * already costs as much as reading it, and is not written.
 */
export function storeWord(
  { host, meter, statistics }: Machine,
  slot: Uint8Array,
  word: Uint8Array,
  prepaid: number = 0,
): void {
  const current = host.load(slot);
  const cost = storeCost(meter.schedule, host.loadOriginal(slot), current, word);
  meter.charge(cost.gas - prepaid);
  meter.refund += cost.refund;
  statistics.stateWrites += 1;
  if (!equalBytes(current, word)) host.store(slot, word);
}

/** What a write pays beside {@link storeWord} for a slot that the transaction had not accessed. */
export function chargeAccess({ host, meter }: Machine, slot: Uint8Array): void {
  if (host.accessSlot(slot)) meter.charge(meter.schedule.coldSlot);
}

/**
 * The value in the cell at `slot`. Of a list or a map in an untyped cell the head word alone is read: the
 * value is a handle.
 *
 * @throws `Revert` Panic 0x22 for words that no value has
 */
export function readCell(machine: Machine, slot: Uint8Array, type: CellType): Value {
  const word = loadWord(machine, slot);
  if (type !== 'untyped') return decodeTypedCell(type, word);
  const head = untypedHead(word);
  if (isContainerTag(head.tag)) return new CellHandle(slot, []);
  const value = scalarOfPayload(head.tag, readBehind(machine, slot, head));
  if (value === undefined) throw panic(PANIC.storage);
  return value;
}

/** All of what the untyped cell at `slot` holds. @throws `Revert` Panic 0x22, as {@link readCell} */
export function readContent(machine: Machine, slot: Uint8Array): CellContent {
  const head = untypedHead(loadWord(machine, slot));
  return { tag: head.tag, payload: readBehind(machine, slot, head) };
}

/**
 * Makes the cell at `slot` hold `value`; null empties it.
 *
 * @param value in memory: no handles, also within it
 * @throws `Revert` Panic 0x01 for a value of another kind than the cell's, and for functions; 0x11 for a
 *   number out of its range; 0x41 for a value too long or nested too deep; `Failure` STATIC_WRITE
 */
export function writeCell(machine: Machine, slot: Uint8Array, type: CellType, value: Value): void {
  requireWritable(machine);
  if (type === 'untyped') {
    writeUntyped(machine, slot, value);
    return;
  }
  const word = typedWord(type, value);
  chargeAccess(machine, slot);
  storeWord(machine, slot, word);
}

function typedWord(type: TypedCell, value: Value): Uint8Array {
  const word = encodeTypedCell(type, value);
  if (word === 'kind') throw panic(PANIC.kind);
  if (word === 'range') throw panic(PANIC.overflow);
  return word;
}

function untypedHead(word: Uint8Array): UntypedHead {
  const head = parseUntypedHead(word);
  if (head === undefined) throw panic(PANIC.storage);
  return head;
}

/** The bytes of the value whose head word was read. */
function readBehind(machine: Machine, slot: Uint8Array, head: UntypedHead): Uint8Array {
  const { host, meter, statistics } = machine;
  const { coldSlot, warmRead } = meter.schedule;
  chargeContinuation(meter, head.continuationWords);
  statistics.stateReads += head.continuationWords;
  const continuation = continuationSlots(slot, head.continuationWords).map((at) => {
    if (host.accessSlot(at)) meter.charge(coldSlot - warmRead);
    return host.load(at);
  });
  const payload = payloadOfWords(head, continuation);
  if (payload === undefined) throw panic(PANIC.storage);
  return payload;
}

function writeUntyped(machine: Machine, slot: Uint8Array, value: Value): void {
  const { meter, host } = machine;
  // A list or map is encoded at first, which is charged as such; a text not before its words are paid.
  const encoded = isScalar(value) ? undefined : cellPayload(meter, value);
  chargeAccess(machine, slot);
  const oldHead = host.load(slot);
  if (typeof value === 'string') meter.requireReading(value.length);
  const newBytes = encoded === undefined ? payloadBytes(value as Scalar) : encoded[1].length;
  const oldWords = parseUntypedHead(oldHead)?.continuationWords ?? 0;
  // The least that the words behind the head cost is paid before any of them is made.
  const words = Math.max(continuationWords(newBytes), oldWords);
  chargeContinuation(meter, words);
  const prepaid = meter.schedule.warmRead;
  const [tag, payload] = encoded ?? cellPayload(meter, value);
  const [head, ...continuation] = payloadWrites(slot, oldHead, tag, payload);
  if (head !== undefined) storeWord(machine, slot, head.word);
  for (const write of continuation) {
    chargeAccess(machine, write.slot);
    storeWord(machine, write.slot, write.word, prepaid);
  }
}

/** The hash that finds the words behind a head, and the least that each of them costs. */
function chargeContinuation(meter: Meter, words: number): void {
  if (words === 0) return;
  meter.chargeKeccak(WORD_BYTES);
  meter.charge(words * meter.schedule.warmRead);
}
