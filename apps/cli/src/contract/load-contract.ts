import { toHex } from '@lucerna/base';
import { checksumAddress, parseAddress } from '@lucerna/protocol';
import { type Container, decodeContainer, splitInitData } from '@lucerna/zexus';
import { cliErrors } from '../errors.ts';
import { compileSource } from './compile-source.ts';
import { readInput } from './input.ts';
import { bytesAnswer, connectRpc, type RpcClient } from './rpc-client.ts';

/** A contract, wherever it was found. */
export type LoadedContract = {
  readonly container: Container;
  /** The encoded container: what is stored as code. */
  readonly code: Uint8Array;
  /** What followed the container in deployment data; empty for all else. */
  readonly constructorArguments: Uint8Array;
  /** With checksum; of contracts that were read from a chain. */
  readonly address: string | undefined;
};

export type LoadOptions = {
  /** Which contract of a source with several. */
  readonly contract: string | undefined;
  readonly json: boolean;
  /** Whether sources that were compiled before are looked up. Default: true. */
  readonly cache?: boolean | undefined;
  /** Where addresses are looked up; addresses are refused without. */
  readonly rpc?: string;
};

/**
 * The contract in a source or a file with bytecode, in hex text, or at an address.
 *
 * @throws the codes of reading, compiling and decoding; `CONTRACT_UNKNOWN` at an empty address
 */
export async function loadContract(text: string, options: LoadOptions): Promise<LoadedContract> {
  const input = await readInput(text);
  switch (input.kind) {
    case 'address':
      if (options.rpc === undefined) {
        throw cliErrors.create('INPUT_UNREADABLE', `${text} is an address, not a file`);
      }
      return contractAt(connectRpc(options.rpc), input.address);
    case 'bytecode': {
      const { code, args } = splitInitData(input.bytes);
      const container = decodeContainer(code);
      return { container, code, constructorArguments: args, address: undefined };
    }
    case 'source': {
      const { container, bytecode } = await compileSource(input, options);
      const constructorArguments = new Uint8Array(0);
      return { container, code: bytecode, constructorArguments, address: undefined };
    }
  }
}

/**
 * The contract whose actions are called at an address: the one there, or the one that its caller names,
 * such as what a proxy leads to.
 *
 * @throws the codes of {@link loadContract}
 */
export function calledContract(
  rpc: RpcClient,
  address: string,
  { abi, json = false }: { readonly abi?: string; readonly json?: boolean },
): Promise<LoadedContract> {
  if (abi === undefined) return contractAt(rpc, address);
  return loadContract(abi, { contract: undefined, json, rpc: rpc.url });
}

/**
 * The contract at an address: its code says everything, its ABI too.
 *
 * @throws `ADDRESS_INVALID`, `ADDRESS_CHECKSUM`, `CONTRACT_UNKNOWN`, `ZXC_*` for code of another kind
 */
async function contractAt(rpc: RpcClient, text: string): Promise<LoadedContract> {
  const address = parseAddress(text);
  const answer = await rpc.request('eth_getCode', [toHex(address), 'latest']);
  const code = bytesAnswer('eth_getCode', answer);
  const withChecksum = checksumAddress(address);
  if (code.length === 0) {
    const detail = `${withChecksum} at ${rpc.url}`;
    throw cliErrors.create('CONTRACT_UNKNOWN', detail, { address: withChecksum });
  }
  const container = decodeContainer(code);
  return { container, code, constructorArguments: new Uint8Array(0), address: withChecksum };
}
