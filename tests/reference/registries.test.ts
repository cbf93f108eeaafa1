import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { loadRegistries } from '../../tools/src/docs/registries.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { errors, limits } = await loadRegistries(root);

function repeated(names: readonly string[]): readonly string[] {
  return names.filter((name, at) => names.indexOf(name) !== at);
}

test('the registries of the packages are found', () => {
  expect(errors.map(({ area }) => area)).toContain('base');
});

test('an error code means one thing in the whole tree', () => {
  expect(repeated(errors.flatMap(({ definitions }) => Object.keys(definitions)))).toEqual([]);
});

test('an area has one registry of each kind', () => {
  expect(repeated(errors.map(({ area }) => area))).toEqual([]);
  expect(repeated(limits.map(({ area }) => area))).toEqual([]);
});

test('every code says in full sentences what happened and what to do', () => {
  for (const { definitions } of errors) {
    for (const [code, { summary, remedy }] of Object.entries(definitions)) {
      expect(code).toMatch(/^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*$/);
      expect(summary.trim(), code).not.toBe('');
      expect(remedy, code).toMatch(/[.?]$/);
    }
  }
});

test('every limit is a number with a unit and a reason', () => {
  for (const { area, definitions } of limits) {
    for (const [name, { value, unit, why }] of Object.entries(definitions)) {
      expect(value >= 0, `${area} ${name}`).toBe(true);
      expect(unit.trim(), `${area} ${name}`).not.toBe('');
      expect(why.trim(), `${area} ${name}`).not.toBe('');
    }
  }
});
