import { toHex } from '@lucerna/base';
import { describe, expect, it } from 'vitest';
import {
  decodeGenesis,
  EMPTY_TRIE_ROOT,
  encodeGenesis,
  encodeRlp,
  type Fork,
  type Genesis,
  genesisCodec,
  genesisHeader,
  headerHash,
  INITIAL_FORKS,
  MAX_BLOCK_GAS_LIMIT,
  nativeCode,
  parametersHash,
  type RlpItem,
  validateGenesis,
} from '../src/index.ts';

const account = (byte: number, balance = 10n): Genesis['alloc'][number] => ({
  address: new Uint8Array(20).fill(byte),
  balance,
  nonce: 0n,
});

const genesis: Genesis = {
  chainId: 31_337n,
  timestamp: 1_700_000_000,
  gasLimit: 30_000_000n,
  baseFeePerGas: 1_000_000_000n,
  coinbase: new Uint8Array(20).fill(9),
  forks: [
    ...INITIAL_FORKS,
    { height: 7, name: 'second', parameters: { refundQuotient: 2n, gasCodeByte: 100n } },
  ],
  alloc: [account(2), account(1)],
};

function faultOf(change: Partial<Genesis>): unknown {
  try {
    validateGenesis({ ...genesis, ...change });
  } catch (error) {
    const { code, fields } = error as { readonly code: string; readonly fields: { path?: string } };
    return code === 'GENESIS_INVALID' ? fields.path : code;
  }
  return 'valid';
}

describe('the codec', () => {
  it('decodes what it encoded', () => {
    expect(decodeGenesis(encodeGenesis(genesis))).toEqual(genesis);
  });

  it('does not depend on the order in which a fork names its parameters', () => {
    const reordered: Fork = {
      height: 7,
      name: 'second',
      parameters: { gasCodeByte: 100n, refundQuotient: 2n },
    };
    const same = { ...genesis, forks: [...INITIAL_FORKS, reordered] };
    expect(toHex(encodeGenesis(same))).toBe(toHex(encodeGenesis(genesis)));
  });

  it('refuses parameters that are unknown, doubled or out of order', () => {
    const items = genesisCodec.toRlp(genesis) as RlpItem[];
    const withSecond = (settings: readonly (readonly [string, number])[]): Uint8Array => {
      const forks = (items[5] as RlpItem[]).slice(0, 1);
      const ascii = (text: string): Uint8Array =>
        Uint8Array.from(text, (character) => character.charCodeAt(0));
      const second = settings.map(([name, value]) => [ascii(name), Uint8Array.of(value)]);
      const fork = [Uint8Array.of(7), ascii('second'), second];
      return encodeRlp(items.map((item, index) => (index === 5 ? [...forks, fork] : item)));
    };
    const [a, b] = ['gasCodeByte', 'refundQuotient'];
    const good = [
      [a, 1],
      [b, 2],
    ] as const;
    expect(decodeGenesis(withSecond(good)).forks[1]?.parameters).toEqual({ [a]: 1n, [b]: 2n });
    const bad = [
      [['gasOfNothing', 1]],
      [
        [b, 2],
        [a, 1],
      ],
      [
        [a, 1],
        [a, 1],
      ],
    ] as const;
    const refused = expect.objectContaining({ code: 'RULES_PARAMETER' });
    for (const settings of bad) expect(() => decodeGenesis(withSecond(settings))).toThrow(refused);
  });

  it('has a fourth field for an account with code only, so that all others are as they were', () => {
    const code = nativeCode('multicall3');
    const withCode = { ...genesis, alloc: [account(2), { ...account(1, 0n), code }] };
    expect(decodeGenesis(encodeGenesis(withCode))).toEqual(withCode);
    const items = genesisCodec.toRlp(withCode) as RlpItem[];
    expect((items[6] as RlpItem[]).map((item) => (item as RlpItem[]).length)).toEqual([3, 4]);
    expect(genesisCodec.toJson(withCode)['alloc']).toMatchObject([
      { nonce: '0x0' },
      { nonce: '0x0', code: toHex(code) },
    ]);
    const five = [...((items[6] as RlpItem[])[1] as RlpItem[]), new Uint8Array(0)];
    const alloc = items.map((item, index) => (index === 6 ? [five] : item));
    const refused = expect.objectContaining({ code: 'RLP_FIELD_COUNT' });
    expect(() => decodeGenesis(encodeRlp(alloc))).toThrow(refused);
  });

  it('reads a genesis of before some rules', () => {
    const [first] = INITIAL_FORKS as readonly [Fork];
    const { gasNative: _native, maxCallDepth: _depth, ...parameters } = first.parameters;
    const older = { ...genesis, forks: [{ ...first, parameters }] };
    const decoded = decodeGenesis(encodeGenesis(older));
    expect(decoded).toEqual(older);
    expect(toHex(parametersHash(decoded))).toBe(toHex(parametersHash(older)));
  });

  it('validates what it decodes', () => {
    const encoded = encodeGenesis({ ...genesis, chainId: 0n });
    const refused = expect.objectContaining({ code: 'GENESIS_INVALID' });
    expect(() => decodeGenesis(encoded)).toThrow(refused);
  });
});

