import type { DiagnosticSink } from '../syntax/diagnostics.ts';
import type { Span } from '../syntax/source.ts';
import type { BuiltinSignature } from './builtin-signatures.ts';
import type { Expression } from './tree.ts';

/** Whether a call has as many arguments as it may have; reports it otherwise. */
export function checkCount(
  { least, most }: { readonly least: number; readonly most: number },
  actual: number,
  name: string,
  span: Span,
  sink: DiagnosticSink,
): boolean {
  if (actual >= least && actual <= most) return true;
  const count = least === most ? String(most) : `${least} to ${most}`;
  const noun = most === 1 ? 'argument' : 'arguments';
  sink.report('ARGUMENT_COUNT', span, `${name} takes ${count} ${noun}, not ${actual}`);
  return false;
}

/** The arguments of a builtin with null for those that are left out; undefined when it is called wrongly. */
export function padArguments(
  { name, parameters, optional }: BuiltinSignature,
  values: readonly Expression[],
  span: Span,
  sink: DiagnosticSink,
): readonly Expression[] | undefined {
  const most = parameters.length;
  if (!checkCount({ least: most - optional, most }, values.length, name, span, sink)) {
    return undefined;
  }
  const missing = Array.from({ length: most - values.length }, () => nullAt(span));
  return [...values, ...missing];
}

/** Null, as if it were written. */
export function nullAt(span: Span): Expression {
  return { kind: 'literal', value: null, span };
}
