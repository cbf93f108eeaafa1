// The tables of docs/reliability.md: what long runs have found, one row for each.
import { appendFileSync } from 'node:fs';

/** What one database went through without losing anything. */
export type CrashResult = {
  readonly database: string;
  /** How often the node was killed. */
  readonly cycles: number;
  /** In how many of them transfers had been sent that were not answered yet. */
  readonly cyclesInFlight: number;
  /** Receipts that a client had seen; all of them were there at the end. */
  readonly receiptsKept: number;
};

/** What mutants of contracts and scripts came to: every one was refused by a rule, or it ran. */
export type MutationResult = {
  readonly inputs: number;
  /** How many were accepted, and run. */
  readonly accepted: number;
  /** How many different rules refused the others. */
  readonly rules: number;
  readonly seed: number;
};

/** What a row says besides the result. */
export type RunConditions = {
  readonly date: string;
  readonly commit: string;
  readonly machine: string;
  readonly command: string;
};

/** Adds a result to the file that LUCERNA_CRASH_RESULTS names, if it names one. */
export function recordCrashResult(result: CrashResult): void {
  const path = process.env['LUCERNA_CRASH_RESULTS'];
  if (path !== undefined) appendFileSync(path, `${JSON.stringify(result)}\n`);
}

/** Adds a result to the file that LUCERNA_FUZZ_RESULTS names, if it names one. */
export function recordMutationResult(result: MutationResult): void {
  const path = process.env['LUCERNA_FUZZ_RESULTS'];
  if (path !== undefined) appendFileSync(path, `${JSON.stringify(result)}\n`);
}

/** The results that a run has recorded. */
export function parseResults<Result>(text: string): readonly Result[] {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Result);
}

/** The cells of a row under `Kills`. */
export function crashRow(result: CrashResult, conditions: RunConditions): readonly string[] {
  const { database, cycles, cyclesInFlight, receiptsKept } = result;
  const { date, commit, machine, command } = conditions;
  const figures = [cycles, cyclesInFlight, receiptsKept].map((figure) =>
    figure.toLocaleString('en'),
  );
  return [date, commit, machine, database, ...figures, `\`${command}\``];
}

/** The cells of a row under `Mutants`. */
export function mutationRow(result: MutationResult, conditions: RunConditions): readonly string[] {
  const { date, commit, machine, command } = conditions;
  const figures = [result.inputs, result.accepted, result.rules].map((figure) =>
    figure.toLocaleString('en'),
  );
  return [date, commit, machine, ...figures, String(result.seed), `\`${command}\``];
}

/** `page` with rows at the end of the first table under the heading `## ${section}`. */
export function appendRows(
  page: string,
  section: string,
  rows: readonly (readonly string[])[],
): string {
  const lines = page.split('\n');
  const heading = lines.indexOf(`## ${section}`);
  const first = lines.findIndex((line, index) => index > heading && /^(?:\||## )/.test(line));
  if (heading < 0 || !lines[first]?.startsWith('|')) {
    throw new Error(`there is no table under "## ${section}"`);
  }
  const length = lines.slice(first).findIndex((line) => !line.startsWith('|'));
  const end = length < 0 ? lines.length : first + length;
  const added = rows.map((cells) => `| ${cells.map(escapeCell).join(' | ')} |`);
  return [...lines.slice(0, end), ...added, ...lines.slice(end)].join('\n');
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|');
}
