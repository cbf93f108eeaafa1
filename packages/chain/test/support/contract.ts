import { concatBytes, EMPTY_BYTES, fromHex } from '@lucerna/base';
import { create2Address, createAddress, type RecoveredTransaction } from '@lucerna/protocol';
import { compile } from '@lucerna/zexus';
import { type Abi, encodeFunctionData } from 'viem';
import { ADDRESSES, signed } from './ledger.ts';

/** A contract that keeps words by number, and logs what is set. */
const [NOTES] = compile({
  name: 'notes.zx',
  text: `
contract Notes {
  data words: map<integer, integer> = {}
  event Set(key: integer indexed, word: integer)
  action put(key: integer, word: integer) {
    words[key] = word
    emit Set(key, word)
  }
}`,
}).contracts;

const FEES = { maxPriorityFeePerGas: 2_000_000_000n, maxFeePerGas: 900_000_000_000n };
const COMMON = {
  type: 2,
  chainId: 31_337n,
  gasLimit: 1_000_000n,
  accessList: [],
  ...FEES,
} as const;

/** Where the contract comes to be that this sender deploys with this nonce. */
export function contractAddress(sender: number, nonce: bigint): Uint8Array {
  return createAddress(ADDRESSES[sender] as Uint8Array, nonce);
}

/** Deploys the contract. */
export function deployment(sender: number, nonce: bigint): RecoveredTransaction {
  const data = NOTES!.bytecode;
  return signed(sender, { ...COMMON, nonce, to: null, value: 0n, data });
}

/** A contract that somebody else is to make: through the CREATE2 factory, whose address is `factory`. */
export function deploymentBy(
  factory: Uint8Array,
  sender: number,
  nonce: bigint,
  salt: Uint8Array,
): { readonly transaction: RecoveredTransaction; readonly address: Uint8Array } {
  const code = NOTES!.bytecode;
  const data = concatBytes(salt, code);
  return {
    transaction: signed(sender, { ...COMMON, nonce, to: factory, value: 0n, data }),
    address: create2Address(factory, salt, code),
  };
}

/** Sets a word of the contract at `to`; zero clears the slot. */
export function put(
  sender: number,
  nonce: bigint,
  to: Uint8Array,
  key: bigint,
  word: bigint,
): RecoveredTransaction {
  const abi = NOTES!.abi as Abi;
  const data = fromHex(encodeFunctionData({ abi, functionName: 'put', args: [key, word] }));
  return signed(sender, { ...COMMON, nonce, to, value: 0n, data });
}

/** A transfer with ample fees, whatever the base fee has become. */
export function pay(
  sender: number,
  nonce: bigint,
  to: Uint8Array,
  value: bigint,
): RecoveredTransaction {
  return signed(sender, { ...COMMON, nonce, to, value, data: EMPTY_BYTES });
}
