import { type Hex, toHex } from '@lucerna/base';
import type { AbiItem } from '@lucerna/protocol';
import { compile, formatDiagnostic, selectContract } from '@lucerna/zexus';

export type CompileOptions = {
  /** Which contract of the text; needed when there are several. */
  readonly contract?: string;
  /** What messages and the source map call the text. Default: `contract.zx`. */
  readonly sourceName?: string;
  /**
   * Whether the bytecode says from which lines its instructions come, so that a failed transaction
   * has a line; without, it is about a tenth smaller and depends on the text alone. Default: true.
   */
  readonly sourceMap?: boolean;
};

/** A contract as viem, ethers and web3 take it. */
export type ContractArtifact = {
  readonly name: string;
  readonly abi: readonly AbiItem[];
  /** What is deployed, the constructor's arguments behind it; also what is then stored as code. */
  readonly bytecode: Hex;
  /** What is doubtful about the contract: place, message, source line and a caret under it. */
  readonly warnings: readonly string[];
};

/**
 * Compiles a contract.
 *
 * ```ts
 * const { abi, bytecode } = compileContract(readFileSync('token.zx', 'utf8'));
 * const hash = await wallet.deployContract({ abi, bytecode, args: [1_000_000n] });
 * ```
 *
 * @throws `COMPILE_FAILED` with all errors in the message and in the field `diagnostics`,
 *   `CONTRACT_MISSING`, `CONTRACT_AMBIGUOUS`
 */
export function compileContract(text: string, options: CompileOptions = {}): ContractArtifact {
  const source = { name: options.sourceName ?? 'contract.zx', text };
  const { sourceMap = true } = options;
  const contract = selectContract(source, compile(source, { sourceMap }), options.contract);
  return {
    name: contract.name,
    abi: contract.abi,
    bytecode: toHex(contract.bytecode),
    warnings: contract.warnings.map((warning) => formatDiagnostic(source, warning)),
  };
}
