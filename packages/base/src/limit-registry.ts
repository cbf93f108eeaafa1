/** A bound on a collection, queue, loop, retry or message. */
export type LimitDefinition = {
  readonly value: number;
  /** What is counted: `bytes`, `transactions`, `ms`, … */
  readonly unit: string;
  /** Why there is a bound and why it is this one. */
  readonly why: string;
};

/** The named limits of one package; the reference page of limits is generated from these. */
export type LimitRegistry<Name extends string = string> = {
  readonly kind: 'limit-registry';
  readonly area: string;
  readonly definitions: Readonly<Record<Name, LimitDefinition>>;
  /** The values alone, by name. */
  readonly values: Readonly<Record<Name, number>>;
};

/**
 * Declares the limits of a package.
 *
 * ```ts
 * export const protocolLimits: LimitRegistry<'extraDataBytes'> = defineLimits('protocol', {
 *   extraDataBytes: { value: 32, unit: 'bytes', why: 'clients refuse more' },
 * });
 * protocolLimits.values.extraDataBytes; // 32
 * ```
 */
export function defineLimits<Name extends string>(
  area: string,
  definitions: Readonly<Record<Name, LimitDefinition>>,
): LimitRegistry<Name> {
  const names = Object.keys(definitions) as Name[];
  const values = Object.fromEntries(names.map((name) => [name, definitions[name].value]));
  return {
    kind: 'limit-registry',
    area,
    definitions,
    values: values as Readonly<Record<Name, number>>,
  };
}
