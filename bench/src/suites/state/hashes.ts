import { keccak256 } from '@lucerna/crypto';
import { timeEachCall } from '../../clock.ts';
import type { Case, Measure, Peer } from '../../harness.ts';
import { importPeer, peerName } from '../../peers.ts';
import { cycled, digestOf, upTo } from './fixtures.ts';

type Hash = (message: Uint8Array) => Uint8Array;

/** A few messages, so that none is a constant to the compiler. */
function messagesOf(length: number): readonly Uint8Array[] {
  return upTo(64).map((number) => new Uint8Array(length).map((_, at) => (at * 7 + number) & 0xff));
}

/** Nanoseconds for one hash. */
function measureHash(hash: Hash, length: number, quick: boolean): Measure {
  const messages = messagesOf(length);
  const leastMs = quick ? 5 : 120;
  const eachMs = (ms: number): number => timeEachCall(ms, (index) => hash(cycled(messages, index)));
  eachMs(leastMs);
  return async () => ({ value: eachMs(leastMs) * 1e6, hash: digestOf(messages.map(hash)) });
}

async function nobleHash(): Promise<Hash> {
  return (await import('@noble/hashes/sha3.js')).keccak_256;
}

/** What we use of hash-wasm. */
type HashWasm = {
  readonly createKeccak: (bits: 256) => Promise<{
    readonly init: () => void;
    readonly update: (message: Uint8Array) => void;
    readonly digest: (form: 'binary') => Uint8Array;
  }>;
};

async function wasmHash(quick: boolean): Promise<Hash | undefined> {
  const module = await importPeer<HashWasm>('hash-wasm', { install: !quick });
  const hasher = await module?.createKeccak(256);
  if (hasher === undefined) return undefined;
  return (message) => {
    hasher.init();
    hasher.update(message);
    return hasher.digest('binary');
  };
}

function hashCase(
  id: string,
  target: number,
  length: number,
  peer: { readonly name: string; readonly load: (quick: boolean) => Promise<Hash | undefined> },
): Case {
  return {
    id,
    unit: 'ns',
    better: 'lower',
    target,
    rounds: 9,
    cpuTime: true,
    note: 'bound by the permutation: 25 lanes do not fit 16 registers, so a round moves lanes to memory and back',
    prepare: async (quick) => {
      const hash = await peer.load(quick);
      const name = peerName(peer.name);
      const measured: Peer =
        hash === undefined
          ? { kind: 'absent', name }
          : { kind: 'measured', name, measure: measureHash(hash, length, quick) };
      return { ours: measureHash(keccak256, length, quick), peer: measured, close: async () => {} };
    },
  };
}

const noble = { name: '@noble/hashes', load: nobleHash };

/** Keccak-256 of a hash and of a full branch of the trie. */
export const hashCases: readonly Case[] = [
  hashCase('keccak-32', 12, 32, noble),
  hashCase('keccak-532', 12, 532, noble),
  hashCase('keccak-32-wasm', 1.4, 32, { name: 'hash-wasm', load: wasmHash }),
];
