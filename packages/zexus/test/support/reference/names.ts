import type { RefValue } from './values.ts';

/** Names in sight. */
export class Names {
  readonly #values: Map<string, { value: RefValue }> = new Map();
  readonly #outer: Names | undefined;
  /** `this` in an action of an entity. */
  readonly self: RefValue | undefined;
  /** Whether the contract's state is in sight. */
  readonly seesState: boolean;

  constructor(
    outer: Names | undefined,
    parts: { readonly self?: RefValue; readonly seesState?: boolean } = {},
  ) {
    this.#outer = outer;
    this.self = parts.self === undefined ? outer?.self : parts.self;
    this.seesState = parts.seesState ?? outer?.seesState ?? true;
  }

  declare(name: string, value: RefValue): void {
    this.#values.set(name, { value });
  }

  find(name: string): { value: RefValue } | undefined {
    return this.#values.get(name) ?? this.#outer?.find(name);
  }
}

/** Ends an action or a function. */
export class Returned {
  readonly value: RefValue;
  constructor(value: RefValue) {
    this.value = value;
  }
}
export class Left {
  readonly kind: 'break' | 'continue';
  constructor(kind: 'break' | 'continue') {
    this.kind = kind;
  }
}
