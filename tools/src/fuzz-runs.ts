// How long the properties run: one budget from the environment for all of them.

const ordinaryRuns = 300;
const budget = Number(process.env['LUCERNA_FUZZ_RUNS'] ?? ordinaryRuns) / ordinaryRuns;

/**
 * The parameters of a property that usually gets `usual` runs: cheap ones run more, dear ones less.
 * LUCERNA_FUZZ_RUNS is how often an ordinary one runs, 300 without it; all others follow in proportion.
 */
export function runs(usual: number): { readonly numRuns: number } {
  return { numRuns: Math.max(1, Math.ceil(usual * budget)) };
}
