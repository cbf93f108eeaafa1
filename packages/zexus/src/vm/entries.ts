/** An entry of a map in memory. */
export type KeyedEntry<T> = { readonly key: T; value: T };

/** An entry that knows its neighbours: whoever walks over a map holds on to one. */
class Place<T> implements KeyedEntry<T> {
  readonly key: T;
  value: T;
  #previous: Place<T> = this;
  #next: Place<T> = this;
  /** The place before the first one of its map, which is also behind the last; undefined once removed. */
  #root: Place<T> | undefined = this;

  constructor(key: T, value: T) {
    this.key = key;
    this.value = value;
  }

  /** Puts an entry behind the last. */
  static append<T>(root: Place<T>, place: Place<T>): void {
    const last = root.#previous;
    place.#root = root;
    place.#previous = last;
    place.#next = root;
    last.#next = place;
    root.#previous = place;
  }

  /** Takes an entry out. It still knows the one before it, for who stands on it. */
  static remove<T>(place: Place<T>): void {
    place.#previous.#next = place.#next;
    place.#next.#previous = place.#previous;
    place.#root = undefined;
  }

  /** What is behind a place: behind the nearest one before it that is still there. */
  static after<T>(root: Place<T>, place: Place<T>): Place<T> | undefined {
    let at = place;
    while (at.#root === undefined) at = at.#previous;
    // Of a map that was cleared meanwhile everything is new.
    const next = at.#root === root ? at.#next : root.#next;
    return next === root ? undefined : next;
  }
}

/** Where a walk over {@link Entries} is. */
export type EntryCursor<T> = Place<T>;

/**
 * Entries by the texts of their keys, in the order of insertion. A walk goes from one entry to the next:
 * engines step over each entry that was removed, which for the first of a million is not what a step of a
 * loop pays for.
 */
export class Entries<T> extends Map<string, KeyedEntry<T>> {
  readonly #nothing: T;
  #root: Place<T>;

  /** @param nothing stands for key and value of the place before the first entry */
  constructor(nothing: T) {
    super();
    this.#nothing = nothing;
    this.#root = new Place(nothing, nothing);
  }

  /** As that of Map, of a new entry or the value of one that is there. */
  override set(text: string, { key, value }: KeyedEntry<T>): this {
    const known = super.get(text);
    if (known === undefined) {
      const place = new Place(key, value);
      Place.append(this.#root, place);
      super.set(text, place);
    } else {
      known.value = value;
    }
    return this;
  }

  override delete(text: string): boolean {
    const known = super.get(text);
    if (known === undefined) return false;
    Place.remove(known as Place<T>);
    return super.delete(text);
  }

  override clear(): void {
    this.#root = new Place(this.#nothing, this.#nothing);
    super.clear();
  }

  /** Where a walk begins: before the first entry. */
  start(): EntryCursor<T> {
    return this.#root;
  }

  /**
   * The entry to go on with; undefined at the end. What is added on the way is come to, what is removed
   * is not.
   */
  after(cursor: EntryCursor<T>): EntryCursor<T> | undefined {
    return Place.after(this.#root, cursor);
  }
}
