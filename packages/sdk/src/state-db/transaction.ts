import { EMPTY_BYTES, equalBytes, fromHex, type Hex, isHex, toHex } from '@lucerna/base';
import type { SignatureEngine } from '@lucerna/crypto';
import {
  createAddress,
  encodeTransaction,
  publicKeyToAddress,
  type RecoveredTransaction,
  type SignedTransaction,
  signTransaction,
  transactionHash,
  type UnsignedTransaction,
} from '@lucerna/protocol';
import { addressText } from '../accounts/address-text.ts';
import { addressOf, namedAccount } from '../accounts/named-account.ts';
import { signingEngine } from '../accounts/signing-engine.ts';
import { sdkErrors } from '../errors.ts';
import { amountFrom, gasFrom, nonceFrom, type WholeNumber } from './amounts.ts';
import {
  activationCall,
  activationOf,
  NODE_REGISTRY_ADDRESS,
  type NodeType,
} from './node-registry.ts';
import { STATE_DB_CHAIN_ID } from './state-db-genesis.ts';

/** What a transaction does. Those of contracts are made elsewhere and come signed. */
export type TransactionType = 'transfer' | 'node_activation' | 'contract_call' | 'contract_deploy';

/** What a transfer needs, by the rules of the ledger. */
const TRANSFER_GAS = 21_000n;
/** More than an activation needs; what is not used is not paid. */
const ACTIVATION_GAS = 200_000n;

type Parts = {
  readonly type: TransactionType;
  readonly from: string;
  readonly to: string;
  readonly amount: bigint;
  readonly nonce: number;
  readonly gasPrice: bigint;
  readonly gasLimit: bigint;
  readonly nodeType: NodeType | undefined;
  readonly recovered?: RecoveredTransaction;
};

/**
 * A transaction of a StateDB: a legacy transaction of Ethereum (EIP-155) on chain 31337. From a name it is
 * signed with the key of that name; from an address it has to be {@link Transaction.signed}.
 *
 * Nonces count from 1: the first transaction of an account has nonce 1, and on the wire nonce 0.
 */
export class Transaction {
  readonly type: TransactionType;
  /** As it was given: a name, or an address. */
  readonly from: string;
  /** As it was given; of an activation the address of the registry, of a deployment that of the contract. */
  readonly to: string;
  readonly amount: bigint;
  readonly nonce: number;
  readonly gasPrice: bigint;
  readonly gasLimit: bigint;
  /** Of an activation. */
  readonly nodeType: NodeType | undefined;
  readonly #sender: Uint8Array;
  readonly #recipient: Uint8Array;
  #recovered: RecoveredTransaction | undefined;

  private constructor(parts: Parts, sender: Uint8Array, recipient: Uint8Array) {
    this.type = parts.type;
    this.from = parts.from;
    this.to = parts.to;
    this.amount = parts.amount;
    this.nonce = parts.nonce;
    this.gasPrice = parts.gasPrice;
    this.gasLimit = parts.gasLimit;
    this.nodeType = parts.nodeType;
    this.#sender = sender;
    this.#recipient = recipient;
    this.#recovered = parts.recovered;
  }

  /**
   * A transfer of `amount` units. The price of gas is 0 and the gas that of a transfer unless they are given.
   *
   * @throws `ACCOUNT_NAME_INVALID`, `ADDRESS_INVALID`, `ADDRESS_CHECKSUM`, `AMOUNT_INVALID` also for 0,
   *   `NONCE_INVALID`, `TRANSFER_TO_SELF`
   */
  static transfer(
    from: string,
    to: string,
    amount: WholeNumber,
    nonce: WholeNumber,
    gasPrice: WholeNumber = 0n,
    gasLimit: WholeNumber = TRANSFER_GAS,
  ): Transaction {
    const units = amountFrom(amount, 'amount');
    if (units === 0n) throw sdkErrors.create('AMOUNT_INVALID', 'a transfer of nothing');
    const [sender, recipient] = [addressOf(from), addressOf(to)];
    if (equalBytes(sender, recipient)) {
      throw sdkErrors.create('TRANSFER_TO_SELF', from, { from });
    }
    const parts: Parts = {
      type: 'transfer',
      from,
      to,
      amount: units,
      nonce: nonceFrom(nonce),
      gasPrice: amountFrom(gasPrice, 'gasPrice'),
      gasLimit: gasFrom(gasLimit),
      nodeType: undefined,
    };
    return new Transaction(parts, sender, recipient);
  }

  /**
   * Makes the sender a node, with `amount` units at stake; 0 is allowed.
   *
   * @throws `NODE_TYPE_UNKNOWN`, and as `transfer`
   */
  static nodeActivation(
    from: string,
    nodeType: string,
    amount: WholeNumber,
    nonce: WholeNumber,
    gasPrice: WholeNumber = 0n,
    gasLimit: WholeNumber = ACTIVATION_GAS,
  ): Transaction {
    activationCall(nodeType);
    const parts: Parts = {
      type: 'node_activation',
      from,
      to: addressText(NODE_REGISTRY_ADDRESS),
      amount: amountFrom(amount, 'amount'),
      nonce: nonceFrom(nonce),
      gasPrice: amountFrom(gasPrice, 'gasPrice'),
      gasLimit: gasFrom(gasLimit),
      nodeType: nodeType as NodeType,
    };
    return new Transaction(parts, addressOf(from), NODE_REGISTRY_ADDRESS);
  }