describe('validateGenesis', () => {
  it('accepts the bounds', () => {
    expect(faultOf({})).toBe('valid');
    expect(faultOf({ chainId: 2n ** 63n - 37n })).toBe('valid');
    expect(faultOf({ gasLimit: 5_000n })).toBe('valid');
    expect(faultOf({ gasLimit: MAX_BLOCK_GAS_LIMIT })).toBe('valid');
    expect(faultOf({ timestamp: 0, baseFeePerGas: 0n, alloc: [] })).toBe('valid');
    expect(faultOf({ alloc: [account(1, 2n ** 256n - 1n)] })).toBe('valid');
    expect(faultOf({ alloc: [{ ...account(1, 0n), nonce: 1n }] })).toBe('valid');
  });

  it('refuses what cannot start a chain', () => {
    expect(faultOf({ chainId: 0n })).toBe('genesis.chainId');
    expect(faultOf({ chainId: 2n ** 63n })).toBe('genesis.chainId');
    expect(faultOf({ timestamp: -1 })).toBe('genesis.timestamp');
    expect(faultOf({ timestamp: 0.5 })).toBe('genesis.timestamp');
    expect(faultOf({ gasLimit: 4_999n })).toBe('genesis.gasLimit');
    expect(faultOf({ gasLimit: MAX_BLOCK_GAS_LIMIT + 1n })).toBe('genesis.gasLimit');
    expect(faultOf({ baseFeePerGas: -1n })).toBe('genesis.baseFeePerGas');
    expect(faultOf({ coinbase: new Uint8Array(19) })).toBe('genesis.coinbase');
    expect(faultOf({ forks: [] })).toBe('RULES_SCHEDULE');
    expect(faultOf({ alloc: [account(1), account(1)] })).toBe('genesis.alloc[1].address');
    expect(faultOf({ alloc: [account(1, 0n)] })).toBe('genesis.alloc[0]');
    expect(faultOf({ alloc: [account(1, -1n)] })).toBe('genesis.alloc[0].balance');
    const tooRich = [account(1, 2n ** 256n - 1n), account(2, 1n)];
    expect(faultOf({ alloc: tooRich })).toBe('genesis.alloc');
    const coded = (code: Uint8Array): Partial<Genesis> => ({
      alloc: [{ ...account(1, 0n), code }],
    });
    expect(faultOf(coded(nativeCode('create2-factory')))).toBe('valid');
    for (const code of [new Uint8Array(0), Uint8Array.of(0xef, 0x5a, 0x4e, 1), Uint8Array.of(1)]) {
      expect(faultOf(coded(code))).toBe('genesis.alloc[0].code');
    }
    const busy = { ...account(1), nonce: 2n ** 64n - 1n };
    expect(faultOf({ alloc: [busy] })).toBe('genesis.alloc[0].nonce');
  });
});

describe('genesisHeader', () => {
  it('commits to every parameter through mixHash, and to the accounts through the state root', () => {
    const header = genesisHeader(genesis, EMPTY_TRIE_ROOT);
    expect(header).toMatchObject({
      height: 0,
      gasLimit: 30_000_000n,
      extraData: new Uint8Array(0),
    });
    expect(header.mixHash).toEqual(parametersHash(genesis));
    const changes: readonly Partial<Genesis>[] = [
      { chainId: 1n },
      { timestamp: 1 },
      { gasLimit: 1n },
      { baseFeePerGas: 1n },
      { coinbase: new Uint8Array(20) },
      { forks: INITIAL_FORKS },
    ];
    const hashes = changes.map((change) => toHex(parametersHash({ ...genesis, ...change })));
    expect(new Set([...hashes, toHex(header.mixHash)]).size).toBe(changes.length + 1);
    expect(parametersHash({ ...genesis, alloc: [] })).toEqual(header.mixHash);
    const other = genesisHeader(genesis, new Uint8Array(32));
    expect(headerHash(other)).not.toEqual(headerHash(header));
  });
});
