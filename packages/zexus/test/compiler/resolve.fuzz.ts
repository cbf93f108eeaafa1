import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runs } from '../../../../tools/src/fuzz-runs.ts';
import { compile } from '../../src/compiler/compile.ts';
import { formatDiagnostic } from '../../src/syntax/diagnostics.ts';
import { program, style } from '../syntax/arbitrary-program.ts';
import { Printer } from '../syntax/print-program.ts';

it('says what is wrong with any program, and never throws', () => {
  let reported = 0;
  fc.assert(
    fc.property(program, style, (tree, how) => {
      const source = { name: 'any.zx', text: new Printer(how).program(tree) };
      const library = { name: 'library.zx', text: 'contract C {}\naction f() {}\nenum E { A }' };
      const once = compile(source, { files: () => library });
      const again = compile(source, { files: () => library });
      expect(again).toEqual(once);
      for (const diagnostic of once.diagnostics) {
        expect(formatDiagnostic(diagnostic)).toContain(diagnostic.code);
        reported += 1;
      }
      const hasErrors = once.diagnostics.some(({ severity }) => severity === 'error');
      if (hasErrors) expect(once.contracts).toEqual([]);
      else expect(once.contracts).toHaveLength(tree.contracts.length);
    }),
    runs(150),
  );
  expect(reported).toBeGreaterThan(0);
});
