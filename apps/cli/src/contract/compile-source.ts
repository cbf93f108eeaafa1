import { fromHex, type Hex, toHex } from '@lucerna/base';
import {
  COMPILER_VERSION,
  type CompiledContract,
  compile,
  contractAbi,
  type Diagnostic,
  decodeContainer,
  formatDiagnostic,
  locate,
  type SourceFile,
  selectContract,
  zexusErrors,
} from '@lucerna/zexus';
import { writeNote } from '../output.ts';
import {
  type CachedCompilation,
  cacheFolder,
  compilerStamp,
  hashOfText,
  openCompileCache,
  type SourceDependency,
} from './compile-cache.ts';
import { findSourceFile } from './source-files.ts';

export type CompileSourceOptions = {
  /** Which contract of the file; needed when there are several. */
  readonly contract: string | undefined;
  /** Diagnostics as JSON lines. */
  readonly json: boolean;
  /** Whether to leave out the source map. Default: false. */
  readonly strip?: boolean | undefined;
  /** Whether what was compiled before is looked up, and kept. Default: true. */
  readonly cache?: boolean | undefined;
};

/**
 * The contract in a source text, with the files that it uses. What is wrong or doubtful about the text
 * goes to stderr, also when it was compiled before.
 *
 * @throws `COMPILE_FAILED`, `CONTRACT_MISSING`, `CONTRACT_AMBIGUOUS`, `INPUT_UNREADABLE`
 */
export async function compileSource(
  source: SourceFile,
  options: CompileSourceOptions,
): Promise<CompiledContract> {
  const folder = options.cache === false ? undefined : cacheFolder();
  if (folder === undefined) return select(source, compileNow(source, options), options);
  const cache = openCompileCache(folder);
  const circumstances = [COMPILER_VERSION, compilerStamp(), options.strip === true];
  const key = hashOfText(JSON.stringify([...circumstances, source.name, source.text]));
  const known = await cache.read(key);
  if (known?.dependencies.every(isUnchanged)) return select(source, known, options);
  const compiled = compileNow(source, options);
  await cache.write(key, compiled);
  return select(source, compiled, options);
}

/** @throws `COMPILE_FAILED` after what is wrong has been written */
function compileNow(source: SourceFile, options: CompileSourceOptions): CachedCompilation {
  const dependencies: SourceDependency[] = [];
  const { contracts, diagnostics } = compile(source, {
    sourceMap: options.strip !== true,
    files: (path, from) => {
      const found = findSourceFile(path, from);
      const hash = found === undefined ? undefined : hashOfText(found.text);
      dependencies.push({ path, from: from.name, hash });
      return found;
    },
  });
  const notes = diagnostics.map((diagnostic) => ({
    text: formatDiagnostic(diagnostic),
    json: diagnosticLine(diagnostic),
  }));
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  if (errors > 0) {
    writeNotes(notes, options);
    const detail = `${source.name} has ${errors} ${errors === 1 ? 'error' : 'errors'}`;
    throw zexusErrors.create('COMPILE_FAILED', detail, { errors });
  }
  return {
    contracts: contracts.map(({ name, bytecode }) => ({ name, bytecode: toHex(bytecode) })),
    notes,
    dependencies,
  };
}

/** Whether a file that was used is what it was then. */
function isUnchanged({ path, from, hash }: SourceDependency): boolean {
  const found = findSourceFile(path, { name: from, text: '' });
  return (found === undefined ? undefined : hashOfText(found.text)) === hash;
}

function select(
  source: SourceFile,
  { contracts, notes }: CachedCompilation,
  options: CompileSourceOptions,
): CompiledContract {
  writeNotes(notes, options);
  const compiled = contracts.map(({ name, bytecode: hex }): CompiledContract => {
    const bytecode = fromHex(hex as Hex);
    const container = decodeContainer(bytecode);
    return { name, container, bytecode, abi: contractAbi(container), warnings: [] };
  });
  const compilation = { contracts: compiled, diagnostics: [], sources: [source] };
  return selectContract(source, compilation, options.contract);
}

function writeNotes(notes: CachedCompilation['notes'], { json }: CompileSourceOptions): void {
  for (const note of notes) writeNote(json ? note.json : note.text);
}

/** A diagnostic for editors and scripts: lines and columns count from 1, columns in code points. */
function diagnosticLine(diagnostic: Diagnostic): string {
  const { code, severity, message, source, span, hint } = diagnostic;
  const start = locate(source, span.start);
  const end = locate(source, span.end);
  return JSON.stringify({
    severity,
    code,
    message,
    file: source.name,
    line: start.line,
    column: start.column,
    endLine: end.line,
    endColumn: end.column,
    ...(hint === undefined ? {} : { hint }),
  });
}
