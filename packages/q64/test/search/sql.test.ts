import { DatabaseSync } from 'node:sqlite';
import { seededRandom } from '@lucerna/base';
import { describe, expect, it } from 'vitest';
import { encodeQ64 } from '../../src/q64.ts';
import { fragmentAlignment, fragmentsOf } from '../../src/search/fragment.ts';
import { globPattern, likePattern } from '../../src/search/sql-patterns.ts';
import { groupTokens, positionTokens } from '../../src/search/tokens.ts';
import { expectCode } from '../codes.ts';

/** Texts of few different bytes, so that pieces of one are in others. */
function makeTexts(): readonly string[] {
  const random = seededRandom(3);
  return Array.from({ length: 200 }, () =>
    encodeQ64(
      Uint8Array.from({ length: 24 }, () => [0x0f, 0xf0, 0xff, 0x5f][random.below(4)] ?? 0),
    ),
  );
}

function rowsOf(database: DatabaseSync, sql: string, ...values: readonly string[]): number[] {
  return database
    .prepare(sql)
    .all(...values)
    .map((row) => Number(row['id']));
}

function containing(texts: readonly string[], piece: string): readonly number[] {
  return texts.flatMap((text, id) => (text.includes(piece) ? [id] : []));
}

describe('in SQLite', () => {
  const texts = makeTexts();
  const database = new DatabaseSync(':memory:');
  database.exec(`
    CREATE TABLE embeddings (id INTEGER PRIMARY KEY, code TEXT NOT NULL);
    CREATE TABLE tokens (token TEXT NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (token, id)) WITHOUT ROWID;
    CREATE VIRTUAL TABLE trigrams USING fts5(code, tokenize = 'trigram case_sensitive 1');
  `);
  const addText = database.prepare('INSERT INTO embeddings VALUES (?, ?)');
  const addToken = database.prepare('INSERT INTO tokens VALUES (?, ?)');
  const addTrigrams = database.prepare('INSERT INTO trigrams (rowid, code) VALUES (?, ?)');
  for (const [id, text] of texts.entries()) {
    addText.run(id, text);
    addTrigrams.run(id, text);
    for (const token of groupTokens(text)) addToken.run(token, id);
  }
  const pieces = texts
    .slice(0, 40)
    .flatMap((text, start) => [2, 4, 7, 8, 11, 12].map((size) => text.slice(start, start + size)))
    .filter((piece) => piece.length > 0);

  it('GLOB finds exactly the texts with the piece, LIKE does once it tells case', () => {
    expect(pieces.some((piece) => piece.includes('_'))).toBe(true);
    for (const piece of pieces) {
      const expected = containing(texts, piece);
      const glob = 'SELECT id FROM embeddings WHERE code GLOB ? ORDER BY id';
      expect(rowsOf(database, glob, globPattern(piece))).toEqual(expected);
      database.exec('PRAGMA case_sensitive_like = ON');
      const like = "SELECT id FROM embeddings WHERE code LIKE ? ESCAPE '!' ORDER BY id";
      expect(rowsOf(database, like, likePattern(piece))).toEqual(expected);
      const other = "SELECT id FROM embeddings WHERE code LIKE ? ESCAPE '\\' ORDER BY id";
      expect(rowsOf(database, other, likePattern(piece, { escape: '\\' }))).toEqual(expected);
      database.exec('PRAGMA case_sensitive_like = OFF');
    }
  });

  it('the escape matters, and so does the case', () => {
    const count = (operand: string): unknown =>
      database.prepare(`SELECT ${operand} AS found`).get()?.['found'];
    // 0xff at an odd place is `v_`: unescaped it finds 0xf4, `v0`, too.
    expect(count("'AQv0' LIKE '%v_%'")).toBe(1);
    expect(count(`'AQv0' LIKE '${likePattern('v_')}' ESCAPE '!'`)).toBe(0);
    expect(count(`'AQv_' LIKE '${likePattern('v_')}' ESCAPE '!'`)).toBe(1);
    // Without case the alphabets are one: a piece that can only stand at 0 is found at 1.
    expect(count(`'Oav0' LIKE '${likePattern('A')}' ESCAPE '!'`)).toBe(1);
    expect(count(`'Oav0' GLOB '${globPattern('A')}'`)).toBe(0);
  });

  it('a piece at the start or at the end', () => {
    const text = texts[0] as string;
    for (const [piece, at] of [
      [text.slice(0, 6), 'start'],
      [text.slice(-7), 'end'],
    ] as const) {
      const expected = texts.flatMap((other, id) =>
        (at === 'start' ? other.startsWith(piece) : other.endsWith(piece)) ? [id] : [],
      );
      const glob = 'SELECT id FROM embeddings WHERE code GLOB ? ORDER BY id';
      expect(rowsOf(database, glob, globPattern(piece, { at }))).toEqual(expected);
    }
    expect(likePattern('AQv_', { at: 'start' })).toBe('AQv!_%');
    expect(likePattern('v_AQ', { at: 'end' })).toBe('%v!_AQ');
    expectCode('Q64_CHARACTER_MISPLACED', () => likePattern('v_AQ', { at: 'start' }));
    const at: unknown = 'middle';
    expectCode('Q64_ARGUMENT_INVALID', () => likePattern('AQ', { at: at as 'end' }));
  });

  it('a table of tokens finds candidates by its index, among them all that have the piece', () => {
    const find = (groups: readonly string[]): string =>
      `SELECT id FROM tokens WHERE token IN (${groups.map(() => '?').join(', ')})
       GROUP BY id HAVING count(*) = ${groups.length} ORDER BY id`;
    for (const piece of pieces) {
      const groups = groupTokens(piece);
      if (groups.length === 0) continue;
      const candidates = rowsOf(database, find(groups), ...groups);
      expect(candidates).toEqual(expect.arrayContaining([...containing(texts, piece)]));
      const verified = `${find(groups).replace(' ORDER BY id', '')} INTERSECT
        SELECT id FROM embeddings WHERE code GLOB ? ORDER BY id`;
      expect(rowsOf(database, verified, ...groups, globPattern(piece))).toEqual(
        containing(texts, piece),
      );
    }
    const plan = database.prepare(`EXPLAIN QUERY PLAN ${find(['?'])}`).all('AQgw');
    expect(plan.map((row) => String(row['detail'])).join()).toContain('PRIMARY KEY (token=?)');
  });

  it('a prefix of a code reads a range of an ordinary index', () => {
    database.exec('CREATE TABLE cells (cell TEXT NOT NULL); CREATE INDEX by_cell ON cells (cell)');
    const plan = database
      .prepare('EXPLAIN QUERY PLAN SELECT cell FROM cells WHERE cell GLOB ?')
      .all(globPattern('AQg', { at: 'start' }));
    expect(String(plan[0]?.['detail'])).toMatch(/SEARCH cells USING .* \(cell>\? AND cell<\?\)/);
  });

  it('an index of trigrams that keeps the case serves GLOB', () => {
    const sql = 'SELECT rowid AS id FROM trigrams WHERE code GLOB ? ORDER BY id';
    for (const piece of pieces) {
      expect(rowsOf(database, sql, globPattern(piece))).toEqual(containing(texts, piece));
    }
    const plan = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all('*AQgw*');
    expect(String(plan[0]?.['detail'])).toMatch(/VIRTUAL TABLE INDEX \d+:G0/);
  });
});

