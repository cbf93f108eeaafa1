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

/** What a collection of embeddings went through without losing anything. */
export type VectorCrashResult = {
  /** How often the writer was killed. */
  readonly cycles: number;
  /** Writes that were acknowledged, or were there after a kill; all of them in order. */
  readonly operations: number;
  /** How many of them were there, whole, without having been acknowledged. */
  readonly inFlightKept: number;
};

/** What came and went in a collection of embeddings. */
export type ChurnResult = {
  readonly seconds: number;
  readonly rounds: number;
  /** Bytes of all embeddings that were written. */
  readonly written: number;
  /** The most bytes of all files after a compaction. */
  readonly files: number;
  /** The most bytes of rows and graph in memory. */
  readonly memory: number;
  /** The least recall of a check. */
  readonly recall: number;
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

/** Adds a result to the file that LUCERNA_VECTOR_CRASH_RESULTS names, if it names one. */
export function recordVectorCrashResult(result: VectorCrashResult): void {
  const path = process.env['LUCERNA_VECTOR_CRASH_RESULTS'];
  if (path !== undefined) appendFileSync(path, `${JSON.stringify(result)}\n`);
}

/** Adds a result to the file that LUCERNA_CHURN_RESULTS names, if it names one. */
export function recordChurnResult(result: ChurnResult): void {
  const path = process.env['LUCERNA_CHURN_RESULTS'];
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

/** The cells of a row under `Kills of a vector database`. */
export function vectorCrashRow(
  result: VectorCrashResult,
  conditions: RunConditions,
): readonly string[] {
  const { cycles, operations, inFlightKept } = result;
  const { date, commit, machine, command } = conditions;
  const figures = [cycles, operations, inFlightKept].map((figure) => figure.toLocaleString('en'));
  return [date, commit, machine, ...figures, `\`${command}\``];
}

/** The cells of a row under `Churn`. */
export function churnRow(result: ChurnResult, conditions: RunConditions): readonly string[] {
  const { seconds, rounds, written, files, memory, recall } = result;
  const { date, commit, machine, command } = conditions;
  const figures = [seconds, rounds, written, files, memory].map((figure) =>
    figure.toLocaleString('en'),
  );
  return [date, commit, machine, ...figures, recall.toFixed(3), `\`${command}\``];
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
