import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ErrorRegistry, LimitRegistry } from '@lucerna/base';

/** The part of a registry that a page shows. */
export type DocumentedErrors = Pick<ErrorRegistry, 'area' | 'definitions'>;
export type DocumentedLimits = Pick<LimitRegistry, 'area' | 'definitions'>;

export type Registries = {
  readonly errors: readonly DocumentedErrors[];
  readonly limits: readonly DocumentedLimits[];
};

/** Collects what the packages and apps declare in `src/errors.ts` and `src/limits.ts`. */
export async function loadRegistries(root: string): Promise<Registries> {
  const folders = ['packages', 'apps'].flatMap((group) =>
    readdirSync(join(root, group))
      .sort()
      .map((name) => join(root, group, name)),
  );
  const errors: DocumentedErrors[] = [];
  const limits: DocumentedLimits[] = [];
  for (const folder of folders) {
    errors.push(...(await exportedFrom(join(folder, 'src/errors.ts'))).filter(isErrorRegistry));
    limits.push(...(await exportedFrom(join(folder, 'src/limits.ts'))).filter(isLimitRegistry));
  }
  return { errors, limits };
}

async function exportedFrom(path: string): Promise<readonly unknown[]> {
  if (!existsSync(path)) return [];
  const module: Readonly<Record<string, unknown>> = await import(pathToFileURL(path).href);
  return Object.values(module);
}

function isErrorRegistry(value: unknown): value is ErrorRegistry {
  return kindOf(value) === 'error-registry';
}

function isLimitRegistry(value: unknown): value is LimitRegistry {
  return kindOf(value) === 'limit-registry';
}

function kindOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined;
}
