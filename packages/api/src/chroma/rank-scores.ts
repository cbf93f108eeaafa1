import { unreachable } from '@lucerna/base';
import type { Knn, RankExpression, RankOperator } from './rank-expression.ts';

/** Scores by id, and that of all ids that are not among them (undefined: those are left out). */
export type Scores = {
  readonly known: ReadonlyMap<string, number>;
  readonly fallback: number | undefined;
};

/**
 * Scores by a ranking: an operator scores the ids that all of its operands score, where one without a
 * fallback scores the ids that it knows only. So a record counts when at least one search has found it,
 * and every search that has no fallback.
 *
 * @param found ids and distances that each search has found, nearest first
 */
export function scoresOf(
  rank: RankExpression,
  found: (knn: Knn) => readonly (readonly [string, number])[],
): Scores {
  switch (rank.kind) {
    case 'value':
      return { known: new Map(), fallback: rank.value };
    case 'knn': {
      const entries = found(rank).map(
        ([id, distance], place) => [id, rank.isByPlace ? place : distance] as const,
      );
      return { known: new Map(entries), fallback: rank.fallback };
    }
    case 'apply': {
      const [first, ...others] = rank.operands.map((operand) => scoresOf(operand, found));
      const unary = UNARY[rank.operator];
      const start = first as Scores;
      if (unary !== undefined) return mapped(start, unary);
      const binary = binaryOf(rank.operator);
      return others.reduce((left, right) => combined(left, right, binary), start);
    }
    default:
      return unreachable(rank);
  }
}

const UNARY: { readonly [Operator in RankOperator]?: (value: number) => number } = {
  abs: Math.abs,
  exp: Math.exp,
  log: Math.log,
};

function binaryOf(operator: RankOperator): (left: number, right: number) => number {
  switch (operator) {
    case 'div':
      return (left, right) => left / right;
    case 'max':
      return Math.max;
    case 'min':
      return Math.min;
    case 'mul':
      return (left, right) => left * right;
    case 'sub':
      return (left, right) => left - right;
    default:
      return (left, right) => left + right;
  }
}

function mapped({ known, fallback }: Scores, map: (value: number) => number): Scores {
  return {
    known: new Map([...known].map(([id, score]) => [id, map(score)])),
    fallback: fallback === undefined ? undefined : map(fallback),
  };
}

function combined(
  left: Scores,
  right: Scores,
  operate: (left: number, right: number) => number,
): Scores {
  const known = new Map<string, number>();
  for (const id of [...left.known.keys(), ...right.known.keys()]) {
    const one = left.known.get(id) ?? left.fallback;
    const other = right.known.get(id) ?? right.fallback;
    if (one !== undefined && other !== undefined) known.set(id, operate(one, other));
  }
  const hasFallback = left.fallback !== undefined && right.fallback !== undefined;
  return { known, fallback: hasFallback ? operate(left.fallback, right.fallback) : undefined };
}
