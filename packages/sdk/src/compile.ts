import { type Hex, toHex } from '@lucerna/base';
import type { AbiItem } from '@lucerna/protocol';
import {
  compile,
  formatDiagnostic,
  type SourceFile,
  selectContract,
  standardLibraryFile,
  zexusErrors,
} from '@lucerna/zexus';

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
  /**
   * Finds the files that the text uses: `path` is what stands behind `use`, `from` the file where it
   * stands. The name of what it gives is how the file is known. Without it only the standard library
   * can be used.
   */
  readonly files?: (path: string, from: SourceFile) => SourceFile | undefined;
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
  return compileFile({ name: options.sourceName ?? 'contract.zx', text }, options);
}

/**
 * A contract of the standard library: `zx20`, `zx721`, `zx1155`, `proxy` (docs/guides/tokens.md).
 *
 * ```ts
 * const { abi, bytecode } = compileStandardContract('zx20');
 * const args = ['Lucerna', 'LUC', 18, parseEther('1000000')];
 * const hash = await wallet.deployContract({ abi, bytecode, args });
 * ```
 *
 * @throws `CONTRACT_MISSING` when the library has none of the name
 */
export function compileStandardContract(
  name: string,
  { sourceMap = true }: Pick<CompileOptions, 'sourceMap'> = {},
): ContractArtifact {
  const source = standardLibraryFile(name);
  if (source !== undefined) return compileFile(source, { sourceMap });
  throw zexusErrors.create('CONTRACT_MISSING', `the standard library has no ${name}`);
}

function compileFile(
  source: SourceFile,
  { contract: name, files, sourceMap = true }: CompileOptions,
): ContractArtifact {
  const contract = selectContract(source, compile(source, { sourceMap, files }), name);
  return {
    name: contract.name,
    abi: contract.abi,
    bytecode: toHex(contract.bytecode),
    warnings: contract.warnings.map((warning) => formatDiagnostic(warning)),
  };
}
