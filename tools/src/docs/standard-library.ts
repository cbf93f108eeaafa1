import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = 'packages/zexus/std';
const SUFFIX = '.zx';

/** The module with the texts of the contract language's standard library, by its path from the root. */
export function standardLibraryModule(root: string): Readonly<Record<string, string>> {
  const folder = join(root, FOLDER);
  const names = readdirSync(folder).filter((name) => name.endsWith(SUFFIX));
  const files = names.sort().map((name) => {
    return [name.slice(0, -SUFFIX.length), readFileSync(join(folder, name), 'utf8')] as const;
  });
  return { 'packages/zexus/src/std/standard-files.ts': standardFilesModule(files) };
}

/** The texts by name as a module that needs no file system. */
export function standardFilesModule(
  files: readonly (readonly [name: string, text: string])[],
): string {
  const lines = files.map(([name, text]) => `  ${name}: \`${escaped(text)}\`,\n`);
  return [
    `// Made from ${FOLDER}/*${SUFFIX} by \`npm run docs\`: change those.\n\n`,
    '/** The texts of the standard library by the name behind `zexus:`. */\n',
    'export const STANDARD_FILES: Readonly<Record<string, string>> = {\n',
    ...lines,
    '};\n',
  ].join('');
}

/** As it stands between backquotes. */
function escaped(text: string): string {
  return text.replaceAll(/[\\`]|\$(?=\{)/g, '\\$&');
}
