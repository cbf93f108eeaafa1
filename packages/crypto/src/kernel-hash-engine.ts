import { type KernelConstant, type KernelMemory, loadKernel } from '@lucerna/wasm';
import { DIGEST_BYTES, type HashEngine } from './hash-engine.ts';
import { KECCAK_KERNEL } from './keccak-kernel.ts';
import { pureHashEngine } from './pure-hash-engine.ts';

/** The exports of `assembly/keccak.ts`, where they are described. */
type KeccakExports = {
  readonly memory: KernelMemory;
  readonly INPUT: KernelConstant;
  readonly CAPACITY: KernelConstant;
  readonly DIGEST: KernelConstant;
  readonly hash: (length: number) => void;
  readonly start: () => void;
  readonly absorb: (length: number) => void;
  readonly finish: (length: number) => void;
};

/**
 * The hash engine with Keccak in WebAssembly. The message is copied into the kernel's memory, where
 * the last one stays until the next call; nothing but the result is allocated.
 *
 * @throws `KERNEL_UNAVAILABLE` where WebAssembly is missing or forbidden
 */
export function createKernelHashEngine(): HashEngine {
  const { hash, ...kernel } = loadKernel<KeccakExports>(KECCAK_KERNEL);
  // The memory never grows, so the views stay valid.
  const { buffer } = kernel.memory;
  const capacity = kernel.CAPACITY.value;
  const input = new Uint8Array(buffer, kernel.INPUT.value, capacity);
  const digest = new Uint8Array(buffer, kernel.DIGEST.value, DIGEST_BYTES);

  const hashLong = (data: Uint8Array): void => {
    kernel.start();
    let offset = 0;
    for (; data.length - offset >= capacity; offset += capacity) {
      input.set(data.subarray(offset, offset + capacity));
      kernel.absorb(capacity);
    }
    input.set(data.subarray(offset));
    kernel.finish(data.length - offset);
  };

  const absorb = (data: Uint8Array): void => {
    if (data.length < capacity) {
      input.set(data);
      hash(data.length);
    } else {
      hashLong(data);
    }
  };

  return {
    name: 'kernel',
    keccak256: (data) => {
      absorb(data);
      // A copy, at two thirds of what `digest.slice()` costs.
      return new Uint8Array(digest);
    },
    keccak256Into: (data, output) => {
      absorb(data);
      output.set(digest);
    },
    sha256: pureHashEngine.sha256,
    blake3: pureHashEngine.blake3,
  };
}
