import { fromHex, isHex } from '@lucerna/base';
import { encodeAbi, parameterType } from '@lucerna/protocol';
import {
  type AbiField,
  type ContainerAction,
  Dictionary,
  isScalar,
  List,
  type Scalar,
  type Value,
} from '@lucerna/zexus';
import { type ContractArtifact, compileContract } from './compile.ts';
import { toAbiValue, toZexusValue } from './contract-values.ts';
import { sdkErrors } from './errors.ts';
import type { KnownContract } from './known-contracts.ts';

/** In order, or by the names of the parameters. */
export type ContractArguments = readonly unknown[] | Readonly<Record<string, unknown>>;

/** Source text, bytecode as `0x…`, or what `compileContract` has made. */
export type ContractSource = string | Pick<ContractArtifact, 'bytecode'>;

/** The bytes of a contract. @throws `COMPILE_FAILED`, `CONTRACT_MISSING`, `CONTRACT_AMBIGUOUS` */
export function bytecodeOf(source: ContractSource, contract: string | undefined): Uint8Array {
  if (typeof source !== 'string') return fromHex(source.bytecode);
  if (isHex(source)) return fromHex(source);
  return fromHex(compileContract(source, contract === undefined ? {} : { contract }).bytecode);
}

/** The exported action of the name. @throws `VM_ACTION_UNKNOWN` */
export function actionOf({ container }: KnownContract, name: string): ContainerAction {
  const exported = container.actions.filter(({ exportedAs }) => exportedAs !== undefined);
  const action =
    exported.find(({ exportedAs }) => exportedAs === name) ??
    exported.find((each) => each.name === name);
  if (action !== undefined) return action;
  const names = exported.map((each) => each.name).join(', ');
  const detail = `${container.name} has no ${name}; it has ${names}`;
  throw sdkErrors.create('VM_ACTION_UNKNOWN', detail, { contract: container.name, action: name });
}

/** The arguments in the order of the parameters. @throws `VM_ARGUMENT_INVALID` */
export function orderedArguments(
  parameters: readonly AbiField[],
  given: ContractArguments,
  name: string,
): readonly unknown[] {
  const isList = Array.isArray(given);
  const names = Object.keys(given);
  const known = isList || parameters.every((each) => names.includes(each.name));
  if (names.length !== parameters.length || !known) {
    const expected = parameters.map((each) => `${each.name}: ${each.type}`).join(', ');
    throw sdkErrors.create('VM_ARGUMENT_INVALID', `${name} takes (${expected})`, { name });
  }
  if (isList) return given;
  const named = given as Readonly<Record<string, unknown>>;
  return parameters.map((each) => named[each.name]);
}

/** The arguments as the ABI has them. @throws `VM_ARGUMENT_INVALID`, `ABI_VALUE_*` */
export function encodedArguments(
  parameters: readonly AbiField[],
  args: readonly unknown[],
): Uint8Array {
  return encodeAbi(
    parameters.map(parameterType),
    parameters.map((parameter, index) => toAbiValue(parameter, args[index])),
  );
}

/** The scalars in arguments, also within lists and maps: what may be keys of maps. */
export function scalarsIn(args: readonly unknown[]): readonly Scalar[] {
  const found: Scalar[] = [];
  const visit = (value: Value): void => {
    if (value instanceof List) {
      for (const item of value.items) visit(item);
    } else if (value instanceof Dictionary) {
      for (const entry of value.entries.values()) visit(entry.value);
    } else if (value !== null && isScalar(value)) {
      found.push(value);
    }
  };
  for (const argument of args) visit(toZexusValue(argument, ''));
  return found;
}
