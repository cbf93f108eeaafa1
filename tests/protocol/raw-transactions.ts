import {
  concatHex,
  type Hex,
  keccak256,
  parseTransaction,
  type Signature,
  serializeTransaction,
  type TransactionSerializable,
  type TransactionSerializableEIP1559,
  toBytes,
  toHex,
  toRlp,
} from 'viem';
import { type HDAccount, type PrivateKeyAccount, sign } from 'viem/accounts';

type RlpList = (Hex | RlpList)[];
type Signer = Pick<PrivateKeyAccount | HDAccount, 'signTransaction'>;

const RECIPIENT: Hex = '0x00000000000000000000000000000000000a11ce';
/** Order of secp256k1's group (SEC 2, 2.4.1). */
const GROUP_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** A transfer of one wei that is fine but for what `changes` says. */
export function signTransfer(
  account: Signer,
  changes: Partial<TransactionSerializableEIP1559> = {},
): Promise<Hex> {
  return account.signTransaction({
    type: 'eip1559',
    chainId: 31_337,
    nonce: 0,
    to: RECIPIENT,
    value: 1n,
    gas: 21_000n,
    maxFeePerGas: 20_000_000_000n,
    maxPriorityFeePerGas: 1_000_000_000n,
    ...changes,
  });
}

/** A legacy transaction as they were signed before EIP-155: for any chain. */
export function signUnprotected(account: Signer, nonce: number): Promise<Hex> {
  const gasPrice = 20_000_000_000n;
  return account.signTransaction({ type: 'legacy', nonce, to: RECIPIENT, gas: 21_000n, gasPrice });
}

/** Correctly signed, with a tip above the fee cap: encoded by hand, because no library would do it. */
export async function signTipAboveCap(
  privateKey: Hex,
  { chainId, nonce }: { readonly chainId: number; readonly nonce: number },
): Promise<Hex> {
  const [tip, cap] = [2_000_000_001n, 2_000_000_000n];
  const fields = [chainId, nonce, tip, cap, 21_000, BigInt(RECIPIENT), 1].map(rlpNumber);
  fields[5] = RECIPIENT;
  const unsigned: RlpList = [...fields, '0x', []];
  const digest = keccak256(concatHex(['0x02', toRlp(unsigned)]));
  const { r, s, yParity } = await sign({ hash: digest, privateKey });
  const signature = [yParity ?? 0, BigInt(r), BigInt(s)].map(rlpNumber);
  return concatHex(['0x02', toRlp([...unsigned, ...signature])]);
}

function rlpNumber(value: bigint | number): Hex {
  return BigInt(value) === 0n ? '0x' : toHex(toBytes(BigInt(value)));
}

/** The same transaction with the other one of its two signatures, which EIP-2 forbids. */
export async function withHighS(raw: Promise<Hex>): Promise<Hex> {
  return withSignature(await raw, ({ r, s, yParity }) => ({
    r,
    s: toHex(GROUP_ORDER - BigInt(s), { size: 32 }),
    yParity: yParity === 1 ? 0 : 1,
  }));
}

/** The same transaction with a signature value that no signature has. */
export async function withZeroR(raw: Promise<Hex>): Promise<Hex> {
  return withSignature(await raw, ({ s, yParity }) => ({ r: '0x0', s, yParity: yParity ?? 0 }));
}

function withSignature(raw: Hex, change: (given: Signature) => Signature): Hex {
  const { r, s, v: _, yParity, ...transaction } = parseTransaction(raw);
  if (r === undefined || s === undefined || yParity === undefined) {
    throw new Error('a signed typed transaction has r, s and yParity');
  }
  return serializeTransaction(
    transaction as TransactionSerializable,
    change({ r, s, yParity: yParity as 0 | 1 }),
  );
}

/** The same bytes with the last ones cut off. */
export function truncated(raw: Hex, bytes: number): Hex {
  return raw.slice(0, raw.length - 2 * bytes) as Hex;
}

/** The same bytes in an envelope of another type (EIP-2718). */
export function asType(raw: Hex, type: number): Hex {
  return concatHex([toHex(type, { size: 1 }), `0x${raw.slice(4)}`]);
}
