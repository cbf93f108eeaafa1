import { assert, isErrorOf, toHexKey } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import {
  call,
  construct,
  crc32,
  INITIAL_GAS,
  loadProgram,
  type Program,
  VERIFIER_RULES,
  type VmOutcome,
  type VmRun,
  zexusErrors,
} from '@lucerna/zexus';
import { encodeAbiParameters, encodeFunctionData, type Hex, hexToBytes, numberToHex } from 'viem';
import { describe, expect, test } from 'vitest';
import { CONTEXT, MemoryHost } from '../../packages/zexus/test/vm/support.ts';
import { runs } from '../../tools/src/fuzz-runs.ts';
import { type Artifact, compileFixture, TOKEN } from './artifacts.ts';

// Five contracts, every byte of each changed and the seals renewed: what gets past the checksum is
// refused by a rule that has a name, or it runs within its gas.

/** What one message may use: endless loops are among the mutants. */
const GAS = 100_000;

const CODE_HASH = [8, 40] as const;
const CRC_BYTES = 4;

/** Header and sections are what there is to change; code hash and checksum follow from them. */
function sealed(container: Uint8Array): Uint8Array {
  const [from, to] = CODE_HASH;
  const end = container.length - CRC_BYTES;
  const bytes = container.slice();
  bytes.set(keccak256(bytes.subarray(to, end)), from);
  bytes.set(hexToBytes(numberToHex(crc32(bytes.subarray(0, end)), { size: CRC_BYTES })), end);
  return bytes;
}

/** What a byte is changed by: telling ones first, all 255 with a large budget. */
const telling = [0x01, 0x80, 0x02, 0xff, 0x10, 0x04, 0x7f, 0x40];
const all = Array.from({ length: 255 }, (_, index) => index + 1);
const CHANGES_PER_BYTE = runs(12).numRuns;

/** The changes of the byte at `offset`: neighbours have others while there are not all. */
function changesAt(offset: number): readonly number[] {
  const rotated = [...telling.slice(offset % 8), ...telling.slice(0, offset % 8)];
  return [...new Set([...rotated, ...all])].slice(0, CHANGES_PER_BYTE);
}

const ADDRESS: Hex = `0x${'0a'.repeat(20)}`;
const SAMPLES: Readonly<Record<string, unknown>> = {
  uint256: 3n,
  address: ADDRESS,
  string: 'a text that is longer than thirty bytes are',
  bytes: '0x0102030405',
};

type Message = { readonly kind: 'construct' | 'call'; readonly data: Uint8Array };

/** The deployment as it is meant, and a call of each function. */
function messagesOf({ abi }: Artifact): readonly Message[] {
  const init = abi.find(({ type }) => type === 'constructor');
  const inputs = init?.type === 'constructor' ? init.inputs : [];
  const args = inputs.map(({ type }) => SAMPLES[type]);
  const calls = abi.flatMap((item): readonly Message[] => {
    if (item.type !== 'function') return [];
    const values = item.inputs.map(({ type }) => SAMPLES[type]);
    const data = encodeFunctionData({ abi, functionName: item.name, args: values });
    return [{ kind: 'call', data: hexToBytes(data) }];
  });
  return [{ kind: 'construct', data: hexToBytes(encodeAbiParameters(inputs, args)) }, ...calls];
}

function send(program: Program, { kind, data }: Message, host: MemoryHost, gas: number): VmOutcome {
  host.beginTransaction();
  const run: VmRun = { context: CONTEXT, host, gas, schedule: INITIAL_GAS, isStatic: false };
  return kind === 'construct' ? construct(program, data, run) : call(program, data, run);
}

/** What came of the mutants of all contracts. */
type Tally = {
  mutants: number;
  pastChecksum: number;
  accepted: number;
  messages: number;
  readonly refusals: Map<string, number>;
  readonly statuses: Map<string, number>;
};

const tally: Tally = {
  mutants: 0,
  pastChecksum: 0,
  accepted: 0,
  messages: 0,
  refusals: new Map(),
  statuses: new Map(),
};

const raise = (counts: Map<string, number>, name: string): void => {
  counts.set(name, (counts.get(name) ?? 0) + 1);
};

