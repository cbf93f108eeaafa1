import {
  type CompiledContract,
  compile,
  type Diagnostic,
  formatDiagnostic,
  locate,
  type SourceFile,
  selectContract,
  zexusErrors,
} from '@lucerna/zexus';
import { writeNote } from '../output.ts';

export type CompileSourceOptions = {
  /** Which contract of the file; needed when there are several. */
  readonly contract: string | undefined;
  /** Diagnostics as JSON lines. */
  readonly json: boolean;
  /** Whether to leave out the source map. Default: false. */
  readonly strip?: boolean | undefined;
};

/**
 * The contract in a source text. What is wrong or doubtful about the text goes to stderr.
 *
 * @throws `COMPILE_FAILED`, `CONTRACT_MISSING`, `CONTRACT_AMBIGUOUS`
 */
export function compileSource(source: SourceFile, options: CompileSourceOptions): CompiledContract {
  const compilation = compile(source, { sourceMap: options.strip !== true });
  let errors = 0;
  for (const diagnostic of compilation.diagnostics) {
    if (diagnostic.severity === 'error') errors += 1;
    writeNote(
      options.json ? diagnosticLine(source, diagnostic) : formatDiagnostic(source, diagnostic),
    );
  }
  if (errors > 0) {
    const detail = `${source.name} has ${errors} ${errors === 1 ? 'error' : 'errors'}`;
    throw zexusErrors.create('COMPILE_FAILED', detail, { errors });
  }
  return selectContract(source, compilation, options.contract);
}

/** A diagnostic for editors and scripts: lines and columns count from 1, columns in code points. */
function diagnosticLine(source: SourceFile, diagnostic: Diagnostic): string {
  const { code, severity, message, span, hint } = diagnostic;
  const start = locate(source, span.start);
  const end = locate(source, span.end);
  return JSON.stringify({
    severity,
    code,
    message,
    file: source.name,
    line: start.line,
    column: start.column,
    endLine: end.line,
    endColumn: end.column,
    ...(hint === undefined ? {} : { hint }),
  });
}
