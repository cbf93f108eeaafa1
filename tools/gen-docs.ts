// Writes the reference pages that follow from the code, and the module with the texts of the contract
// language's standard library; with --check it only says which are stale.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { distinctMethods, METHODS, UNSUPPORTED_METHODS } from '@lucerna/api';
import { diagnosticCodes } from '@lucerna/zexus';
import { DIAGNOSTIC_EXAMPLES } from './src/docs/diagnostic-examples.ts';
import { languagePages } from './src/docs/language.ts';
import { diagnosticsPage, errorsPage, limitsPage, rpcPage } from './src/docs/pages.ts';
import { loadRegistries } from './src/docs/registries.ts';
import { standardLibraryModule } from './src/docs/standard-library.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const checkOnly = process.argv.includes('--check');

function readIfPresent(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

const { errors, limits } = await loadRegistries(root);
const pages: Readonly<Record<string, string>> = {
  ...languagePages(),
  ...standardLibraryModule(root),
  'docs/reference/diagnostics.md': diagnosticsPage(diagnosticCodes, DIAGNOSTIC_EXAMPLES),
  'docs/reference/errors.md': errorsPage(errors),
  'docs/reference/limits.md': limitsPage(limits),
  'docs/reference/rpc.md': rpcPage(distinctMethods(METHODS.values()), UNSUPPORTED_METHODS),
};

for (const [name, text] of Object.entries(pages)) {
  const path = join(root, name);
  if (readIfPresent(path) === text) continue;
  if (checkOnly) {
    console.log(`${name} is out of date: run npm run docs`);
    process.exitCode = 1;
  } else {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    console.log(`wrote ${name}`);
  }
}
