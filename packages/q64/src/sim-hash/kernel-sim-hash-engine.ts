import {
  createKernelMemory,
  type ImportedMemory,
  type KernelConstant,
  loadKernel,
} from '@lucerna/wasm';
import { q64Limits } from '../limits.ts';
import { groupsOf, type Planes } from './planes.ts';
import type { SimHashEngine } from './sim-hash-engine.ts';
import { SIM_HASH_KERNEL } from './sim-hash-kernel.ts';
import { twinSimHashEngine } from './twin-sim-hash-engine.ts';

/** The exports of `assembly/sim-hash.ts`, where they are described. */
type SimHashExports = {
  readonly INPUT: KernelConstant;
  readonly HASH: KernelConstant;
  readonly PLANES: KernelConstant;
  readonly hash: (length: number, groups: number) => void;
};

const PAGE_BYTES = 65_536;
/** For the embedding and the hash, and the beginning of the planes. */
const FIRST_PAGES = 2;

/**
 * The engine in WebAssembly. Its memory has the planes of the last hash, so that many hashes with the
 * same ones copy only the embedding; it grows to the largest planes that were ever used.
 *
 * @throws `KERNEL_UNAVAILABLE` where WebAssembly is missing or forbidden
 */
export function createKernelSimHashEngine(): SimHashEngine {
  const memory = createKernelMemory({
    initial: FIRST_PAGES,
    maximum: FIRST_PAGES + q64Limits.values.simHashMatrixBytes / PAGE_BYTES,
    shared: false,
  });
  const kernel = loadKernel<SimHashExports>(SIM_HASH_KERNEL, { env: { memory } });
  let view = new Uint8Array(memory.buffer);
  let resident: Planes | undefined;

  const makeResident = (planes: Planes): boolean => {
    const { values } = planes;
    const start = kernel.PLANES.value;
    if (!growTo(memory, start + values.byteLength)) return false;
    // The former view has no bytes any more when the memory has grown.
    if (view.length === 0) view = new Uint8Array(memory.buffer);
    view.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), start);
    resident = planes;
    return true;
  };

  return {
    name: 'kernel',
    hash: (planes, bytes, target) => {
      if (planes !== resident && !makeResident(planes)) {
        twinSimHashEngine.hash(planes, bytes, target);
        return;
      }
      view.set(bytes, kernel.INPUT.value);
      kernel.hash(bytes.length, groupsOf(planes.planes));
      const start = kernel.HASH.value;
      for (let index = 0; index < planes.planes / 8; index += 1) {
        target[index] = view[start + index] as number;
      }
    },
  };
}

/** Whether the memory has, or could be given, that many bytes. */
function growTo(memory: ImportedMemory, bytes: number): boolean {
  const missing = Math.ceil((bytes - memory.buffer.byteLength) / PAGE_BYTES);
  if (missing <= 0) return true;
  try {
    memory.grow(missing);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
