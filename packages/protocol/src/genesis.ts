import { EMPTY_BYTES, toHexKey } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import { ADDRESS_BYTES } from './address.ts';
import { emptyBloom } from './bloom.ts';
import {
  address20,
  bytes,
  type Codec,
  decodeWith,
  encodeWith,
  type FieldCodecs,
  type JsonObject,
  list,
  listItems,
  record,
  safeUint,
  text,
  uint64,
  uint256,
} from './codec.ts';
import { protocolErrors } from './errors.ts';
import { EMPTY_OMMERS_HASH, EMPTY_TRIE_ROOT, type Header, ZERO_BLOCK_NONCE } from './header.ts';
import { protocolLimits } from './limits.ts';
import { nativeNameOf } from './native-code.ts';
import {
  type Fork,
  MAX_BLOCK_GAS_LIMIT,
  RULE_NAMES,
  type RuleName,
  rulesAt,
  validateForks,
} from './rules.ts';
import { MAX_TRANSACTION_NONCE } from './validation.ts';

/** What an account has in the genesis block. */
export type GenesisAccount = {
  readonly address: Uint8Array;
  /** Wei. */
  readonly balance: bigint;
  readonly nonce: bigint;
  /** Of a native contract: other code cannot be there from the start. */
  readonly code?: Uint8Array;
};

/** All that a chain starts from. Its hash is that of the genesis block, which commits to all of it. */
export type Genesis = {
  readonly chainId: bigint;
  /** Seconds since the Unix epoch. */
  readonly timestamp: number;
  readonly gasLimit: bigint;
  /** Wei for one unit of gas. */
  readonly baseFeePerGas: bigint;
  readonly coinbase: Uint8Array;
  readonly forks: readonly Fork[];
  readonly alloc: readonly GenesisAccount[];
};

/** EIP-2294: clients compute 2 · chainId + 36 in 64 bits. */
const MAX_CHAIN_ID = (2n ** 64n - 1n) / 2n - 36n;

const limits = protocolLimits.values;

type RuleSetting = { readonly name: string; readonly value: bigint };

const ruleSettings = list(
  record<RuleSetting>({ name: text(limits.nameBytes), value: uint64 }),
  limits.forkParameters,
);

/** The settings of a fork: in RLP a list of [name, value] in the order of the names. */
const ruleParameters: Codec<Fork['parameters']> = {
  toRlp: (parameters) => ruleSettings.toRlp(settingsOf(parameters)),
  fromRlp: (item, path) => {
    const settings = ruleSettings.fromRlp(item, path);
    let previous = '';
    for (const { name } of settings) {
      const isKnown = (RULE_NAMES as readonly string[]).includes(name);
      if (!isKnown || name <= previous) {
        throw protocolErrors.create('RULES_PARAMETER', `${path}.${name}`, { path, name });
      }
      previous = name;
    }
    return Object.fromEntries(settings.map(({ name, value }) => [name, value]));
  },
  toJson: (parameters) =>
    Object.fromEntries(
      settingsOf(parameters).map(({ name, value }) => [name, uint64.toJson(value)]),
    ),
};

const parameterFields: FieldCodecs<Omit<Genesis, 'alloc'>> = {
  chainId: uint64,
  timestamp: safeUint,
  gasLimit: uint64,
  baseFeePerGas: uint256,
  coinbase: address20,
  forks: list(
    record<Fork>({ height: safeUint, name: text(limits.nameBytes), parameters: ruleParameters }),
    limits.forks,
  ),
};
const parametersCodec = record<Omit<Genesis, 'alloc'>>(parameterFields);

type PlainAccount = Omit<GenesisAccount, 'code'>;

const plainFields: FieldCodecs<PlainAccount> = {
  address: address20,
  balance: uint256,
  nonce: uint64,
};
const codeFields: FieldCodecs<Required<GenesisAccount>> = {
  ...plainFields,
  code: bytes(limits.nativeCodeBytes),
};
const plainAccount = record<PlainAccount>(plainFields);
const codeAccount = record<Required<GenesisAccount>>(codeFields);
const CODE_ACCOUNT_FIELDS = Object.keys(codeFields).length;

/** An account with code has one field more, so that a genesis without any is as it always was. */
const genesisAccount: Codec<GenesisAccount> = {
  toRlp: ({ code, ...plain }) =>
    code === undefined ? plainAccount.toRlp(plain) : codeAccount.toRlp({ ...plain, code }),
  fromRlp: (item, path) => {
    const hasCode = listItems(item, path).length === CODE_ACCOUNT_FIELDS;
    return hasCode ? codeAccount.fromRlp(item, path) : plainAccount.fromRlp(item, path);
  },
  toJson: ({ code, ...plain }) =>
    code === undefined ? plainAccount.toJson(plain) : codeAccount.toJson({ ...plain, code }),
};

