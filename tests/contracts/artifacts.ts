import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compileContract } from '@lucerna/sdk';
import type { Abi, Hex } from 'viem';

/** A compiled contract as clients take it. */
export type Artifact = {
  readonly name: string;
  readonly abi: Abi;
  /** What is deployed, arguments behind it; also what is stored as code. */
  readonly bytecode: Hex;
};

/** The ERC-20 of the quickstart. */
export const TOKEN: Artifact = compileFile(
  new URL('../../examples/quickstart/token.zx', import.meta.url),
);

/** The contract in `NAME.zx` beside this file; named when there are several. */
export function compileFixture(name: string, contract?: string): Artifact {
  return compileFile(new URL(`${name}.zx`, import.meta.url), contract);
}

function compileFile(url: URL, contract?: string): Artifact {
  const sourceName = fileURLToPath(url);
  const options = contract === undefined ? { sourceName } : { sourceName, contract };
  const artifact = compileContract(readFileSync(url, 'utf8'), options);
  if (artifact.warnings.length > 0) throw new Error(artifact.warnings.join('\n'));
  return { name: artifact.name, abi: artifact.abi as Abi, bytecode: artifact.bytecode };
}
