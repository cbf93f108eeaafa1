/**
 * Told now and then how far long work has come: `done` of `total`, or of an unknown number. The work
 * names its units (rows, bytes, blocks). `done` never falls; a call must be quick and not throw.
 */
export type Progress = (done: number, total: number | undefined) => void;
