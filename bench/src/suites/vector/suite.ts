import type { Suite } from '../../harness.ts';
import { buildCase } from './build-case.ts';
import { filterCases } from './filter-cases.ts';
import { graphCases } from './graph-cases.ts';
import { httpCase } from './http-case.ts';
import { largeCases } from './large-cases.ts';

/** The vector database: graph, exact search, filters, additions, the HTTP server. */
export const vectorSuite: Suite = {
  name: 'vector',
  cases: [buildCase, ...graphCases, ...filterCases, ...largeCases, httpCase],
};
