import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { languagePages } from '../../tools/src/docs/language.ts';

test.each(Object.entries(languagePages()))(
  '%s is current: npm run docs writes it',
  (path, text) => {
    const written = readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
    expect(written).toBe(text);
  },
);
