import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { assert } from '@lucerna/base';
import { type Compilation, compile, type FindFile, STANDARD_LIBRARY } from '@lucerna/zexus';
import type { SourceFile } from '../../../../packages/zexus/src/syntax/source.ts';

const programs = fileURLToPath(
  new URL('../../../../packages/zexus/test/compiler/golden/', import.meta.url),
);

/** Files that programs use lie in a folder beside them. */
const findFile: FindFile = (path, from) => {
  const name = from.name.startsWith('lib/') ? join(dirname(from.name), path) : path;
  if (!existsSync(`${programs}${name}`)) return undefined;
  return { name, text: readFileSync(`${programs}${name}`, 'utf8') };
};

/** The standard library and the programs of the compiler's tests. */
export function corpus(): readonly SourceFile[] {
  const names = readdirSync(programs).filter((name) => name.endsWith('.zx'));
  return [
    ...[...STANDARD_LIBRARY].map(([name, text]) => ({ name: `${name}.zx`, text })),
    ...names.map((name) => ({ name, text: readFileSync(`${programs}${name}`, 'utf8') })),
  ];
}

export function compileSource(source: SourceFile, sourceMap: boolean): Compilation {
  const compilation = compile(source, { files: findFile, sourceMap });
  const error = compilation.diagnostics.find(({ severity }) => severity === 'error');
  assert(error === undefined, `${source.name} compiles: ${error?.message}`);
  return compilation;
}
