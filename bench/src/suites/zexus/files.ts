import { assert } from '@lucerna/base';
import {
  deserialize,
  serialize,
  type UpstreamInstruction,
  type UpstreamValue,
  upstreamModule,
  type Zxc1Module,
} from '@lucerna/zexus';
import { timeSettledCall } from '../../clock.ts';
import type { Case } from '../../harness.ts';
import { digestOf, upTo } from '../state/fixtures.ts';

/** Instructions of one of the thousand statements; a last one returns. */
const STATEMENT_INSTRUCTIONS = 7;
const STATEMENTS = 1_000;
const INSTRUCTIONS = STATEMENT_INSTRUCTIONS * STATEMENTS + 1;

/** 7,001 instructions, as many as the predecessor's figures are for: a thousand conditional statements. */
export function largeModule(): Zxc1Module {
  const names = upTo(50).map((index) => `variable_${index}`);
  const texts = upTo(50).map((index) => `the text number ${index}`);
  const integers = upTo(100).map((index) => BigInt(index) ** BigInt(1 + (index % 9)));
  const constants: readonly UpstreamValue[] = [...names, ...texts, ...integers, null, true];
  const statements = upTo(STATEMENTS).flatMap((index): readonly UpstreamInstruction[] => [
    ['LOAD_NAME', index % names.length],
    ['LOAD_CONST', names.length + texts.length + (index % integers.length)],
    ['ADD'],
    ['STORE_NAME', (index + 1) % names.length],
    ['LOAD_CONST', names.length + (index % texts.length)],
    ['CALL_BUILTIN', [(index + 2) % names.length, 1]],
    ['JUMP_IF_FALSE', (index + 1) * STATEMENT_INSTRUCTIONS],
  ]);
  const module = upstreamModule(constants, [...statements, ['RETURN']]);
  assert(module.instructions.length === INSTRUCTIONS, 'as many as the case is named after');
  return module;
}

function fileCase(
  id: string,
  target: number,
  seedMs: number,
  workOn: (module: Zxc1Module) => () => unknown,
): Case {
  return {
    id,
    unit: 'ms',
    better: 'lower',
    target,
    rounds: 9,
    cpuTime: true,
    prepare: async (quick) => {
      const module = largeModule();
      const bytes = serialize(module);
      const again = deserialize(bytes);
      assert(again.hasChecksum, 'the file has a checksum');
      const leastMs = quick ? 5 : 200;
      const work = workOn(module);
      timeSettledCall(leastMs, work);
      return {
        ours: async () => ({
          value: timeSettledCall(leastMs, work),
          hash: digestOf([serialize(again)]),
        }),
        peer: { kind: 'figure', name: 'seed:zexus', value: seedMs },
        close: async () => {},
        detail: `${bytes.length} bytes, ${module.constants.length} constants, CRC-32 included`,
      };
    },
  };
}

/** `.zxc` version 1, written and read with its checksum. */
export const fileCases: readonly Case[] = [
  fileCase('zxc-serialize-7001', 20, 8.5, (module) => () => serialize(module)),
  fileCase('zxc-deserialize-7001', 30, 20.2, (module) => {
    const bytes = serialize(module);
    return () => deserialize(bytes);
  }),
];
