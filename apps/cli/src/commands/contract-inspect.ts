import { toHex } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import { itemEventLayout, itemSelector, itemSignature } from '@lucerna/protocol';
import {
  type AbiField,
  type Container,
  type ContainerAction,
  contractAbi,
  disassemble,
  exportedSignature,
  plainDepth,
  type StateVariable,
  selectorOf,
  shapeText,
  typeText,
  variableSlot,
  zexusLimits,
} from '@lucerna/zexus';
import { type LoadedContract, loadContract } from '../contract/load-contract.ts';
import { printable } from '../contract/printable.ts';
import { writeResult } from '../output.ts';
import type { AbiOptions } from './contract-options.ts';

/** `lucerna contract inspect`. */
export async function runInspect(input: string, options: AbiOptions): Promise<void> {
  const json = options.json ?? false;
  const loaded = await loadContract(input, {
    contract: options.contract,
    json,
    cache: options.cache,
    rpc: options.rpc,
  });
  const facts = inspect(loaded);
  writeResult(json ? JSON.stringify(facts) : formatFacts(facts));
}

/** `lucerna contract disasm`. */
export async function runDisasm(input: string, options: AbiOptions): Promise<void> {
  const json = options.json ?? false;
  const { container } = await loadContract(input, {
    contract: options.contract,
    json,
    cache: options.cache,
    rpc: options.rpc,
  });
  const text = disassemble(container).trimEnd();
  writeResult(json ? JSON.stringify({ contractName: container.name, text }) : printableLines(text));
}

type ActionFacts = {
  readonly name: string;
  readonly mutability: string;
  readonly parameters: readonly AbiField[];
  readonly result: string | null;
  /** What one run of it may use, with all that it calls; null without such a limit. */
  readonly gasLimit: number | null;
  /** Null for actions that cannot be called from outside. */
  readonly signature: string | null;
  readonly selector: string | null;
};

type EventFacts = {
  readonly name: string;
  readonly signature: string;
  readonly topic: string;
  readonly fields: readonly (AbiField & { readonly indexed: boolean })[];
};

type ErrorFacts = {
  readonly signature: string;
  readonly selector: string;
  readonly fields: readonly AbiField[];
};

type VariableFacts = {
  readonly name: string;
  /** How many keys of maps that cannot be cleared lead to what is stored. */
  readonly keys: number;
  /** A type of cells, or `map of …`, `list of …`. */
  readonly type: string;
  readonly slot: string;
};

type ContractFacts = {
  readonly contractName: string;
  readonly address: string | null;
  /** Bytes. */
  readonly size: number;
  readonly codeHash: string;
  /** ABI-encoded, when deployment data was inspected. */
  readonly constructorArguments: string | null;
  /** What runs at deployment. */
  readonly init: ActionFacts | null;
  /** What takes calls without a function, and calls without data. */
  readonly fallback: ActionFacts | null;
  readonly receive: ActionFacts | null;
  readonly actions: readonly ActionFacts[];
  readonly events: readonly EventFacts[];
  readonly errors: readonly ErrorFacts[];
  readonly state: readonly VariableFacts[];
  readonly metadata: readonly { readonly key: string; readonly value: string }[];
};

function inspect({
  container,
  code,
  constructorArguments,
  address,
}: LoadedContract): ContractFacts {
  const factsAt = (index: number | undefined): ActionFacts | null => {
    const action = index === undefined ? undefined : container.actions[index];
    return action === undefined ? null : actionFacts(action);
  };
  const { init, fallback, receive } = container;
  const entryPoints = [init, fallback, receive];
  return {
    contractName: container.name,
    address: address ?? null,
    size: code.length,
    codeHash: toHex(keccak256(code)),
    constructorArguments: constructorArguments.length === 0 ? null : toHex(constructorArguments),
    init: factsAt(init),
    fallback: factsAt(fallback),
    receive: factsAt(receive),
    actions: container.actions.filter((_, index) => !entryPoints.includes(index)).map(actionFacts),
    events: eventFacts(container),
    errors: errorFacts(container),
    state: container.schema.map(variableFacts),
    metadata: container.metadata.map(([key, value]) => ({ key, value })),
  };
}

