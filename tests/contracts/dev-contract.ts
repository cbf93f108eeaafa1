import {
  type Address,
  type ContractFunctionArgs,
  decodeFunctionResult,
  encodeDeployData,
  encodeFunctionData,
  type Hex,
  toHex,
} from 'viem';
import type { RpcReceipt } from '../support/rpc-types.ts';
import type { Artifact } from './artifacts.ts';

/** `request` of an EIP-1193 provider. */
export type Request = (call: {
  readonly method: string;
  readonly params?: unknown;
}) => Promise<unknown>;

/** A transaction or a call as `eth_sendTransaction` and `eth_call` take it. */
export type TransactionRequest = {
  readonly from: Address;
  readonly to?: Address;
  readonly data: Hex;
  readonly value?: Hex;
  readonly gas?: Hex;
};

/** What an action is called with besides its arguments. */
export type CallOptions = {
  readonly from: Address;
  readonly value?: bigint;
  readonly gas?: bigint;
};

type Values = ContractFunctionArgs;

/** A transaction that makes a contract. */
export function deployment(
  { abi, bytecode }: Artifact,
  args: Values,
  options: CallOptions,
): TransactionRequest {
  return transaction(encodeDeployData({ abi, bytecode, args }), options);
}

/** What the block that the node makes at once says about the transaction. */
export async function send(request: Request, tx: TransactionRequest): Promise<RpcReceipt> {
  const hash = await request({ method: 'eth_sendTransaction', params: [tx] });
  return receiptOf(request, hash as Hex);
}

export async function receiptOf(request: Request, hash: Hex): Promise<RpcReceipt> {
  const receipt = await request({ method: 'eth_getTransactionReceipt', params: [hash] });
  if (receipt === null) throw new Error(`no receipt of ${hash}`);
  return receipt as RpcReceipt;
}

/** A contract on a node in this process. */
export class DevContract {
  readonly request: Request;
  readonly artifact: Artifact;
  readonly address: Address;

  constructor(request: Request, artifact: Artifact, address: Address) {
    this.request = request;
    this.artifact = artifact;
    this.address = address;
  }

  /** Deploys the contract; the node must make blocks at once. */
  static async deploy(
    request: Request,
    artifact: Artifact,
    args: Values,
    options: CallOptions,
  ): Promise<DevContract> {
    const receipt = await send(request, deployment(artifact, args, options));
    if (receipt.status !== '0x1') throw new Error(`deployment: ${JSON.stringify(receipt)}`);
    return new DevContract(request, artifact, receipt.contractAddress as Address);
  }

  /** The call of an action, to be sent or simulated. */
  transaction(name: string, args: Values, options: CallOptions): TransactionRequest {
    const data = encodeFunctionData({ abi: this.artifact.abi, functionName: name, args });
    return { ...transaction(data, options), to: this.address };
  }

  /** Calls an action in a transaction that must succeed. */
  async write(name: string, args: Values, options: CallOptions): Promise<RpcReceipt> {
    const receipt = await send(this.request, this.transaction(name, args, options));
    if (receipt.status !== '0x1') throw new Error(`${name}: ${JSON.stringify(receipt)}`);
    return receipt;
  }

  /** What an action returns in a simulated call. */
  async read(name: string, args: Values, options: CallOptions): Promise<unknown> {
    const params = [this.transaction(name, args, options), 'latest'];
    const data = (await this.request({ method: 'eth_call', params })) as Hex;
    return decodeFunctionResult({ abi: this.artifact.abi, functionName: name, data });
  }
}

function transaction(data: Hex, { from, value, gas }: CallOptions): TransactionRequest {
  return {
    from,
    data,
    ...(value === undefined ? {} : { value: toHex(value) }),
    ...(gas === undefined ? {} : { gas: toHex(gas) }),
  };
}
