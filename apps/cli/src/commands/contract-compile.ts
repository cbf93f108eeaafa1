import { writeFile } from 'node:fs/promises';
import { toHex } from '@lucerna/base';
import { contractAbi } from '@lucerna/zexus';
import { compileSource } from '../contract/compile-source.ts';
import { readInput } from '../contract/input.ts';
import { loadContract } from '../contract/load-contract.ts';
import { cliErrors } from '../errors.ts';
import { writeNote, writeResult } from '../output.ts';
import type { AbiOptions, CompileOptions } from './contract-options.ts';

/** `lucerna contract compile`. */
export async function runCompile(file: string, options: CompileOptions): Promise<void> {
  const input = await readInput(file);
  if (input.kind !== 'source') {
    throw cliErrors.create('INPUT_UNREADABLE', `${file} is not a source text`);
  }
  const json = options.json ?? false;
  const { name, abi, bytecode, container } = await compileSource(input, {
    contract: options.contract,
    json,
    strip: options.strip,
    cache: options.cache,
  });
  const hex = toHex(bytecode);
  const artifact = {
    contractName: name,
    sourceName: input.name,
    abi,
    bytecode: hex,
    // The container is both what is deployed and what is stored.
    deployedBytecode: hex,
    metadata: Object.fromEntries(container.metadata),
  };
  const text = formatJson(artifact, json);
  if (options.out === undefined) {
    writeResult(text);
    return;
  }
  try {
    await writeFile(options.out, `${text}\n`);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw cliErrors.create('OUTPUT_UNWRITABLE', why, { path: options.out }, error);
  }
  if (!json) writeNote(`${name}: ${bytecode.length} bytes, written to ${options.out}`);
}

/** `lucerna contract abi`. */
export async function runAbi(input: string, options: AbiOptions): Promise<void> {
  const json = options.json ?? false;
  const { container } = await loadContract(input, {
    contract: options.contract,
    json,
    cache: options.cache,
    rpc: options.rpc,
  });
  writeResult(formatJson(contractAbi(container), json));
}

/** JSON in lines for people, in one line for scripts. */
function formatJson(value: unknown, isOneLine: boolean): string {
  return isOneLine ? JSON.stringify(value) : JSON.stringify(value, null, 2);
}
