import { assert, fromHex, isErrorOf, toHexKey } from '@lucerna/base';
import {
  loadProgram,
  MemoryHost,
  NO_CHAIN,
  type Program,
  VERIFIER_RULES,
  zexusErrors,
} from '@lucerna/zexus';
import { hexToBytes } from 'viem';
import { describe, expect, test } from 'vitest';
import { runs } from '../../tools/src/fuzz-runs.ts';
import { recordMutationResult } from '../../tools/src/reliability.ts';
import { compileFixture, TOKEN } from './artifacts.ts';
import {
  codeTarget,
  containerTarget,
  messagesOf,
  moduleTarget,
  sealedContainer,
  send,
} from './mutation-targets.ts';
import { findingsText, fuzzMutations, type MutationTarget } from './mutator.ts';

// What gets past the seals of a container or the checksum of a module is refused by a rule that has a
// name, or it is the one encoding of what it holds and runs within its gas.

/** How many mutants there are in all; `npm run fuzz` has a million. */
const MUTATIONS = Number(process.env['LUCERNA_MUTATIONS'] ?? runs(15_000).numRuns);
const SEED = Number(process.env['LUCERNA_SEED'] ?? 1);

describe('mutants of contracts and scripts', () => {
  const timeoutMs = 60_000 + 2 * MUTATIONS;
  test('are refused by a rule or run within their gas', { timeout: timeoutMs }, () => {
    const targets = [containerTarget(), codeTarget(), moduleTarget()];
    const tally = fuzzMutations(targets, MUTATIONS, SEED);
    const rules = [...tally.refusals].sort(([, left], [, right]) => right - left);
    const text = rules.map((pair) => pair.join(' ')).join(', ');
    process.stdout.write(
      `mutations: ${tally.inputs} mutants, seed ${SEED}, ${tally.accepted} accepted; refused by ${text}\n`,
    );
    if (tally.findings.length > 0) throw new Error(findingsText(tally.findings));
    expect(tally.inputs).toBe(MUTATIONS);
    expect(tally.accepted).toBeGreaterThan(MUTATIONS / 20);
    expect(rules.length).toBeGreaterThan(30);
    // The seals are renewed: nothing is refused for them.
    const seals = ['container ZXC_CRC', 'container ZXC_CODE_HASH', 'module ZXC1_CRC'];
    expect(rules.filter(([name]) => seals.includes(name))).toEqual([]);
    const { inputs, accepted } = tally;
    recordMutationResult({ inputs, accepted, rules: rules.length, seed: SEED });
  });
});

describe('a planted defect', () => {
  /** The target, where what `isHit` says of an input is not expected by the code behind it. */
  const broken = (target: MutationTarget, isHit: (hex: string) => boolean): MutationTarget => ({
    ...target,
    judge: (bytes) => {
      if (isHit(toHexKey(bytes))) throw new TypeError('planted');
      return target.judge(bytes);
    },
  });

  const planted: readonly (readonly [string, MutationTarget])[] = [
    // A jump to an instruction to which none of the scripts jumps.
    [
      'in the reader of modules',
      broken(moduleTarget(), (hex) => /280001(?:0[13-9])000000/.test(hex)),
    ],
    // A list of a list, as a type.
    ['in the decoder', broken(containerTarget(), (hex) => hex.includes('050560'))],
    // The same instruction twice.
    ['in the verifier', broken(codeTarget(), (hex) => /^..(?:.{6})*(.{6})\1/.test(hex))],
  ];

  test.each(planted)('%s is found, with the input that shows it', (_, target) => {
    const { findings, inputs } = fuzzMutations([target], 50_000, SEED, 1);
    const [first] = findings;
    assert(first !== undefined, `no finding in ${inputs} mutants`);
    expect(first.error).toBeInstanceOf(TypeError);
    expect(() => target.judge(fromHex(first.input))).toThrow(TypeError);
    expect(findingsText(findings)).toContain('planted');
  });

  test('is not found where there is none', () => {
    const { findings } = fuzzMutations([moduleTarget()], 2_000, SEED);
    expect(findings).toEqual([]);
  });
});

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

const contracts = [
  TOKEN,
  ...['failing', 'clearing', 'costly', 'archive'].map((name) => compileFixture(name)),
];

describe.each(contracts.map((artifact) => [artifact.name, artifact] as const))(
  '%s, compiled',
  (_name, artifact) => {
    const bytes = hexToBytes(artifact.bytecode);
    const messages = messagesOf(bytes);
    const changesPerByte = runs(4).numRuns;
    const changes = [...new Set([0x01, 0x80, 0x02, 0xff, ...Array(256).keys()])].slice(
      0,
      changesPerByte,
    );

    test('is sealed as it was, and runs', () => {
      expect(toHexKey(sealedContainer(bytes))).toBe(toHexKey(bytes));
      const host = new MemoryHost(NO_CHAIN.address);
      const program = loadProgram(bytes);
      expect(messages.length).toBeGreaterThan(3);
      expect(messages.map((message) => send(program, message, host).status)).toContain('success');
    });

    test('with any byte changed is refused by a rule or runs', { timeout: 600_000 }, () => {
      const rules = new Set<string>();
      for (let offset = 8 + 32; offset < bytes.length - 4; offset += 1) {
        for (const change of changes) {
          const mutant = bytes.slice();
          mutant[offset] = (mutant[offset] as number) ^ change;
          const loaded = load(sealedContainer(mutant));
          if (typeof loaded === 'string') {
            rules.add(loaded);
            continue;
          }
          const host = new MemoryHost(NO_CHAIN.address);
          for (const message of messages) send(loaded, message, host);
        }
      }
      expect(rules.size).toBeGreaterThan(10);
      expect(rules).not.toContain('ZXC_CRC');
    });

    test('whose seals are not renewed does not get past them', () => {
      for (let offset = 0; offset < bytes.length; offset += 1) {
        const mutant = bytes.slice();
        mutant[offset] = (mutant[offset] as number) ^ 0x20;
        assert(typeof load(mutant) === 'string', `byte ${offset}`);
      }
    });
  },
);
