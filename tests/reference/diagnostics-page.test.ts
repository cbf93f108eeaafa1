import { compile, diagnosticCodes } from '@lucerna/zexus';
import { expect, it, test } from 'vitest';
import {
  DIAGNOSTIC_EXAMPLES,
  exampleFile,
  inPlace,
} from '../../tools/src/docs/diagnostic-examples.ts';

function diagnosticsOf(text: string): ReturnType<typeof compile>['diagnostics'] {
  return compile({ name: 'example.zx', text }, { files: exampleFile }).diagnostics;
}

it('has an example of every code, in their order', () => {
  expect(Object.keys(DIAGNOSTIC_EXAMPLES)).toEqual(Object.keys(diagnosticCodes));
});

test.each(Object.entries(DIAGNOSTIC_EXAMPLES))('%s', (code, { place, wrong, right }) => {
  expect(diagnosticsOf(inPlace(place, wrong)).map((each) => each.code)).toContain(code);
  const mended = diagnosticsOf(inPlace(place, right));
  expect(mended.filter((each) => each.code === code || each.severity === 'error')).toEqual([]);
});
