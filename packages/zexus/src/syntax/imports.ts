import type { Identifier, UseDeclaration, UsedName } from './ast.ts';
import { expectStatementEnd } from './braces.ts';
import type { TokenCursor } from './cursor.ts';
import { isOneOf } from './recovery.ts';

/**
 * `use "file"`, `use "file" as alias`, `use { name, name as other } from "file"`; the braces may be left
 * out. `import` is another word for `use`.
 */
export function parseUse(cursor: TokenCursor): UseDeclaration {
  const { start } = cursor.advance();
  if (cursor.current.kind === 'string') {
    const path = parsePath(cursor);
    const alias = cursor.acceptWord('as') ? cursor.expectName('of the file') : undefined;
    return finish(cursor, { path, alias, names: undefined, span: cursor.spanFrom(start) });
  }
  const names = parseUsedNames(cursor);
  if (!cursor.acceptWord('from')) {
    cursor.fail('EXPECTED_SYMBOL', 'expected `from` and the path of a file');
  }
  const path = parsePath(cursor);
  return finish(cursor, { path, alias: undefined, names, span: cursor.spanFrom(start) });
}

/** `from "file" use { name, name as other }` */
export function parseFrom(cursor: TokenCursor): UseDeclaration {
  const { start } = cursor.advance();
  const path = parsePath(cursor);
  if (!cursor.acceptWord('use') && !cursor.acceptWord('import')) {
    cursor.fail('EXPECTED_SYMBOL', 'expected `use` and the names');
  }
  const names = parseUsedNames(cursor);
  return finish(cursor, { path, alias: undefined, names, span: cursor.spanFrom(start) });
}

function finish(cursor: TokenCursor, declaration: UseDeclaration): UseDeclaration {
  expectStatementEnd(cursor);
  return declaration;
}

function parsePath(cursor: TokenCursor): UseDeclaration['path'] {
  const { kind, text, start, end } = cursor.current;
  if (kind !== 'string') {
    return cursor.fail('EXPECTED_PATH', 'expected the path of a file', {
      hint: 'write it in quotes: "lib/token.zx"',
    });
  }
  cursor.advance();
  return { text, span: { start, end } };
}

function parseUsedNames(cursor: TokenCursor): readonly UsedName[] {
  return parseNames(cursor, () => {
    const name = cursor.expectName('to use', true);
    return { name, local: cursor.acceptWord('as') ? cursor.expectName('to use it by') : name };
  });
}

/** `export { name, name }` or `export name`, behind the word. */
export function parseExportedNames(cursor: TokenCursor): readonly Identifier[] {
  const names = parseNames(cursor, () => cursor.expectName('to export', true));
  expectStatementEnd(cursor);
  return names;
}

/** What `parse` reads, with commas or new lines between, in braces or without. */
function parseNames<T>(cursor: TokenCursor, parse: () => T): readonly T[] {
  const names: T[] = [];
  if (!cursor.acceptSymbol('{')) {
    do {
      names.push(parse());
    } while (cursor.acceptSymbol(','));
    return names;
  }
  cursor.braced(() => {
    while (!cursor.isSymbol('}')) {
      names.push(parse());
      const isSeparated = cursor.acceptSymbol(',') || cursor.startsLine();
      if (!isSeparated && !isOneOf(cursor.current, '}')) break;
    }
    cursor.expectSymbol('}', 'behind the names');
  });
  return names;
}
