import type {
  AbiConstructor,
  AbiError,
  AbiEvent,
  AbiFallback,
  AbiFunction,
  AbiItem,
  AbiParameter,
} from '@lucerna/protocol';
import type {
  AbiField,
  Container,
  ContainerAction,
  ContainerError,
  ContainerEvent,
} from '../bytecode/container.ts';

/**
 * The contract's JSON ABI, as viem, ethers and web3 take it: the constructor when something runs at
 * deployment, then the exported actions, the events and the errors in the order of the container, then
 * what takes calls without a function. `Error(string)` and `Panic(uint256)` are known to every client
 * and not listed; neither are variables, which have no getters of their own, nor `zx_call`, which every
 * contract has.
 */
export function contractAbi(container: Container): readonly AbiItem[] {
  const { actions, init, fallback, receive } = container;
  const items: AbiItem[] = [];
  const constructorAction = init === undefined ? undefined : actions[init];
  if (constructorAction !== undefined) items.push(constructorItem(constructorAction));
  for (const action of actions) {
    if (action.exportedAs !== undefined) items.push(functionItem(action, action.exportedAs));
  }
  for (const event of container.events) items.push(eventItem(event));
  for (const error of container.errors) items.push(errorItem(error));
  const fallbackAction = fallback === undefined ? undefined : actions[fallback];
  if (fallbackAction !== undefined) items.push(fallbackItem(fallbackAction));
  if (receive !== undefined) items.push({ type: 'receive', stateMutability: 'payable' });
  return items;
}

function constructorItem(init: ContainerAction): AbiConstructor {
  return {
    type: 'constructor',
    inputs: init.parameters.map(parameter),
    stateMutability: init.mutability === 'payable' ? 'payable' : 'nonpayable',
  };
}

function functionItem(action: ContainerAction, name: string): AbiFunction {
  return {
    type: 'function',
    name,
    inputs: action.parameters.map(parameter),
    outputs: action.result === undefined ? [] : [parameter(action.result)],
    stateMutability: action.mutability,
  };
}

function eventItem({ name, fields }: ContainerEvent): AbiEvent {
  const inputs = fields.map((field) => ({ ...parameter(field), indexed: field.indexed }));
  return { type: 'event', name, inputs, anonymous: false };
}

function errorItem({ name, fields }: ContainerError): AbiError {
  return { type: 'error', name, inputs: fields.map(parameter) };
}

/** The JSON ABI knows no fallback that only reads: it is one that takes no value. */
function fallbackItem({ mutability }: ContainerAction): AbiFallback {
  return {
    type: 'fallback',
    stateMutability: mutability === 'payable' ? 'payable' : 'nonpayable',
  };
}

/** The field with nothing beside what a JSON ABI has. */
function parameter({ name, type, components }: AbiField): AbiParameter {
  if (components === undefined) return { name, type };
  return { name, type, components: components.map(parameter) };
}