/** The program, or the name of the rule that refuses the bytes. */
function load(bytes: Uint8Array): Program | string {
  try {
    return loadProgram(bytes);
  } catch (error) {
    if (!isErrorOf(error, zexusErrors)) throw error;
    if (error.code !== 'PROGRAM_REFUSED') return error.code;
    const rule = error.fields['rule'];
    assert(typeof rule === 'string' && rule in VERIFIER_RULES, `a rule with a name: ${rule}`);
    return rule;
  }
}

/** Deploys and calls what is left of the contract; every run stays within its gas. */
function runAll(program: Program, messages: readonly Message[]): void {
  const host = new MemoryHost();
  host.balances.set(toHexKey(CONTEXT.address), 10n ** 18n);
  for (const message of messages) {
    const { status, gasLeft } = send(program, message, host, GAS);
    assert(Number.isSafeInteger(gasLeft) && gasLeft >= 0 && gasLeft <= GAS, `gas left: ${gasLeft}`);
    raise(tally.statuses, status);
    tally.messages += 1;
  }
}

const contracts = [
  TOKEN,
  ...['failing', 'clearing', 'costly', 'archive'].map((name) => compileFixture(name)),
];

describe.each(contracts.map((artifact) => [artifact.name, artifact] as const))(
  '%s',
  (_name, artifact) => {
    const bytes = hexToBytes(artifact.bytecode);
    const messages = messagesOf(artifact);

    test('is sealed as it was, and runs', () => {
      expect(toHexKey(sealed(bytes))).toBe(toHexKey(bytes));
      const program = loadProgram(bytes);
      const host = new MemoryHost();
      expect(messages.length).toBeGreaterThan(3);
      const statuses = messages.map((message) => send(program, message, host, GAS * 10).status);
      expect(statuses).toContain('success');
    });

    const timeoutMs = 60_000 + CHANGES_PER_BYTE * 10_000;
    test('with any byte changed is refused by a rule or runs within its gas', {
      timeout: timeoutMs,
    }, () => {
      const [hashFrom, hashTo] = CODE_HASH;
      for (let offset = 0; offset < bytes.length - CRC_BYTES; offset += 1) {
        if (offset >= hashFrom && offset < hashTo) continue;
        for (const change of changesAt(offset)) {
          const mutant = bytes.slice();
          mutant[offset] = (mutant[offset] as number) ^ change;
          const loaded = load(sealed(mutant));
          tally.mutants += 1;
          if (loaded !== 'ZXC_CRC' && loaded !== 'ZXC_CODE_HASH') tally.pastChecksum += 1;
          if (typeof loaded === 'string') {
            raise(tally.refusals, loaded);
          } else {
            tally.accepted += 1;
            runAll(loaded, messages);
          }
        }
      }
    });
  },
);

test('all mutants got past the checksum', () => {
  const list = (counts: ReadonlyMap<string, number>): string =>
    [...counts]
      .sort(([, left], [, right]) => right - left)
      .map((pair) => pair.join(' '))
      .join(', ');
  const share = (100 * tally.pastChecksum) / tally.mutants;
  process.stdout.write(
    `mutations: ${tally.mutants} mutants of ${contracts.length} containers, ${share} % got past the ` +
      `checksum; ${tally.accepted} accepted (${tally.messages} messages: ${list(tally.statuses)}); ` +
      `refused by ${list(tally.refusals)}\n`,
  );
  expect(tally.pastChecksum).toBe(tally.mutants);
  expect(tally.accepted).toBeGreaterThan(tally.mutants / 20);
  expect(tally.refusals.size).toBeGreaterThan(20);
  expect([...tally.statuses.keys()].sort()).toEqual(['failure', 'revert', 'success']);
});

test('a container whose seals are not renewed does not get past them', () => {
  for (const { bytecode } of contracts) {
    const bytes = hexToBytes(bytecode);
    for (let offset = 0; offset < bytes.length; offset += 1) {
      const mutant = bytes.slice();
      mutant[offset] = (mutant[offset] as number) ^ 0x20;
      assert(typeof load(mutant) === 'string', `byte ${offset}`);
    }
  }
});
