import type { AbiConstructor, AbiEvent, AbiFunction, AbiItem } from '@lucerna/protocol';
import type { Container, ContainerAction, ContainerEvent } from '../bytecode/container.ts';

/**
 * The contract's JSON ABI, as viem, ethers and web3 take it: the constructor when something runs at
 * deployment, then the exported actions and the events in the order of the container. `Error(string)`
 * and `Panic(uint256)` are known to every client and not listed; neither are variables, which have no
 * getters of their own.
 */
export function contractAbi(container: Container): readonly AbiItem[] {
  const items: AbiItem[] = [];
  const init = container.init === undefined ? undefined : container.actions[container.init];
  if (init !== undefined) items.push(constructorItem(init));
  for (const action of container.actions) {
    if (action.exportedAs !== undefined) items.push(functionItem(action, action.exportedAs));
  }
  for (const event of container.events) items.push(eventItem(event));
  return items;
}

function constructorItem(init: ContainerAction): AbiConstructor {
  return {
    type: 'constructor',
    inputs: init.parameters.map(({ name, type }) => ({ name, type })),
    stateMutability: init.mutability === 'payable' ? 'payable' : 'nonpayable',
  };
}

function functionItem(action: ContainerAction, name: string): AbiFunction {
  return {
    type: 'function',
    name,
    inputs: action.parameters.map(({ name, type }) => ({ name, type })),
    outputs: action.result === undefined ? [] : [{ name: '', type: action.result }],
    stateMutability: action.mutability,
  };
}

function eventItem(event: ContainerEvent): AbiEvent {
  return {
    type: 'event',
    name: event.name,
    inputs: event.fields.map(({ name, type, indexed }) => ({ name, type, indexed })),
    anonymous: false,
  };
}
