import { isLucernaError, toHex } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import type { AbiItem } from '@lucerna/protocol';
import type { Container } from '../bytecode/container.ts';
import { encodeContainer } from '../bytecode/encode-container.ts';
import { exportCollisions } from '../exports/collisions.ts';
import { contractAbi } from '../exports/contract-abi.ts';
import type { ContractDeclaration } from '../syntax/ast.ts';
import { type Diagnostic, DiagnosticSink } from '../syntax/diagnostics.ts';
import { parse } from '../syntax/parser.ts';
import type { SourceFile } from '../syntax/source.ts';
import { encodeUtf8 } from '../utf8.ts';
import { checkActions } from './checks.ts';
import { generate } from './generate.ts';
import { inferTypes } from './infer.ts';
import { resolve } from './resolve.ts';
import { SourcePlaces } from './source-places.ts';
import type { Contract } from './tree.ts';

/** What containers say about who made them; changes whenever the code for a source can change. */
const COMPILER_VERSION = 'lucerna-zexus 0.1.0';

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
   * Whether the container says where its instructions come from, so that a failure has a line. It
   * makes the container larger by about a tenth, and names the file. Default: true.
   */
  readonly sourceMap?: boolean;
};

export type Compilation = {
  /** Empty when the source has any error. */
  readonly contracts: readonly CompiledContract[];
  /** Errors and warnings of the whole file in the order of the text. */
  readonly diagnostics: readonly Diagnostic[];
};

/**
 * Compiles every contract of a source file. Never throws, whatever the text. The result depends on the
 * text and on the file's name, which only the source map has: without it, on the text alone.
 */
export function compile(source: SourceFile, options: CompileOptions = {}): Compilation {
  const parsed = parse(source);
  if (parsed.diagnostics.some(isError)) return { contracts: [], diagnostics: parsed.diagnostics };
  const sink = new DiagnosticSink();
  for (const warning of parsed.diagnostics) {
    sink.report(warning.code, warning.span, warning.message, warning);
  }
  const resolved = resolveContracts(parsed.program.contracts, sink);
  for (const contract of resolved) {
    inferTypes(contract, sink);
    checkActions(contract, sink);
  }
  const contracts = sink.hasErrors ? [] : generateContracts(source, resolved, sink, options);
  const diagnostics = sink.sorted();
  if (sink.hasErrors) return { contracts: [], diagnostics };
  const withWarnings = contracts.map(({ span, ...contract }) => ({
    ...contract,
    warnings: diagnostics.filter(({ span: { start } }) => start >= span.start && start < span.end),
  }));
  return { contracts: withWarnings, diagnostics };
}

function isError({ severity }: Diagnostic): boolean {
  return severity === 'error';
}

type Resolved = Contract & { readonly wholeSpan: ContractDeclaration['span'] };

function resolveContracts(
  declarations: readonly ContractDeclaration[],
  sink: DiagnosticSink,
): readonly Resolved[] {
  const names = new Set<string>();
  return declarations.map((declaration) => {
    const { name, span } = declaration.name;
    if (names.has(name)) {
      sink.report('NAME_DUPLICATE', span, `the file has a contract ${name} already`);
    }
    names.add(name);
    return { ...resolve(declaration, sink), wholeSpan: declaration.span };
  });
}

type Generated = Omit<CompiledContract, 'warnings'> & {
  readonly span: ContractDeclaration['span'];
};

function generateContracts(
  source: SourceFile,
  contracts: readonly Resolved[],
  sink: DiagnosticSink,
  { sourceMap = true }: CompileOptions,
): readonly Generated[] {
  const metadata: Container['metadata'] = [
    ['compiler', COMPILER_VERSION],
    ['source', toHex(keccak256(encodeUtf8(source.text)))],
  ];
  const places = sourceMap ? new SourcePlaces(source) : undefined;
  return contracts.flatMap((contract) => {
    const container = generate(contract, metadata, sink, places);
    checkCollisions(contract, container, sink);
    if (sink.hasErrors) return [];
    const bytecode = encode(contract, container, sink);
    if (bytecode === undefined) return [];
    const { name, wholeSpan: span } = contract;
    return [{ name, span, container, bytecode, abi: contractAbi(container) }];
  });
}

function checkCollisions(contract: Contract, container: Container, sink: DiagnosticSink): void {
  for (const { kind, shared, earlier, later } of exportCollisions(container.actions)) {
    const [first, second] = [contract.actions[earlier], contract.actions[later]];
    if (first === undefined || second === undefined) continue;
    const what =
      kind === 'name' ? `named ${shared} in the ABI` : `called by the selector ${shared}`;
    const message = `${second.name} and ${first.name} are both ${what}`;
    sink.report('EXPORT_COLLISION', second.span, message, { hint: 'rename one of the two' });
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