describe('pieces', () => {
  it('say where they can stand', () => {
    expect(['AQgx', 'QgxA', 'gxAS', 'xASg'].map(fragmentAlignment)).toEqual([0, 1, 2, 3]);
    expectCode('Q64_ARGUMENT_INVALID', () => fragmentAlignment(''));
    expectCode('Q64_CHARACTER_INVALID', () => fragmentAlignment('A!'));
    expectCode('Q64_CHARACTER_INVALID', () => fragmentAlignment('.Q'));
    expectCode('Q64_CHARACTER_MISPLACED', () => fragmentAlignment('AQAQ'));
  });

  it('bytes are one of two pieces, wherever they are', () => {
    const bytes = Uint8Array.of(0xde, 0xad, 0xbe);
    const { even, odd } = fragmentsOf(bytes);
    expect([even, odd].map(fragmentAlignment)).toEqual([0, 2]);
    for (let before = 0; before < 5; before += 1) {
      const text = encodeQ64(Uint8Array.of(...new Uint8Array(before), ...bytes, 1));
      expect(text.includes(before % 2 === 0 ? even : odd)).toBe(true);
      expect(text.includes(before % 2 === 0 ? odd : even)).toBe(false);
    }
    const list: unknown = [1];
    expectCode('Q64_ARGUMENT_INVALID', () => fragmentsOf(list as Uint8Array));
  });

  it.each(['', '!!', '%', '_', 'A', '9', '-'])('%j cannot escape', (mark) => {
    expectCode('Q64_ARGUMENT_INVALID', () => likePattern('AQ', { escape: mark }));
  });
});

describe('tokens', () => {
  it('carry their position', () => {
    expect(positionTokens('AQgxASgzAU')).toEqual(['0:AQgx', '4:ASgz', '8:AU']);
    expect(positionTokens('AQgwAQgw', { size: 2 })).toEqual(['0:AQ', '2:gw', '4:AQ', '6:gw']);
    expect(positionTokens('')).toEqual([]);
    expectCode('Q64_CHARACTER_MISPLACED', () => positionTokens('QA'));
    for (const size of [0, -4, 1.5, Number.NaN]) {
      expectCode('Q64_ARGUMENT_INVALID', () => positionTokens('AQ', { size }));
    }
  });

  it('of groups are those of the whole text', () => {
    expect(groupTokens('AQgxAQgxASgz')).toEqual(['AQgx', 'ASgz']);
    expect(groupTokens('gxASgzAUgx')).toEqual(['ASgz', 'AUgx']);
    expect(groupTokens('xASg')).toEqual([]);
  });
});
