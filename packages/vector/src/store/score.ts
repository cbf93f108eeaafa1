import type { Metric } from '../metric.ts';

/**
 * A distance as a score, of which larger is better.
 *
 * | metric | score | range |
 * |---|---|---|
 * | `cosine` | (1 + cosine) / 2 | 0…1; 1 for the same direction, ½ for a right angle |
 * | `l2` | 1 / (1 + distance), the distance being the sum of the squared differences | 0…1 |
 * | `ip` | the dot product | any |
 */
export function scoreOf(metric: Metric, distance: number): number {
  switch (metric) {
    case 'cosine':
      // Rounding may lead a little beyond both ends.
      return Math.min(1, Math.max(0, 1 - distance / 2));
    case 'l2':
      return 1 / (1 + distance);
    case 'ip':
      return 1 - distance;
  }
}
