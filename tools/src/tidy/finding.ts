/** One place that breaks a rule. */
export type Finding = {
  readonly rule: string;
  readonly path: string;
  /** 1-based; 0 when the finding is about the file as a whole. */
  readonly line: number;
  readonly message: string;
  readonly severity: 'error' | 'warning';
};

type Text = { readonly path: string; readonly text: string };

/** A finding at an offset of a text. */
export function findingAt(
  { path, text }: Text,
  offset: number,
  rule: string,
  message: string,
): Finding {
  return { rule, path, line: lineOf(text, offset), message, severity: 'error' };
}

/** A finding about a file as a whole. */
export function findingIn(path: string, rule: string, message: string): Finding {
  return { rule, path, line: 0, message, severity: 'error' };
}

/** One line as editors and terminals link it. */
export function formatFinding({ path, line, rule, message }: Finding): string {
  const place = line === 0 ? path : `${path}:${line}`;
  return `${place} ${message} [${rule}]`;
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
