import type { JsonValue } from '@lucerna/protocol';
import { isRestrictedMethod } from '../access.ts';
import type { MaybePromise, NodeApi } from '../node-api.ts';
import type { Param, ParamValues } from './params.ts';

/** One method of the API: everything that dispatch and documentation need to know about it. */
export type Method = {
  readonly name: string;
  /** What it answers, in one sentence. */
  readonly summary: string;
  readonly params: readonly Param<unknown>[];
  readonly result: MethodResult;
  /** Only pages of this machine, or of listed origins, may call it. */
  readonly restricted: boolean;
  /** Runs the method on arguments that {@link Method.params} has parsed. */
  readonly handler: (node: NodeApi, args: readonly unknown[]) => MaybePromise<JsonValue>;
};

/** What a method answers, for the documentation. */
export type MethodResult = {
  readonly name: string;
  readonly summary: string;
};

/** A method as it is written down: the handler's arguments have the types of the parameters. */
type MethodDefinition<P extends readonly Param<unknown>[]> = {
  readonly name: string;
  readonly summary: string;
  readonly params: P;
  readonly result: MethodResult;
  readonly handler: (node: NodeApi, ...args: ParamValues<P>) => MaybePromise<JsonValue>;
};

/** Puts a method into the form of the table. */
export function defineMethod<const P extends readonly Param<unknown>[]>(
  definition: MethodDefinition<P>,
): Method {
  return {
    name: definition.name,
    summary: definition.summary,
    params: definition.params,
    result: definition.result,
    restricted: isRestrictedMethod(definition.name),
    // The arguments have gone through the parsers of the parameters, which is where P comes from.
    handler: (node, args) => definition.handler(node, ...(args as ParamValues<P>)),
  };
}
