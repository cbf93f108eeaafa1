import { toHex } from '@lucerna/base';
import { keccak256 } from '@lucerna/crypto';
import { itemEventLayout } from '@lucerna/protocol';
import {
  type AbiField,
  type Container,
  type ContainerAction,
  contractAbi,
  disassemble,
  exportedSignature,
  type StateVariable,
  selectorOf,
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

type VariableFacts = {
  readonly name: string;
  /** How many keys lead to a cell. */
  readonly keys: number;
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
  readonly actions: readonly ActionFacts[];
  readonly events: readonly EventFacts[];
  readonly state: readonly VariableFacts[];
  readonly metadata: readonly { readonly key: string; readonly value: string }[];
};

function inspect({
  container,
  code,
  constructorArguments,
  address,
}: LoadedContract): ContractFacts {
  const init = container.init === undefined ? undefined : container.actions[container.init];
  return {
    contractName: container.name,
    address: address ?? null,
    size: code.length,
    codeHash: toHex(keccak256(code)),
    constructorArguments: constructorArguments.length === 0 ? null : toHex(constructorArguments),
    init: init === undefined ? null : actionFacts(init),
    actions: container.actions.filter((action) => action !== init).map(actionFacts),
    events: eventFacts(container),
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
    result: action.result ?? null,
    signature: exportedSignature(action) ?? null,
    selector: selector === undefined ? null : toHex(selector),
  };
}

function eventFacts(container: Container): readonly EventFacts[] {
  return contractAbi(container).flatMap((item) => {
    if (item.type !== 'event') return [];
    const { signature, topic } = itemEventLayout(item);
    const fields = item.inputs.map(({ name, type, indexed }) => ({ name, type, indexed }));
    return [{ name: item.name, signature, topic: topic === undefined ? '' : toHex(topic), fields }];
  });
}

function variableFacts(variable: StateVariable): VariableFacts {
  return {
    name: variable.name,
    keys: variable.kind === 'map' ? variable.depth : 0,
    type: variable.type,
    slot: toHex(variableSlot(variable.name)),
  };
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

function actionText({ name, signature, mutability, parameters, result }: ActionFacts): string {
  const called = signature?.slice(0, signature.indexOf('(')) ?? name;
  const words = mutability === 'nonpayable' ? '' : ` ${mutability}`;
  const source = called === name ? '' : `, in the source ${name}`;
  const gives = result === null ? '' : ` -> ${result}`;
  return `${called}(${parameters.map(fieldText).join(', ')})${gives}${words}${source}`;
}

function eventText({ name, fields }: EventFacts): string {
  const texts = fields.map((field) => fieldText(field) + (field.indexed ? ' indexed' : ''));
  return `${name}(${texts.join(', ')})`;
}

function fieldText({ name, type }: AbiField): string {
  return type === '' ? name : `${name}: ${type}`;
}

function variableText({ name, keys, type }: VariableFacts): string {
  return `${name}${'[key]'.repeat(keys)}: ${type}`;
}

/** The disassembly quotes all text; what JSON leaves unescaped must still not reach a terminal. */
function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}
