import { parameterType, selectorOfSignature, signatureText } from '@lucerna/protocol';
import type { ContainerAction } from '../bytecode/container.ts';

/** What of an action its signature depends on. */
export type ExportedAction = Pick<ContainerAction, 'exportedAs' | 'name' | 'parameters'>;

/** The signature of an exported action, `balanceOf(address)`; undefined for others. @throws `ABI_TYPE_INVALID` */
export function exportedSignature(action: ExportedAction): string | undefined {
  if (action.exportedAs === undefined) return undefined;
  return signatureText(action.exportedAs, action.parameters.map(parameterType));
}

/** The 4 bytes with which calls of an exported action begin; undefined for others. @throws `ABI_TYPE_INVALID` */
export function selectorOf(action: ExportedAction): Uint8Array | undefined {
  const signature = exportedSignature(action);
  return signature === undefined ? undefined : selectorOfSignature(signature);
}
