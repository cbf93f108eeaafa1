import { present } from '@lucerna/base';
import type { StateSchema, StateShape, StateVariable } from '../layout/schema.ts';
import { variableSlot } from '../layout/slots.ts';

/** What an instruction reads or writes in the state: a variable, or what some keys of its maps lead to. */
export type ProgramPlace = {
  /** Of the variable. */
  readonly slot: Uint8Array;
  /** Keys that lead on from there, through plain maps. */
  readonly keys: number;
  /** What is there. */
  readonly shape: StateShape;
};

/** The places that the instructions of a program name, each once. */
export class PlaceTable {
  readonly places: ProgramPlace[] = [];
  readonly #variables: ReadonlyMap<string, StateVariable>;
  readonly #positions = new Map<string, number>();

  constructor(schema: StateSchema) {
    this.#variables = new Map(schema.map((variable) => [variable.name, variable]));
  }

  /** The position of a place in {@link places}. */
  position(name: string, keys: number): number {
    const key = `${keys} ${name}`;
    const known = this.#positions.get(key);
    if (known !== undefined) return known;
    let { shape } = present(this.#variables.get(name), 'the variable is verified');
    for (let level = 0; level < keys && shape.kind === 'map'; level += 1) shape = shape.value;
    const position = this.places.push({ slot: variableSlot(name), keys, shape }) - 1;
    this.#positions.set(key, position);
    return position;
  }
}