  /** A transaction of the chain. Names cannot be told from it: it has addresses. */
  static of(recovered: RecoveredTransaction): Transaction {
    const { transaction, sender } = recovered;
    const { to, value, nonce, gasLimit, data } = transaction;
    const nodeType =
      to !== null && equalBytes(to, NODE_REGISTRY_ADDRESS) ? activationOf(data) : undefined;
    const recipient = to ?? createAddress(sender, nonce);
    const parts: Parts = {
      type: nodeType === undefined ? typeOf(transaction) : 'node_activation',
      from: addressText(sender),
      to: addressText(recipient),
      amount: value,
      nonce: Number(nonce) + 1,
      gasPrice: transaction.type === 2 ? transaction.maxFeePerGas : transaction.gasPrice,
      gasLimit,
      nodeType,
      recovered,
    };
    return new Transaction(parts, sender, recipient);
  }

  /** Address of the sender, with its checksum. */
  get sender(): Hex {
    return addressText(this.#sender);
  }

  /** Address of the recipient, with its checksum. */
  get recipient(): Hex {
    return addressText(this.#recipient);
  }

  /**
   * The same transaction, signed by the key of its sender; one that is signed already stays what it is.
   *
   * @param privateKey 32 bytes, or 0x and 64 digits
   * @throws `SIGNER_UNKNOWN` when it is the key of another account, `KEY_INVALID`
   */
  signed(privateKey: Uint8Array | Hex, signatures: SignatureEngine = signingEngine()): Transaction {
    const key = typeof privateKey === 'string' ? keyFrom(privateKey) : privateKey;
    const signer = publicKeyToAddress(signatures.publicKey(key));
    if (!equalBytes(signer, this.#sender)) {
      const detail = `${this.sender}, and the key is that of ${addressText(signer)}`;
      throw sdkErrors.create('SIGNER_UNKNOWN', detail, { sender: this.sender });
    }
    const recovered = this.#recovered ?? this.#sign(key, signatures);
    return new Transaction({ ...this, recovered }, this.#sender, this.#recipient);
  }

  /**
   * keccak-256 of the signed bytes: the hash by which every client knows it.
   *
   * @throws `SIGNER_UNKNOWN` before a transaction from an address is signed
   */
  hash(): Hex {
    return toHex(this.recovered().hash);
  }

  /** The signed bytes, as `eth_sendRawTransaction` takes them. @throws `SIGNER_UNKNOWN` */
  raw(): Hex {
    return toHex(this.recovered().raw);
  }

  /** What the ledger takes, signed when it is first asked for. @throws `SIGNER_UNKNOWN` */
  recovered(signatures: SignatureEngine = signingEngine()): RecoveredTransaction {
    if (this.#recovered === undefined) {
      if (this.from.startsWith('0x')) {
        throw sdkErrors.create('SIGNER_UNKNOWN', this.sender, { sender: this.sender });
      }
      this.#recovered = this.#sign(namedAccount(this.from).privateKey, signatures);
    }
    return this.#recovered;
  }

  /** Plain values: amounts as decimal digits, since JSON has no integers of that size. */
  toJSON(): Readonly<Record<string, string | number>> {
    const { type, from, to, nonce, nodeType } = this;
    return {
      type,
      from,
      to,
      amount: this.amount.toString(),
      nonce,
      gas_price: this.gasPrice.toString(),
      gas_limit: this.gasLimit.toString(),
      ...(nodeType === undefined ? {} : { node_type: nodeType }),
    };
  }

  #sign(privateKey: Uint8Array, signatures: SignatureEngine): RecoveredTransaction {
    const unsigned: UnsignedTransaction = {
      type: 0,
      chainId: STATE_DB_CHAIN_ID,
      nonce: BigInt(this.nonce - 1),
      gasPrice: this.gasPrice,
      gasLimit: this.gasLimit,
      to: this.#recipient,
      value: this.amount,
      data: this.nodeType === undefined ? EMPTY_BYTES : activationCall(this.nodeType),
    };
    const transaction = signTransaction(unsigned, privateKey, signatures);
    const raw = encodeTransaction(transaction);
    return { transaction, raw, hash: transactionHash(raw), sender: this.#sender };
  }
}

/** Of one that is no activation. */
function typeOf({ to, data }: SignedTransaction): TransactionType {
  if (to === null) return 'contract_deploy';
  return data.length === 0 ? 'transfer' : 'contract_call';
}

/** The bytes of a key in text; what is no hex is no key either, and is not shown. */
function keyFrom(text: string): Uint8Array {
  return isHex(text) && text.length % 2 === 0 ? fromHex(text) : EMPTY_BYTES;
}
