import { availableParallelism, cpus } from 'node:os';
import type { Row } from './harness.ts';

/** What a figure depends on besides the code. */
export function describeConditions(quick: boolean): string {
  const processor = cpus()[0]?.model.trim() ?? process.arch;
  const machine = `${availableParallelism()} × ${processor}, ${process.platform}`;
  return `${machine}, Node ${process.versions.node}${quick ? ', quick' : ''}`;
}

/**
 * One row for people; where the target is missed, with what bounds the figure below it. Behind it stand
 * its conditions, but for the `shared` ones of all rows with which they begin.
 */
export function formatRow(row: Row, note?: string, shared: string = row.conditions): string {
  const name = `${row.suite}/${row.case}${row.level === null ? '' : ` (${row.level})`}`;
  const ours = `${formatNumber(row.ours)} ${row.unit}`;
  const peer = row.peer === null ? row.peerName : `${formatNumber(row.peer)} ${row.peerName}`;
  const own = row.conditions.slice(shared.length).replace(/^, /, '');
  const columns = `${name.padEnd(38)} ${ours.padStart(18)}   ${peer.padEnd(42)} ${verdict(row)}`;
  const line = own === '' ? columns : `${columns}   [${own}]`;
  return note === undefined || !missesTarget(row) ? line : `${line}\n    ${note}`;
}

function missesTarget({ ratio, target }: Row): boolean {
  return ratio !== null && target !== null && ratio < target;
}

function verdict(row: Row): string {
  const { ratio, target } = row;
  if (ratio === null) return 'not compared';
  const shown = `${formatNumber(ratio)}×`;
  if (target === null) return shown;
  return `${shown} ${missesTarget(row) ? 'MISSES' : 'reaches'} ${formatNumber(target)}×`;
}

/** Three significant digits, grouped: 1,230,000 or 0.0123. */
export function formatNumber(value: number): string {
  return new Intl.NumberFormat('en', { maximumSignificantDigits: 3 }).format(value);
}
