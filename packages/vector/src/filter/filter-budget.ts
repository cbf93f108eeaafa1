import { vectorErrors } from '../errors.ts';
import { vectorLimits } from '../limits.ts';

/**
 * How many steps one filter has taken so far. A step is about what an automaton needs for one character
 * of a document: 4 to 6 ns; everything else is counted in these as it was measured.
 */
export type FilterBudget = { steps: number };

/** Counts steps. @throws `FILTER_TOO_COSTLY` when these are too many */
export function chargeSteps(budget: FilterBudget, steps: number): void {
  budget.steps += steps;
  if (budget.steps <= vectorLimits.values.filterSteps) return;
  throw vectorErrors.create('FILTER_TOO_COSTLY', 'it has too many conditions for so many records');
}

/** Counts steps taken for a text or an expression. @throws `FILTER_TOO_COSTLY` */
export function chargeText(budget: FilterBudget, steps: number, text: string): void {
  budget.steps += steps;
  if (budget.steps <= vectorLimits.values.filterSteps) return;
  const shown = text.slice(0, vectorLimits.values.regexChars);
  throw vectorErrors.create('FILTER_TOO_COSTLY', `it looks for ${shown}`, { pattern: shown });
}
