import type { Method } from '@lucerna/api';
import { present } from '@lucerna/base';
import { type DiagnosticExample, inPlace } from './diagnostic-examples.ts';
import { page, section, table } from './markdown.ts';
import type { DocumentedErrors, DocumentedLimits } from './registries.ts';

/** The reference page of error codes. */
export function errorsPage(registries: readonly DocumentedErrors[]): string {
  const sections = byArea(registries).map(({ area, definitions }) => {
    const rows = Object.entries(definitions)
      .sort(byKey)
      .map(([code, { summary, remedy }]) => [`\`${code}\``, summary, remedy]);
    return section(area, ['Code', 'What happened', 'What to do'], rows);
  });
  const introduction =
    'Every failure that a correct program can meet carries one of these codes. Match on the code; ' +
    'the text may change.';
  return page('Errors', introduction, sections);
}

/** The reference page of limits. */
export function limitsPage(registries: readonly DocumentedLimits[]): string {
  const sections = byArea(registries).map(({ area, definitions }) => {
    const rows = Object.entries(definitions)
      .sort(byKey)
      .map(([name, { value, unit, why }]) => [`\`${name}\``, grouped(value), unit, why]);
    return section(area, ['Limit', 'Value', 'Unit', 'Why'], rows);
  });
  const introduction = 'Nothing grows without a bound. These are the bounds, by package.';
  return page('Limits', introduction, sections);
}

/** The reference page of the compiler's diagnostics. */
export function diagnosticsPage(
  codes: Readonly<Record<string, string>>,
  examples: Readonly<Record<string, DiagnosticExample>>,
): string {
  const rows = Object.entries(codes)
    .sort(byKey)
    .map(([code, meaning]) => {
      const { wrong, right, words } = present(examples[code], 'each code has an example');
      return [`\`${code}\``, meaning, ...(words ?? [`\`${wrong}\``, `\`${right}\``])];
    });
  const introduction =
    'What the compiler of contracts can say about a source. Each report names the file, the line and ' +
    'the column, shows the line and ends with the code in brackets; most have a hint. All errors of a file ' +
    'are reported in one pass. The examples stand in a file, or as member or statement in this contract; ' +
    'a test compiles each of them.';
  const frame = inPlace('members', '…').replace(/\n {4}\n/, '\n    …\n');
  return page('Diagnostics', introduction, [
    `\`\`\`text\n${frame}\`\`\``,
    table(['Code', 'Meaning', 'Like this', 'Mended'], rows),
  ]);
}

/** What the page of the API shows of a method. */
export type DocumentedMethod = Pick<
  Method,
  'name' | 'aliases' | 'summary' | 'params' | 'result' | 'restricted'
>;

/** The reference page of the JSON-RPC methods, and of those that are left out on purpose. */
export function rpcPage(
  methods: readonly DocumentedMethod[],
  unsupported: Readonly<Record<string, string>>,
): string {
  const groups = new Map<string, DocumentedMethod[]>();
  for (const method of methods) {
    const group = method.name.split(/[_.]/, 1)[0] ?? method.name;
    groups.set(group, [...(groups.get(group) ?? []), method]);
  }
  const sections = [...groups].sort(byKey).map(([group, members]) => {
    const rows = [...members]
      .sort((a, b) => byKey([a.name, a], [b.name, b]))
      .map((method) => [
        [method.name, ...method.aliases].map((name) => `\`${name}\``).join('<br>'),
        method.summary,
        method.params.map(describeParam).join('<br>'),
        `\`${method.result.name}\`: ${method.result.summary}`,
        method.restricted ? 'yes' : '',
      ]);
    return section(group, ['Method', 'What it does', 'Arguments', 'Result', 'Restricted'], rows);
  });
  const refused = Object.entries(unsupported)
    .sort(byKey)
    .map(([name, reason]) => [`\`${name}\``, reason]);
  const introduction =
    'The methods of the JSON-RPC API. `rpc.discover` answers the same as an OpenRPC document, with ' +
    'the JSON schema of every argument and result. Names below one another mean the same method. ' +
    'Arguments are positional; those with a question mark may be left out or null. Restricted methods ' +
    'are refused to pages of other origins. `anvil_*`, `evm_*` and their other names exist on dev ' +
    'chains only.';
  return page('JSON-RPC', introduction, [
    ...sections,
    section('Not available', ['Method', 'Why'], refused),
  ]);
}

function describeParam({ name, form, required, summary }: Method['params'][number]): string {
  return `\`${name}${required ? '' : '?'}\`: ${summary} (${form.expected})`;
}

function byArea<R extends { readonly area: string }>(registries: readonly R[]): readonly R[] {
  return [...registries].sort((a, b) => (a.area < b.area ? -1 : 1));
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

/** 1000000 is hard to read and 1,000,000 is not. */
function grouped(value: number): string {
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, ',');
}
