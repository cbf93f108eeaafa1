import { concatBytes } from '@lucerna/base';
import type { AbiFunction } from '@lucerna/protocol';
import { type Container, type ContainerAction, contractAbi, selectorOf } from '@lucerna/zexus';
import { cliErrors } from '../errors.ts';
import { encodeArguments } from './abi-arguments.ts';

/** An action that can be called from outside. */
export type ExportedAction = { readonly action: ContainerAction; readonly item: AbiFunction };

/**
 * The action that `name` means: its name in the source, else in the ABI. Of several that share a name in
 * the ABI it is the one with as many parameters as there are arguments, if there is one.
 *
 * @throws `ACTION_UNKNOWN`
 */
export function findAction(container: Container, name: string, count: number): ExportedAction {
  const actions = container.actions.filter(({ exportedAs }) => exportedAs !== undefined);
  const named = actions.filter(({ exportedAs }) => exportedAs === name);
  const action =
    actions.find((candidate) => candidate.name === name) ??
    named.find(({ parameters }) => parameters.length === count) ??
    named[0];
  // The ABI has them in the order of the container.
  const items = contractAbi(container).filter((item) => item.type === 'function');
  const item = action && items[actions.indexOf(action)];
  if (action !== undefined && item !== undefined) return { action, item };
  const isInternal = container.actions.some((candidate) => candidate.name === name);
  const names = container.actions.flatMap(({ exportedAs }) => exportedAs ?? []);
  const which = `${container.name} has ${names.length === 0 ? 'none' : names.join(', ')}`;
  const detail = isInternal
    ? `${name} is not callable from outside; ${which}`
    : `${name}; ${which}`;
  throw cliErrors.create('ACTION_UNKNOWN', detail);
}

/** The calldata of a call. @throws `ARGUMENT_COUNT`, `ARGUMENT_INVALID` */
export function encodeCall({ action, item }: ExportedAction, texts: readonly string[]): Uint8Array {
  const selector = selectorOf(action) ?? new Uint8Array(0);
  return concatBytes(selector, encodeArguments(item.name, action.parameters, texts));
}

/**
 * Refuses value that the contract would send back. @throws `ACTION_NOT_PAYABLE`
 *
 * @param value in wei
 */
export function requirePayable(name: string, mutability: string, value: bigint): void {
  if (value === 0n || mutability === 'payable') return;
  throw cliErrors.create('ACTION_NOT_PAYABLE', `${name} is ${mutability}`);
}
