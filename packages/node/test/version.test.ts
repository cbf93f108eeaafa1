import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { CLIENT_VERSION, DEV_CLIENT_VERSION, VERSION } from '../src/version.ts';

it('is the version of the package', () => {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  );
  expect(manifest).toMatchObject({ version: VERSION });
  expect(CLIENT_VERSION).toBe(`lucerna/v${VERSION}`);
  expect(DEV_CLIENT_VERSION).toBe(`anvil-compatible-lucerna/v${VERSION}`);
});
