import type { Clock } from '@lucerna/base';
import type { JsonValue } from '@lucerna/protocol';
import { isRestrictedMethod } from '../access.ts';
import type { MaybePromise, NodeApi } from '../node-api.ts';
import type { Departure } from './departure.ts';
import type { Filters } from './filters.ts';
import type { Param, ParamValues } from './params.ts';
import type { SubscriptionScope } from './subscriptions.ts';

/** What a method may use. */
export type MethodContext = {
  readonly node: NodeApi;
  readonly filters: Filters;
  /** Absent: a caller for whom waiting has no end but the answer. */
  readonly clock: Clock | undefined;
  /** Undefined for callers that cannot be told anything but answers. */
  readonly subscriptions: SubscriptionScope | undefined;
  /** Undefined for callers that stay for the answer. */
  readonly departure: Departure | undefined;
};

/** One method of the API: everything that dispatch and documentation need to know about it. */
export type Method = {
  readonly name: string;
  /** Other names for it, which do the same. */
  readonly aliases: readonly string[];
  /** What it answers, in one sentence. */
  readonly summary: string;
  readonly params: readonly Param<unknown>[];
  readonly result: MethodResult;
  /** Only pages of this machine, or of listed origins, may call it. */
  readonly restricted: boolean;
  /** Runs the method on arguments that {@link Method.params} has parsed. */
  readonly handler: (context: MethodContext, args: readonly unknown[]) => MaybePromise<JsonValue>;
};

/** What a method answers, for the documentation. */
export type MethodResult = {
  readonly name: string;
  readonly summary: string;
};

/** A method as it is written down: the handler's arguments have the types of the parameters. */
type MethodDefinition<P extends readonly Param<unknown>[]> = {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly summary: string;
  readonly params: P;
  readonly result: MethodResult;
  readonly handler: (node: NodeApi, ...args: ParamValues<P>) => MaybePromise<JsonValue>;
};

/** Puts a method that needs only the node into the form of the table. */
export function defineMethod<const P extends readonly Param<unknown>[]>(
  definition: MethodDefinition<P>,
): Method {
  const { handler, ...rest } = definition;
  return defineServiceMethod({
    ...rest,
    handler: ({ node }, ...args: ParamValues<P>) => handler(node, ...args),
  });
}

/** The same for a method that uses more than the node. */
export function defineServiceMethod<const P extends readonly Param<unknown>[]>(
  definition: Omit<MethodDefinition<P>, 'handler'> & {
    readonly handler: (context: MethodContext, ...args: ParamValues<P>) => MaybePromise<JsonValue>;
  },
): Method {
  return {
    name: definition.name,
    aliases: definition.aliases ?? [],
    summary: definition.summary,
    params: definition.params,
    result: definition.result,
    restricted: isRestrictedMethod(definition.name),
    // The arguments have gone through the parsers of the parameters, which is where P comes from.
    handler: (context, args) => definition.handler(context, ...(args as ParamValues<P>)),
  };
}
