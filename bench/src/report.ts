import { availableParallelism, cpus } from 'node:os';
import type { Row } from './harness.ts';

/** What a figure depends on besides the code. */
export function describeConditions(quick: boolean): string {
  const processor = cpus()[0]?.model.trim() ?? process.arch;
  const machine = `${availableParallelism()} × ${processor}, ${process.platform}`;
  return `${machine}, Node ${process.versions.node}${quick ? ', quick' : ''}`;
}

/** One row for people. */
export function formatRow(row: Row): string {
  const name = `${row.suite}/${row.case}${row.level === null ? '' : ` (${row.level})`}`;
  const ours = `${formatNumber(row.ours)} ${row.unit}`;
  const peer = row.peer === null ? row.peerName : `${formatNumber(row.peer)} ${row.peerName}`;
  return `${name.padEnd(36)} ${ours.padStart(16)}   ${peer.padEnd(36)} ${verdict(row)}`;
}

function verdict({ ratio, target }: Row): string {
  if (ratio === null) return 'not compared';
  const shown = `${formatNumber(ratio)}×`;
  if (target === null) return shown;
  return `${shown} ${ratio >= target ? 'reaches' : 'MISSES'} ${formatNumber(target)}×`;
}

/** Three significant digits, grouped: 1,230,000 or 0.0123. */
export function formatNumber(value: number): string {
  return new Intl.NumberFormat('en', { maximumSignificantDigits: 3 }).format(value);
}
