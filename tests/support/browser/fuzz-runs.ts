// Stands in for tools/src/fuzz-runs.ts in a browser, which has no environment.

/** The parameters of a property: as many runs as it gets usually. */
export function runs(usual: number): { readonly numRuns: number } {
  return { numRuns: usual };
}
