import { present } from '@lucerna/base';
import { DiagnosticSink } from '../syntax/diagnostics.ts';
import { checkActions } from './checks.ts';
import { Constants } from './constants.ts';
import type { ContractContext } from './contract-context.ts';
import { inferTypes } from './infer.ts';
import type { Module } from './modules.ts';
import type { DeclaredOf } from './names.ts';
import { addContractActions, isUnwritten } from './protocols.ts';
import { checkModule, type ResolvedContract, resolve } from './resolve.ts';

type DeclaredContract = DeclaredOf<'contract'>;

/**
 * The contracts of the first file with names resolved and types found, and everything about all files
 * checked that can be checked without generating code.
 */
export function analyse(
  modules: readonly Module[],
  sink: DiagnosticSink,
): readonly ResolvedContract[] {
  const [main] = modules;
  const constants = new Constants(sink);
  const own = main === undefined ? [] : contractsOf(main);
  const resolved = new Map<DeclaredContract, ResolvedContract>();
  for (const declared of own) resolveWithCallees(declared, resolved, constants, sink);
  const contexts = [...resolved.values()].map(({ context }) => context);
  for (const module of modules) {
    // Contracts of other files that nothing here calls are checked when they are compiled.
    checkModule(module, contexts, constants, sink);
  }
  const typer = new ContractTyper(resolved, new Set(own), sink);
  for (const declared of own) typer.type(declared);
  return own.map((declared) => present(resolved.get(declared), 'each contract is resolved'));
}

function contractsOf({ program, scope }: Module): readonly DeclaredContract[] {
  return program.contracts.flatMap(({ name }) => {
    const declared = scope.own(name.name);
    // Of two contracts of one name the second is no declaration, and an error.
    const isFirst = declared?.kind === 'contract' && declared.declaration.name === name;
    return isFirst ? [declared] : [];
  });
}

/** Resolves the contract, and those whose actions it may call. */
function resolveWithCallees(
  first: DeclaredContract,
  resolved: Map<DeclaredContract, ResolvedContract>,
  constants: Constants,
  sink: DiagnosticSink,
): void {
  const open = [first];
  for (const declared of open) {
    if (resolved.has(declared)) continue;
    const result = resolve(declared, constants, sink);
    resolved.set(declared, result);
    open.push(...calleesOf(result.context));
  }
}

function calleesOf({ protocols }: ContractContext): readonly DeclaredContract[] {
  return [...protocols.keys()].filter((callable) => callable.kind === 'contract');
}

/** Finds types contract by contract, those of a contract before those of its callers. */
class ContractTyper {
  readonly #resolved: ReadonlyMap<DeclaredContract, ResolvedContract>;
  readonly #own: ReadonlySet<DeclaredContract>;
  readonly #sink: DiagnosticSink;
  readonly #begun = new Set<DeclaredContract>();
  readonly #finished = new Set<DeclaredContract>();

  constructor(
    resolved: ReadonlyMap<DeclaredContract, ResolvedContract>,
    own: ReadonlySet<DeclaredContract>,
    sink: DiagnosticSink,
  ) {
    this.#resolved = resolved;
    this.#own = own;
    this.#sink = sink;
  }

  type(declared: DeclaredContract): void {
    if (this.#begun.has(declared)) return;
    this.#begun.add(declared);
    const { contract, context } = this.#get(declared);
    for (const callee of calleesOf(context)) {
      this.type(callee);
      this.#addActions(declared, callee);
    }
    const sink = this.#own.has(declared) ? this.#sink : new DiagnosticSink(context.source);
    sink.within(context.source, () => {
      inferTypes(contract, sink);
      checkActions(contract, sink);
    });
    this.#finished.add(declared);
    if (sink === this.#sink) return;
    // What is doubtful about a contract of another file is for those who compile it.
    for (const diagnostic of sink.sorted()) {
      if (diagnostic.severity === 'error') this.#sink.add(diagnostic);
    }
  }

  /** Tells the caller what the callee's actions take and give. */
  #addActions(caller: DeclaredContract, callee: DeclaredContract): void {
    const { context } = this.#get(caller);
    const other = this.#get(callee);
    const callable = present(context.protocols.get(callee), 'a callee is known to its caller');
    const isLive = caller === callee;
    if (!isLive && !this.#finished.has(callee)) this.#checkWritten(context, other);
    addContractActions(context, callable, other, isLive);
  }

  /** Of contracts that call each other, neither's types can be found first. */
  #checkWritten({ declaration }: ContractContext, { contract }: ResolvedContract): void {
    this.#sink.within(contract.source, () => {
      for (const action of contract.actions) {
        if (!action.isExported || !isUnwritten(action)) continue;
        const { name } = declaration.name;
        const message = `${name} and ${contract.name} call each other: the types of ${action.name} have to be written`;
        this.#sink.report('PROTOCOL_TYPE', action.span, message, {
          hint: 'write the types of its parameters and its result',
        });
      }
    });
  }

  #get(declared: DeclaredContract): ResolvedContract {
    return present(this.#resolved.get(declared), 'each callee is resolved');
  }
}
