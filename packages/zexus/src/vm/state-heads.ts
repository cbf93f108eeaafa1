import {
  type ListHead,
  listHeadWord,
  type MapHead,
  mapHeadWord,
  nextGeneration,
  parseListHead,
  parseMapHead,
} from '../layout/heads.ts';
import { ELEMENTS_BYTES, firstElement, SEQUENCE_BYTES, sequenceSlot } from '../layout/slots.ts';
import { PANIC, panic } from './halt.ts';
import type { Machine } from './machine.ts';
import type { Meter } from './meter.ts';
import { loadWord, readCell, storeWord } from './state-access.ts';
import { isScalar, type Scalar } from './value.ts';

// The words with which enumerable maps and lists keep account of what they hold. Words that none of them
// has, which only a tool can leave: Panic 0x22.

/** Reads the head of the enumerable map at `slot`. */
export function loadMapHead(machine: Machine, slot: Uint8Array): MapHead {
  const head = parseMapHead(loadWord(machine, slot));
  if (head === undefined) throw panic(PANIC.storage);
  return head;
}

/** Writes the head of the map at `slot`, which has been read. */
export function storeMapHead(machine: Machine, slot: Uint8Array, head: MapHead): void {
  storeWord(machine, slot, mapHeadWord(head));
}

/** Reads the head of the list at `slot`. */
export function loadListHead(machine: Machine, slot: Uint8Array): ListHead {
  const head = parseListHead(loadWord(machine, slot));
  if (head === undefined) throw panic(PANIC.storage);
  return head;
}

/** Writes the head of the list at `slot`, which has been read. */
export function storeListHead(machine: Machine, slot: Uint8Array, head: ListHead): void {
  storeWord(machine, slot, listHeadWord(head));
}

/** The generation of what is cleared now. */
export function generationAfter(generation: bigint): bigint {
  const next = nextGeneration(generation);
  if (next === undefined) throw panic(PANIC.storage);
  return next;
}

/** The number of a list's first slot, charged as the hash that it is. */
export function meteredFirstElement(
  meter: Meter,
  listSlot: Uint8Array,
  generation: bigint,
): bigint {
  meter.chargeKeccak(ELEMENTS_BYTES);
  return firstElement(listSlot, generation);
}

/** The slot of the key with a sequence number, charged as the hash that it is. */
export function meteredSequenceSlot(
  meter: Meter,
  mapSlot: Uint8Array,
  sequence: number,
  generation: bigint,
): Uint8Array {
  meter.chargeKeccak(SEQUENCE_BYTES);
  return sequenceSlot(mapSlot, sequence, generation);
}

/** The sequence number in a presence word; undefined when the map does not have the entry. */
export function loadSequence(
  machine: Machine,
  head: MapHead,
  presence: Uint8Array,
): number | undefined {
  const next = readCell(machine, presence, 'integer');
  if (next === 0) return undefined;
  if (typeof next !== 'number' || next > head.sequence) throw panic(PANIC.storage);
  return next - 1;
}

/** The key with a sequence number; null where the entry was removed. */
export function loadKey(
  machine: Machine,
  mapSlot: Uint8Array,
  sequence: number,
  generation: bigint,
): Scalar {
  const slot = meteredSequenceSlot(machine.meter, mapSlot, sequence, generation);
  const key = readCell(machine, slot, 'untyped');
  if (!isScalar(key)) throw panic(PANIC.storage);
  return key;
}