function actionFacts(action: ContainerAction): ActionFacts {
  const selector = selectorOf(action);
  return {
    name: action.name,
    mutability: action.mutability,
    parameters: action.parameters,
    result: action.result === undefined ? null : typeText(action.result),
    gasLimit: action.gasLimit ?? null,
    signature: exportedSignature(action) ?? null,
    selector: selector === undefined ? null : toHex(selector),
  };
}

function eventFacts(container: Container): readonly EventFacts[] {
  return contractAbi(container).flatMap((item) => {
    if (item.type !== 'event') return [];
    const { signature, topic } = itemEventLayout(item);
    const fields = item.inputs;
    return [{ name: item.name, signature, topic: topic === undefined ? '' : toHex(topic), fields }];
  });
}

function errorFacts(container: Container): readonly ErrorFacts[] {
  return contractAbi(container).flatMap((item) => {
    if (item.type !== 'error') return [];
    const selector = toHex(itemSelector(item));
    return [{ signature: itemSignature(item), selector, fields: item.inputs }];
  });
}

function variableFacts({ name, shape }: StateVariable): VariableFacts {
  const { depth, leaf } = plainDepth(shape);
  return { name, keys: depth, type: shapeText(leaf), slot: toHex(variableSlot(name)) };
}

function formatFacts(facts: ContractFacts): string {
  const exported = facts.actions.filter(({ selector }) => selector !== null);
  const internal = facts.actions.filter(({ selector }) => selector === null);
  const limit = zexusLimits.values.containerBytes;
  return [
    facts.contractName,
    ...(facts.address === null ? [] : [`  Address     ${facts.address}`]),
    `  Size        ${facts.size} of ${limit} bytes`,
    `  Code hash   ${facts.codeHash}`,
    ...(facts.constructorArguments === null ? [] : [`  Arguments   ${facts.constructorArguments}`]),
    `  Deployment  ${facts.init === null ? 'nothing to run' : actionText(facts.init)}`,
    ...(facts.fallback === null ? [] : [`  Other calls ${actionText(facts.fallback)}`]),
    ...(facts.receive === null ? [] : [`  Bare value  ${actionText(facts.receive)}`]),
    ...part(
      'Actions',
      exported.map((action) => `${action.selector}  ${actionText(action)}`),
    ),
    ...part('Actions that are not callable from outside', internal.map(actionText)),
    ...part(
      'Events',
      facts.events.map((event) => `${event.topic}  ${eventText(event)}`),
    ),
    ...part(
      'Errors',
      facts.errors.map((error) => `${error.selector}  ${errorText(error)}`),
    ),
    ...part(
      'State',
      facts.state.map((variable) => `${variable.slot}  ${variableText(variable)}`),
    ),
    ...part(
      'Metadata',
      facts.metadata.map(({ key, value }) => printable(`${key}: ${JSON.stringify(value)}`)),
    ),
  ].join('\n');
}

function part(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)];
}

function actionText(facts: ActionFacts): string {
  const { name, signature, mutability, parameters, result, gasLimit } = facts;
  const called = signature?.slice(0, signature.indexOf('(')) ?? name;
  const words = mutability === 'nonpayable' ? '' : ` ${mutability}`;
  const source = called === name ? '' : `, in the source ${name}`;
  const gives = result === null ? '' : ` -> ${result}`;
  const limit = gasLimit === null ? '' : `, at most ${gasLimit} gas`;
  return `${called}(${parameters.map(fieldText).join(', ')})${gives}${words}${limit}${source}`;
}

function eventText({ name, fields }: EventFacts): string {
  const texts = fields.map((field) => fieldText(field) + (field.indexed ? ' indexed' : ''));
  return `${name}(${texts.join(', ')})`;
}

function errorText({ signature, fields }: ErrorFacts): string {
  return `${signature.slice(0, signature.indexOf('('))}(${fields.map(fieldText).join(', ')})`;
}

function fieldText(field: AbiField): string {
  return field.type === '' ? field.name : `${field.name}: ${typeText(field)}`;
}

function variableText({ name, keys, type }: VariableFacts): string {
  return `${name}${'[key]'.repeat(keys)}: ${type}`;
}

/** The disassembly quotes all text; what JSON leaves unescaped must still not reach a terminal. */
function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}
