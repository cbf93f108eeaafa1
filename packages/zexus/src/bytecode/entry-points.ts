import type { ContainerAction } from './container.ts';

// Actions that run without being called by a selector. What the decoder refuses, the verifier refuses as well.

type Entry = Omit<ContainerAction, 'code' | 'gasLimit' | 'name'>;

/** Whether the action can run at deployment: it is not exported, may write, is typed and returns nothing. */
export function canBeInit({ exportedAs, mutability, parameters, result }: Entry): boolean {
  const mayWrite = mutability === 'nonpayable' || mutability === 'payable';
  const isTyped = parameters.every(({ type }) => type !== '');
  return exportedAs === undefined && mayWrite && result === undefined && isTyped;
}

/** Whether the action can take all calls without a function: bytes or nothing in, bytes or nothing out. */
export function canBeFallback({ exportedAs, parameters, result }: Entry): boolean {
  const takesBytes = parameters.every(({ type }) => type === 'bytes') && parameters.length <= 1;
  const givesBytes = result === undefined || result.type === 'bytes';
  return exportedAs === undefined && takesBytes && givesBytes;
}

/** Whether the action can take calls without data: it is payable and has neither parameters nor result. */
export function canBeReceive({ exportedAs, mutability, parameters, result }: Entry): boolean {
  const isBare = parameters.length === 0 && result === undefined;
  return exportedAs === undefined && mutability === 'payable' && isBare;
}
