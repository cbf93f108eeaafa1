import type { PlayedStep } from './anvil-script.ts';

/** One place where two nodes do not answer alike. */
export type Disagreement = {
  /** Index of the step. */
  readonly step: number;
  readonly method: string;
  /** Where in the answer, such as `result.transactions.*.gasPrice`; positions in arrays are `*`. */
  readonly path: string;
  /** `missing` is what only the other node has, `extra` what only ours has. */
  readonly kind: 'value' | 'missing' | 'extra';
  readonly theirs: unknown;
  readonly ours: unknown;
};

/** Seconds that two nodes started one after the other may be apart. */
const CLOCK_SKEW_SECONDS = 120;

/** Tags of blocks of which the nodes may mean another one: the next one need not become as it is shown. */
const OTHER_TAGS: ReadonlySet<unknown> = new Set(['pending', 'safe', 'finalized']);

/** Methods that tell of blocks that there never are. */
const SIMULATIONS: ReadonlySet<string> = new Set(['eth_simulateV1']);

/** Names of hashes and roots, which need not be the same but must refer to the same things. */
const HASH_NAME = /^(?:hash|.*Hash|.*Root|result|snapshots)$/;
const TIME_NAME = /^(?:timestamp|.*Timestamp)$/;
/** Methods whose answer is a time or a difference of times. */
const TIME_METHODS = /^(?:anvil|evm)_(?:increaseTime|setTime|getGenesisTime)$/;
const WORD = /^0x[0-9a-f]{64}$/;

/**
 * Compares what two nodes have answered to one script. Hashes and roots may differ as long as the same
 * one of theirs is always the same one of ours, and the other way round: so a block that names another
 * parent, or a receipt of another block, is noticed. Times may be apart as the starts of the nodes are.
 */
export function compareAnswers(
  theirs: readonly PlayedStep[],
  ours: readonly PlayedStep[],
): readonly Disagreement[] {
  const comparison = new Comparison();
  theirs.forEach((step, index) => {
    comparison.step(index, step, ours[index] as PlayedStep);
  });
  return comparison.found;
}

type Place = { readonly path: string; readonly name: string };

class Comparison {
  readonly found: Disagreement[] = [];
  readonly #ourHash = new Map<string, string>();
  readonly #theirHash = new Map<string, string>();
  #step = 0;
  #method = '';
  #isElsewhere = false;

  step(index: number, theirs: PlayedStep, ours: PlayedStep): void {
    this.#step = index;
    this.#method = theirs.method;
    this.#isElsewhere =
      SIMULATIONS.has(theirs.method) || theirs.params.some((param) => OTHER_TAGS.has(param));
    if (theirs.method === 'anvil_reset') {
      // anvil begins again with another block 0.
      this.#ourHash.clear();
      this.#theirHash.clear();
    }
    if (theirs.answer.error !== undefined || ours.answer.error !== undefined) {
      this.#value({ path: 'error', name: 'error' }, theirs.answer.error, ours.answer.error);
    } else {
      this.#value({ path: 'result', name: 'result' }, theirs.answer.result, ours.answer.result);
    }
  }

  #value(place: Place, theirs: unknown, ours: unknown): void {
    if (Object.is(theirs, ours) && !HASH_NAME.test(place.name)) return;
    if (Array.isArray(theirs) && Array.isArray(ours)) {
      this.#list(place, theirs, ours);
    } else if (isObject(theirs) && isObject(ours)) {
      this.#object(place, theirs, ours);
    } else if (!this.#isSame(place, theirs, ours)) {
      this.#add('value', place.path, theirs, ours);
    }
  }

  #list(place: Place, theirs: readonly unknown[], ours: readonly unknown[]): void {
    if (theirs.length !== ours.length) {
      this.#add('value', `${place.path}.length`, theirs.length, ours.length);
      return;
    }
    // Members go by the name of their list: hashes of transactions are hashes.
    const name = place.name === 'transactions' ? 'hash' : place.name;
    const member = { path: `${place.path}.*`, name };
    for (const [index, each] of theirs.entries()) this.#value(member, each, ours[index]);
  }

  #object(place: Place, theirs: Fields, ours: Fields): void {
    for (const key of new Set([...Object.keys(theirs), ...Object.keys(ours)])) {
      // Pools and snapshots are keyed by what is different in every run: by address, nonce, number.
      const isDrawn = /^0x|^\d/.test(key);
      const path = `${place.path}.${isDrawn ? '*' : key}`;
      let name = isDrawn ? place.name : key;
      // anvil's block 0 has the root of an empty state, whatever is in it.
      if (key === 'stateRoot' && theirs['number'] === '0x0') name = 'genesisRoot';
      if (!(key in ours)) this.#add('missing', path, theirs[key], undefined);
      else if (!(key in theirs)) this.#add('extra', path, undefined, ours[key]);
      else this.#value({ path, name }, theirs[key], ours[key]);
    }
  }

  #isSame(place: Place, theirs: unknown, ours: unknown): boolean {
    if (HASH_NAME.test(place.name) && isWord(theirs) && isWord(ours)) {
      return this.#isElsewhere || this.#isSameHash(place, theirs, ours);
    }
    return Object.is(theirs, ours) || this.#isSameTime(place, theirs, ours);
  }

  #isSameHash({ name }: Place, theirs: string, ours: string): boolean {
    // Empty roots and mixes are hashes of nothing in particular.
    const kind = /Root|mixHash/.test(name) ? name : 'hash';
    const [there, here] = [`${kind} ${theirs}`, `${kind} ${ours}`];
    const known = this.#ourHash.get(there) ?? ours;
    const back = this.#theirHash.get(here) ?? theirs;
    this.#ourHash.set(there, known);
    this.#theirHash.set(here, back);
    return known === ours && back === theirs;
  }

  #isSameTime({ name }: Place, theirs: unknown, ours: unknown): boolean {
    if (!TIME_NAME.test(name) && !(name === 'result' && TIME_METHODS.test(this.#method))) {
      return false;
    }
    if (typeof theirs !== typeof ours) return false;
    return Math.abs(Number(theirs) - Number(ours)) <= CLOCK_SKEW_SECONDS;
  }

  #add(kind: Disagreement['kind'], path: string, theirs: unknown, ours: unknown): void {
    this.found.push({ step: this.#step, method: this.#method, path, kind, theirs, ours });
  }
}

type Fields = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isWord(value: unknown): value is string {
  return typeof value === 'string' && WORD.test(value);
}
