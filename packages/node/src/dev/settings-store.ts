import type { Chain, Note } from '@lucerna/chain';
import { type DevSettings, decodeSettings, encodeSettings, INITIAL_SETTINGS } from './settings.ts';

const SETTINGS_KEY = 'dev/settings';

/** The settings of a dev chain, in memory and as a note of the chain. */
export class SettingsStore {
  readonly #chain: Chain;
  #current: DevSettings;
  /** The notes say something else. */
  #dirty = false;
  /** Keys of other notes that are to go with the next write. */
  readonly #forgotten = new Set<string>();

  /** @throws `RLP_*` when another version of the program has written the settings */
  constructor(chain: Chain) {
    this.#chain = chain;
    const stored = chain.note(SETTINGS_KEY);
    this.#current = stored === undefined ? INITIAL_SETTINGS : decodeSettings(stored);
  }

  get current(): DevSettings {
    return this.#current;
  }

  /** The note that keeps `settings`, for whoever writes it together with something else. */
  noteOf(settings: DevSettings): Note {
    return { key: SETTINGS_KEY, value: encodeSettings(settings) };
  }

  /** Takes settings over whose note is written. */
  written(settings: DevSettings): void {
    this.#current = settings;
    this.#dirty = false;
    this.#forgotten.clear();
  }

  /** Has another note taken away: {@link save} is to follow. */
  forget(key: string): void {
    this.#forgotten.add(key);
    this.#dirty = true;
  }

  /** Changes settings in memory only: {@link save} is to follow. */
  amend(change: Partial<DevSettings>): void {
    this.#current = { ...this.#current, ...change };
    this.#dirty = true;
  }

  /** Writes what {@link amend} and {@link forget} have left. */
  async save(): Promise<void> {
    if (this.#dirty) await this.change({});
  }

  /** Changes settings, durably; in memory only once they are. */
  async change(change: Partial<DevSettings>, notes: readonly Note[] = []): Promise<void> {
    const next = { ...this.#current, ...change };
    const given = new Set(notes.map(({ key }) => key));
    const gone = [...this.#forgotten].filter((key) => !given.has(key));
    await this.#chain.patch(undefined, [
      this.noteOf(next),
      ...notes,
      ...gone.map((key) => ({ key, value: undefined })),
    ]);
    this.written(next);
  }
}
