import type { CellType } from '../layout/schema.ts';
import { canonicalKey, continuationSlots, entrySlot, WORD_BYTES } from '../layout/slots.ts';
import type { TypedCell } from '../layout/typed-cell.ts';
import { decodeTypedCell, encodeTypedCell } from '../layout/typed-cell.ts';
import {
  continuationWords,
  decodeUntypedCell,
  parseUntypedHead,
  untypedCellWrites,
} from '../layout/untyped-cell.ts';
import { storeCost } from './gas.ts';
import { PANIC, panic } from './halt.ts';
import { type Machine, requireWritable } from './machine.ts';
import type { Meter } from './meter.ts';
import { utf8Bytes } from './text.ts';
import type { Value } from './value.ts';

/** Bytes under the hash of a map's entry beside its key: generation and map slot. */
const ENTRY_BYTES: number = 2 * WORD_BYTES;
/** Bytes of the longest key that is neither a string nor bytes, and of the tag of each. */
const TAG_BYTES = 1;

/** The slot behind a key of the map at `mapSlot`, charged as the hash that it is. */
export function meteredEntrySlot(meter: Meter, mapSlot: Uint8Array, key: Value): Uint8Array {
  if (typeof key === 'string') {
    meter.chargeKeccak(TAG_BYTES + utf8Bytes(key) + ENTRY_BYTES);
    return entrySlot(mapSlot, canonicalKey(key));
  }
  if (key instanceof Uint8Array) {
    meter.chargeKeccak(TAG_BYTES + key.length + ENTRY_BYTES);
    return entrySlot(mapSlot, canonicalKey(key));
  }
  const canonical = canonicalKey(key);
  meter.chargeKeccak(canonical.length + ENTRY_BYTES);
  return entrySlot(mapSlot, canonical);
}

/** The value in the cell at `slot`. @throws `Revert` Panic 0x22 for words that no value has */
export function readCell(machine: Machine, slot: Uint8Array, type: CellType): Value {
  const { meter, host } = machine;
  const { warmRead, coldSlot } = meter.schedule;
  meter.charge(host.accessSlot(slot) ? coldSlot : warmRead);
  const word = host.load(slot);
  if (type !== 'untyped') return decodeTypedCell(type, word);
  const head = parseUntypedHead(word);
  if (head === undefined) throw panic(PANIC.storage);
  const slots = meteredContinuation(meter, slot, head.continuationWords);
  const continuation = slots.map((at) => {
    if (host.accessSlot(at)) meter.charge(coldSlot - warmRead);
    return host.load(at);
  });
  const value = decodeUntypedCell(head, continuation);
  if (value === undefined) throw panic(PANIC.storage);
  return value;
}

/**
 * Makes the cell at `slot` hold `value`; null empties it.
 *
 * @throws `Revert` Panic 0x01 for a value of another kind than the cell's, 0x11 for a number out of
 *   its range; `Failure` STATIC_WRITE
 */
export function writeCell(machine: Machine, slot: Uint8Array, type: CellType, value: Value): void {
  requireWritable(machine);
  if (type === 'untyped') {
    writeUntyped(machine, slot, value);
    return;
  }
  const word = typedWord(type, value);
  chargeAccess(machine, slot);
  storeWord(machine, slot, word, 0);
}

function typedWord(type: TypedCell, value: Value): Uint8Array {
  const word = encodeTypedCell(type, value);
  if (word === 'kind') throw panic(PANIC.kind);
  if (word === 'range') throw panic(PANIC.overflow);
  return word;
}

function writeUntyped(machine: Machine, slot: Uint8Array, value: Value): void {
  const { meter, host } = machine;
  chargeAccess(machine, slot);
  const oldHead = host.load(slot);
  const newWords = continuationWords(sizeInCell(value));
  const oldWords = parseUntypedHead(oldHead)?.continuationWords ?? 0;
  // The least that the words behind the head cost is paid before any of them is made.
  const words = Math.max(newWords, oldWords);
  chargeContinuation(meter, words);
  const prepaid = meter.schedule.warmRead;
  const [head, ...continuation] = untypedCellWrites(slot, oldHead, value);
  if (head !== undefined) storeWord(machine, slot, head.word, 0);
  for (const write of continuation) {
    chargeAccess(machine, write.slot);
    storeWord(machine, write.slot, write.word, prepaid);
  }
}

/** Bytes of a value in an untyped cell, as far as they can be more than fit its head. */
function sizeInCell(value: Value): number {
  if (typeof value === 'string') return utf8Bytes(value);
  if (value instanceof Uint8Array) return value.length;
  return canonicalKey(value).length - TAG_BYTES;
}

function meteredContinuation(meter: Meter, slot: Uint8Array, words: number): Uint8Array[] {
  chargeContinuation(meter, words);
  return continuationSlots(slot, words);
}

/** The hash that finds the words behind a head, and the least that each of them costs. */
function chargeContinuation(meter: Meter, words: number): void {
  if (words === 0) return;
  meter.chargeKeccak(WORD_BYTES);
  meter.charge(words * meter.schedule.warmRead);
}

/** What a write pays beside `storeCost` for a slot that the transaction had not accessed. */
function chargeAccess({ host, meter }: Machine, slot: Uint8Array): void {
  if (host.accessSlot(slot)) meter.charge(meter.schedule.coldSlot);
}

/** Writes a word of an accessed slot; `prepaid` of its cost is charged already. */
function storeWord(machine: Machine, slot: Uint8Array, word: Uint8Array, prepaid: number): void {
  const { host, meter } = machine;
  const current = host.load(slot);
  const cost = storeCost(meter.schedule, host.loadOriginal(slot), current, word);
  meter.charge(cost.gas - prepaid);
  meter.refund += cost.refund;
  host.store(slot, word);
}
