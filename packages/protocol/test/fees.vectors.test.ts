import { expect } from 'vitest';
import { vectorSuite } from '../../../tools/src/vectors.ts';
import { INITIAL_FORKS, nextBaseFee, rulesAt } from '../src/index.ts';

const rules = rulesAt(INITIAL_FORKS, 0);

type EthereumjsCase = {
  readonly parentBaseFee: number;
  readonly parentGasUsed: number;
  readonly parentTargetGasUsed: number;
  readonly expectedBaseFee: number;
};

vectorSuite<readonly EthereumjsCase[], EthereumjsCase>('fee/ethereumjs-eip1559-basefee.json', {
  cases: (document) => document.map((value, index) => [`${index}`, value]),
  check: (value) => {
    const parent = {
      baseFeePerGas: BigInt(value.parentBaseFee),
      gasUsed: BigInt(value.parentGasUsed),
      gasLimit: BigInt(value.parentTargetGasUsed) * rules.baseFeeElasticity,
    };
    expect(nextBaseFee(parent, rules)).toBe(BigInt(value.expectedBaseFee));
  },
});

type AlloyCase = {
  readonly params: string;
  readonly max_change_denominator: number;
  readonly elasticity_multiplier: number;
  readonly base_fee: number;
  readonly gas_used: number;
  readonly gas_limit: number;
  readonly next_base_fee: number;
};

vectorSuite<readonly AlloyCase[], AlloyCase>('fee/alloy-eip1559-basefee.json', {
  cases: (document) => document.map((value, index) => [`${value.params} ${index}`, value]),
  check: (value) => {
    const parent = {
      baseFeePerGas: BigInt(value.base_fee),
      gasUsed: BigInt(value.gas_used),
      gasLimit: BigInt(value.gas_limit),
    };
    const parameters = {
      baseFeeElasticity: BigInt(value.elasticity_multiplier),
      baseFeeChangeDenominator: BigInt(value.max_change_denominator),
    };
    expect(nextBaseFee(parent, parameters)).toBe(BigInt(value.next_base_fee));
  },
});

type HeaderFields = {
  readonly hash: string;
  readonly parentHash: string;
  readonly number: string;
  readonly gasLimit: string;
  readonly gasUsed: string;
  readonly baseFeePerGas: string;
};
type ChainCase = { readonly name: string; readonly blocks: readonly HeaderFields[] };
type Step = { readonly parent: HeaderFields; readonly child: HeaderFields };

vectorSuite<readonly ChainCase[], Step>('fee/ethereum-tests-bcEIP1559-headers.json', {
  cases: (document) =>
    document.flatMap(({ name, blocks }) =>
      blocks.flatMap((child) => {
        const parent = blocks.find((block) => block.hash === child.parentHash);
        if (parent === undefined) return [];
        return [[`${name} ${child.hash.slice(0, 10)}`, { parent, child }] as const];
      }),
    ),
  check: ({ parent, child }) => {
    const fields = {
      baseFeePerGas: BigInt(parent.baseFeePerGas),
      gasUsed: BigInt(parent.gasUsed),
      gasLimit: BigInt(parent.gasLimit),
    };
    expect(nextBaseFee(fields, rules)).toBe(BigInt(child.baseFeePerGas));
  },
});
