import { assert, isErrorOf } from '@lucerna/base';
import { createKernelMemory, type ImportedMemory, wasmErrors } from '@lucerna/wasm';
import { vectorErrors } from '../errors.ts';
import { PAGE_BYTES } from './layout.ts';

/**
 * Who computes: the kernel in WebAssembly, with relaxed SIMD where there is that, or without it in any
 * case; or its twin in TypeScript where there is no WebAssembly. Results are the same with all three,
 * and so is the memory of the last two.
 */
export type Engine = 'kernel' | 'base-kernel' | 'twin';

/** A memory that grows, and who can compute in it. */
export type SegmentMemory = { readonly engine: Engine; readonly memory: ImportedMemory };

/**
 * What another thread attaches to: the `WebAssembly.Memory` or the `SharedArrayBuffer` of a shared
 * segment. Only to be sent.
 */
export type SharedSegment = { readonly engine: Engine; readonly shared: object };

/**
 * Makes a memory of `initialBytes` that can grow to `maxBytes`.
 *
 * @param engine default: the kernel, or its twin where WebAssembly is missing
 * @throws `VECTOR_MEMORY_EXHAUSTED`
 */
export function createSegmentMemory(
  initialBytes: number,
  maxBytes: number,
  isShared: boolean,
  engine?: Engine,
): SegmentMemory {
  const initial = Math.ceil(initialBytes / PAGE_BYTES);
  const maximum = Math.max(initial, Math.floor(maxBytes / PAGE_BYTES));
  if (engine !== 'twin') {
    try {
      const memory = createKernelMemory({ initial, maximum, shared: isShared });
      return { engine: engine ?? 'kernel', memory };
    } catch (error) {
      if (engine !== undefined || !isErrorOf(error, wasmErrors)) throw error;
    }
  }
  return { engine: 'twin', memory: createTwinMemory(initial, maximum, isShared) };
}

/** What is to be sent to other threads. */
export function sharedSegment({ engine, memory }: SegmentMemory): SharedSegment {
  assert(!(memory.buffer instanceof ArrayBuffer), 'the segment is shared');
  return { engine, shared: engine === 'twin' ? memory.buffer : memory };
}

/** The memory that was sent by another thread. */
export function attachedMemory({ engine, shared }: SharedSegment): SegmentMemory {
  if (engine !== 'twin') return { engine, memory: shared as ImportedMemory };
  return { engine, memory: sharedTwinMemory(shared as SharedArrayBuffer) };
}

/** Grows a memory to at least `bytes`. @throws `VECTOR_MEMORY_EXHAUSTED` */
export function growTo({ memory }: SegmentMemory, bytes: number): void {
  const missing = bytes - memory.buffer.byteLength;
  if (missing <= 0) return;
  try {
    memory.grow(Math.ceil(missing / PAGE_BYTES));
  } catch (cause) {
    throw vectorErrors.create('VECTOR_MEMORY_EXHAUSTED', undefined, { bytes }, cause);
  }
}

function createTwinMemory(initial: number, maximum: number, isShared: boolean): ImportedMemory {
  const bytes = initial * PAGE_BYTES;
  const maxByteLength = maximum * PAGE_BYTES;
  try {
    if (isShared) return sharedTwinMemory(new SharedArrayBuffer(bytes, { maxByteLength }));
    return ownTwinMemory(new ArrayBuffer(bytes), maxByteLength);
  } catch (cause) {
    throw vectorErrors.create('VECTOR_MEMORY_EXHAUSTED', undefined, { bytes }, cause);
  }
}

/** A buffer that grows in place, seen by all threads. */
function sharedTwinMemory(buffer: SharedArrayBuffer): ImportedMemory {
  return {
    buffer,
    grow: (pages) => {
      const before = buffer.byteLength;
      buffer.grow(before + pages * PAGE_BYTES);
      return before / PAGE_BYTES;
    },
  };
}

/**
 * A buffer that is replaced by a larger one, as that of WebAssembly is. One that grows in place would
 * have to reserve all addresses at once, which may be why there is no WebAssembly memory, and engines
 * take twice as long to read it.
 */
function ownTwinMemory(first: ArrayBuffer, maxBytes: number): ImportedMemory {
  let buffer = first;
  return {
    get buffer() {
      return buffer;
    },
    grow: (pages) => {
      const before = buffer.byteLength;
      const after = before + pages * PAGE_BYTES;
      if (after > maxBytes) throw new RangeError('the memory has its largest size');
      buffer = buffer.transfer(after);
      return before / PAGE_BYTES;
    },
  };
}
