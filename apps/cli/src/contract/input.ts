import { fromHex, isHex } from '@lucerna/base';
import {
  type SourceFile,
  STANDARD_LIBRARY,
  STANDARD_PREFIX,
  standardLibraryFile,
} from '@lucerna/zexus';
import { cliErrors } from '../errors.ts';
import { cliLimits } from '../limits.ts';
import { readBounded } from '../read-bounded.ts';

/** What a command's FILE, HEX or ADDRESS turned out to be. */
export type ContractInput =
  | { readonly kind: 'source'; readonly name: string; readonly text: string }
  /** A container, maybe with the constructor's arguments behind it. */
  | { readonly kind: 'bytecode'; readonly bytes: Uint8Array }
  | { readonly kind: 'address'; readonly address: string };

const ADDRESS_CHARS = 42;
/** Hex digits without 0x, at least as many as an address has. */
const BARE_HEX = /^[0-9a-f]{40,}$/i;

/**
 * Finds out what `input` is: 0x and 40 digits is an address, more is bytecode, `zexus:name` a file of
 * the standard library, all else names a file.
 * A file holds bytecode (raw or as hex), an artefact of `contract compile`, or a source text.
 *
 * @throws `INPUT_UNREADABLE`, `INPUT_TOO_LARGE`, `ARTIFACT_INVALID`
 */
export async function readInput(input: string): Promise<ContractInput> {
  if (isHex(input)) {
    if (input.length === ADDRESS_CHARS) return { kind: 'address', address: input };
    return { kind: 'bytecode', bytes: fromHex(input) };
  }
  if (input.startsWith(STANDARD_PREFIX)) return { kind: 'source', ...standardSource(input) };
  const bytes = await readNamed(input);
  // Containers begin with EF, which begins no UTF-8 text of a source but the byte order mark.
  if (bytes[0] === 0xef && bytes[1] === 0x5a) return { kind: 'bytecode', bytes };
  const text = decodeText(input, bytes);
  if (input.endsWith('.json')) return { kind: 'bytecode', bytes: bytecodeOf(input, text) };
  const hex = text.trim();
  if (isHex(hex)) return { kind: 'bytecode', bytes: fromHex(hex) };
  return { kind: 'source', name: input, text };
}

function standardSource(input: string): SourceFile {
  const source = standardLibraryFile(input.slice(STANDARD_PREFIX.length));
  if (source !== undefined) return source;
  const names = [...STANDARD_LIBRARY.keys()].map((name) => STANDARD_PREFIX + name);
  const detail = `${input} is not in the standard library, which has ${names.join(', ')}`;
  throw cliErrors.create('INPUT_UNREADABLE', detail, { path: input });
}

async function readNamed(path: string): Promise<Uint8Array> {
  try {
    return await readBounded(path, cliLimits.values.inputFileBytes);
  } catch (error) {
    if (!BARE_HEX.test(path)) throw error;
    const detail = `${path}: an address or bytecode in place of a path needs 0x in front`;
    throw cliErrors.create('INPUT_UNREADABLE', detail, { path }, error);
  }
}

function decodeText(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    const detail = `${path} is neither UTF-8 text nor bytecode`;
    throw cliErrors.create('INPUT_UNREADABLE', detail, { path }, error);
  }
}

function bytecodeOf(path: string, text: string): Uint8Array {
  const bytecode = bytecodeField(text);
  if (typeof bytecode === 'string' && isHex(bytecode)) return fromHex(bytecode);
  throw cliErrors.create('ARTIFACT_INVALID', path, { path });
}

function bytecodeField(text: string): unknown {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' && json !== null && 'bytecode' in json
      ? json.bytecode
      : undefined;
  } catch {
    return undefined;
  }
}
