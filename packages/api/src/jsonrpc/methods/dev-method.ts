import type { JsonValue } from '@lucerna/protocol';
import type { DevApi } from '../../dev-api.ts';
import { apiErrors } from '../../errors.ts';
import type { MaybePromise, NodeApi } from '../../node-api.ts';
import { defineMethod, type Method, type MethodResult } from '../method.ts';
import type { Param, ParamValues } from '../params.ts';

type DevMethodDefinition<P extends readonly Param<unknown>[]> = {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly summary: string;
  readonly params: P;
  readonly result: MethodResult;
  readonly handler: (
    chain: { readonly dev: DevApi; readonly node: NodeApi },
    ...args: ParamValues<P>
  ) => MaybePromise<JsonValue>;
};

/** What anvil answers when there is nothing to say. */
export const NOTHING: MethodResult = { name: 'nothing', summary: 'Null.' };

/** What anvil answers where hardhat says that it has worked. */
export const DONE: MethodResult = { name: 'done', summary: 'Always true.' };

/** A method that only a dev chain has; elsewhere it is answered `DEV_METHOD_REFUSED`. */
export function defineDevMethod<const P extends readonly Param<unknown>[]>(
  definition: DevMethodDefinition<P>,
): Method {
  const { name, handler } = definition;
  return defineMethod({
    ...definition,
    handler: (node, ...args: ParamValues<P>) => {
      const { dev } = node;
      if (dev === undefined) {
        throw apiErrors.create('DEV_METHOD_REFUSED', undefined, { method: name });
      }
      return handler({ dev, node }, ...args);
    },
  });
}

/** The same for a method that changes one thing and says nothing. */
export function defineDevSetter<const P extends readonly Param<unknown>[]>(
  definition: Omit<DevMethodDefinition<P>, 'result' | 'handler'> & {
    readonly set: (dev: DevApi, ...args: ParamValues<P>) => Promise<void>;
    /** What is answered then; null by default. */
    readonly answer?: true;
  },
): Method {
  const { set, answer, ...rest } = definition;
  return defineDevMethod({
    ...rest,
    result: answer === undefined ? NOTHING : DONE,
    handler: async ({ dev }, ...args: ParamValues<P>) => {
      await set(dev, ...args);
      return answer ?? null;
    },
  });
}