/** Codec of a genesis. */
export const genesisCodec: Codec<Genesis, JsonObject> = record<Genesis>({
  ...parameterFields,
  alloc: list(genesisAccount, limits.genesisAccounts),
});

/** The genesis as RLP. */
export function encodeGenesis(genesis: Genesis): Uint8Array {
  return encodeWith(genesisCodec, genesis);
}

/** Decodes and validates a genesis. @throws `RLP_*`, `RULES_*`, `GENESIS_INVALID` */
export function decodeGenesis(encoded: Uint8Array): Genesis {
  const genesis = decodeWith(genesisCodec, encoded, 'genesis', limits.genesisItems);
  validateGenesis(genesis);
  return genesis;
}

/**
 * Checks that the genesis can start a chain.
 *
 * @throws `GENESIS_INVALID` with the `path` of the field, `RULES_*`
 */
export function validateGenesis(genesis: Genesis): void {
  validateForks(genesis.forks);
  const rules = rulesAt(genesis.forks, 0);
  check(genesis.chainId >= 1n && genesis.chainId <= MAX_CHAIN_ID, 'genesis.chainId');
  check(isSafeUint(genesis.timestamp), 'genesis.timestamp');
  check(genesis.gasLimit >= rules.minimumGasLimit, 'genesis.gasLimit');
  check(genesis.gasLimit <= MAX_BLOCK_GAS_LIMIT, 'genesis.gasLimit');
  check(isUint256(genesis.baseFeePerGas), 'genesis.baseFeePerGas');
  check(genesis.coinbase.length === ADDRESS_BYTES, 'genesis.coinbase');
  check(genesis.alloc.length <= limits.genesisAccounts, 'genesis.alloc');
  const seen = new Set<string>();
  let supply = 0n;
  for (const [index, account] of genesis.alloc.entries()) {
    validateAccount(account, `genesis.alloc[${index}]`);
    const key = toHexKey(account.address);
    check(!seen.has(key), `genesis.alloc[${index}].address`);
    seen.add(key);
    supply += account.balance;
  }
  // No balance can overflow when not even all of them together do.
  check(isUint256(supply), 'genesis.alloc');
}

/** Commitment to everything but the accounts, which the state root commits to. */
export function parametersHash(genesis: Genesis): Uint8Array {
  return keccak256(encodeWith(parametersCodec, genesis));
}

/** The header of block 0. Its `mixHash`, the first RANDAO mix, commits to the parameters. */
export function genesisHeader(genesis: Genesis, stateRoot: Uint8Array): Header {
  return {
    parentHash: new Uint8Array(32),
    ommersHash: EMPTY_OMMERS_HASH,
    coinbase: genesis.coinbase,
    stateRoot,
    transactionsRoot: EMPTY_TRIE_ROOT,
    receiptsRoot: EMPTY_TRIE_ROOT,
    logsBloom: emptyBloom(),
    difficulty: 0n,
    height: 0,
    gasLimit: genesis.gasLimit,
    gasUsed: 0n,
    timestamp: genesis.timestamp,
    extraData: EMPTY_BYTES,
    mixHash: parametersHash(genesis),
    nonce: ZERO_BLOCK_NONCE,
    baseFeePerGas: genesis.baseFeePerGas,
  };
}

function settingsOf(parameters: Fork['parameters']): readonly RuleSetting[] {
  return RULE_NAMES.flatMap((name: RuleName) => {
    const value = parameters[name];
    return value === undefined ? [] : [{ name, value }];
  });
}

function validateAccount(account: GenesisAccount, path: string): void {
  check(account.address.length === ADDRESS_BYTES, `${path}.address`);
  check(isUint256(account.balance), `${path}.balance`);
  check(account.nonce >= 0n && account.nonce <= MAX_TRANSACTION_NONCE, `${path}.nonce`);
  const { code } = account;
  check(code === undefined || nativeNameOf(code) !== undefined, `${path}.code`);
  // An empty account does not exist (EIP-161).
  check(account.balance > 0n || account.nonce > 0n || code !== undefined, path);
}

function isSafeUint(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function isUint256(value: bigint): boolean {
  return value >= 0n && value < 2n ** 256n;
}

function check(condition: boolean, path: string): void {
  if (!condition) throw protocolErrors.create('GENESIS_INVALID', path, { path });
}
