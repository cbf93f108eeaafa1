import { isLucernaError, toHex } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import type { AbiItem } from '@lucerna/protocol';
import type { Container } from '../bytecode/container.ts';
import { encodeContainer } from '../bytecode/encode-container.ts';
import { exportCollisions } from '../exports/collisions.ts';
import { contractAbi } from '../exports/contract-abi.ts';
import { type Diagnostic, DiagnosticSink } from '../syntax/diagnostics.ts';
import type { SourceFile } from '../syntax/source.ts';
import { encodeUtf8 } from '../utf8.ts';
import { analyse } from './analyse.ts';
import { analyseDamaged } from './analyse-damaged.ts';
import { generate } from './generate.ts';
import { type FindFile, loadModules } from './modules.ts';
import type { ResolvedContract } from './resolve.ts';
import { PlacesOfFiles } from './source-places.ts';
import type { Contract } from './tree.ts';

/** What containers say about who made them; changes whenever the code for a source can change. */
export const COMPILER_VERSION: string = 'lucerna-zexus 0.2.0';

/** A contract that can be deployed. */
export type CompiledContract = {
  readonly name: string;
  readonly container: Container;
  /** The encoded container; arguments of the constructor follow it in the deployment's data. */
  readonly bytecode: Uint8Array;
  readonly abi: readonly AbiItem[];
  /** What is doubtful about this contract. */
  readonly warnings: readonly Diagnostic[];
};

export type CompileOptions = {
  /**
   * Finds the files that the source uses. Without it only the standard library can be used, whose
   * paths begin with `zexus:`.
   */
  readonly files?: FindFile | undefined;
  /**
   * Whether the container says where its instructions come from, so that a failure has a line. It
   * makes the container larger by about a tenth, and names the files. Default: true.
   */
  readonly sourceMap?: boolean;
};

export type Compilation = {
  /** Those of the source itself, not of the files that it uses. Empty when there is any error. */
  readonly contracts: readonly CompiledContract[];
  /** Errors and warnings, file by file in the order of the text. */
  readonly diagnostics: readonly Diagnostic[];
  /** All files that were read: the source, then the others in the order in which they are used. */
  readonly sources: readonly SourceFile[];
};

/**
 * Compiles every contract of a source file. Never throws, whatever the text. The result depends on the
 * texts, and on the files' names, which only the source map has: without it, on the texts alone.
 */
export function compile(source: SourceFile, options: CompileOptions = {}): Compilation {
  const sink = new DiagnosticSink(source);
  const modules = loadModules(source, options.files, sink);
  const sources = modules.map((module) => module.source);
  if (sink.hasErrors) {
    analyseDamaged(modules, sink);
    return { contracts: [], diagnostics: sink.sorted(), sources };
  }
  const resolved = analyse(modules, sink);
  const contracts = sink.hasErrors ? [] : generateContracts(sources, resolved, sink, options);
  const diagnostics = sink.sorted();
  if (sink.hasErrors) return { contracts: [], diagnostics, sources };
  const withWarnings = contracts.map(({ resolved: { contract, context }, ...compiled }) => ({
    ...compiled,
    warnings: diagnostics.filter((warning) => isAbout(warning, contract, context.declaration.span)),
  }));
  return { contracts: withWarnings, diagnostics, sources };
}

/** Whether a diagnostic lies in a contract, or in a function that it uses. */
function isAbout(
  { source, span }: Diagnostic,
  contract: Contract,
  whole: Contract['span'],
): boolean {
  const lies = (start: number, end: number): boolean => span.start >= start && span.start < end;
  if (source === contract.source && lies(whole.start, whole.end)) return true;
  return contract.actions.some(
    (action) => action.source === source && lies(action.span.start, action.bodySpan.end),
  );
}

type Generated = Omit<CompiledContract, 'warnings'> & { readonly resolved: ResolvedContract };

function generateContracts(
  sources: readonly SourceFile[],
  contracts: readonly ResolvedContract[],
  sink: DiagnosticSink,
  { sourceMap = true }: CompileOptions,
): readonly Generated[] {
  const metadata: Container['metadata'] = [
    ['compiler', COMPILER_VERSION],
    ['source', toHex(hashOf(sources))],
  ];
  const places = sourceMap ? new PlacesOfFiles() : undefined;
  return contracts.flatMap((resolved) => {
    const { contract } = resolved;
    const container = generate(contract, metadata, sink, places);
    checkCollisions(contract, container, sink);
    if (sink.hasErrors) return [];
    const bytecode = encode(contract, container, sink);
    if (bytecode === undefined) return [];
    return [{ name: contract.name, resolved, container, bytecode, abi: contractAbi(container) }];
  });
}

/** Of one file, the hash of its text; of several, the hash of their hashes in order. */
function hashOf(sources: readonly SourceFile[]): Uint8Array {
  const hashes = sources.map(({ text }) => keccak256(encodeUtf8(text)));
  const [only, second] = hashes;
  if (only !== undefined && second === undefined) return only;
  const joined = new Uint8Array(hashes.length * 32);
  hashes.forEach((hash, index) => {
    joined.set(hash, index * 32);
  });
  return keccak256(joined);
}

function checkCollisions(contract: Contract, container: Container, sink: DiagnosticSink): void {
  for (const { kind, shared, earlier, later } of exportCollisions(container.actions)) {
    const [first, second] = [contract.actions[earlier], contract.actions[later]];
    if (first === undefined || second === undefined) continue;
    // Functions of one name are meant where `as` says so: the standards have some.
    if (kind === 'name' && (first.exportedAs ?? second.exportedAs) !== undefined) continue;
    const what =
      kind === 'name' ? `named ${shared} in the ABI` : `called by the selector ${shared}`;
    const hint =
      kind === 'name'
        ? `rename one of the two, or write behind its parameters: as ${shared}`
        : 'rename one of the two';
    const message = `${second.name} and ${first.name} are both ${what}`;
    sink.within(second.source, () => {
      sink.report('EXPORT_COLLISION', second.span, message, { hint });
    });
  }
}

/** The container's bytes; undefined when it breaks a limit of its format, which is reported. */
function encode(
  contract: Contract,
  container: Container,
  sink: DiagnosticSink,
): Uint8Array | undefined {
  try {
    return encodeContainer(container);
  } catch (error) {
    if (!isLucernaError(error, 'ZXC_LIMIT')) throw error;
    sink.report(
      'LIMIT_EXCEEDED',
      contract.span,
      `${contract.name} is too large: ${error.message}`,
      {
        hint:
          container.sourceMap === undefined
            ? error.remedy
            : `${error.remedy} Without its source map it is smaller.`,
      },
    );
    return undefined;
  }
}
