import { zexusErrors } from '../errors.ts';
import { formatDiagnostic } from '../syntax/diagnostics.ts';
import type { SourceFile } from '../syntax/source.ts';
import type { Compilation, CompiledContract } from './compile.ts';

/**
 * The contract called `name`, or the only one of the file.
 *
 * @throws `COMPILE_FAILED` with the formatted errors, `CONTRACT_MISSING`, `CONTRACT_AMBIGUOUS`
 */
export function selectContract(
  source: SourceFile,
  { contracts, diagnostics }: Compilation,
  name?: string,
): CompiledContract {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) {
    const text = errors.map((diagnostic) => formatDiagnostic(diagnostic)).join('\n');
    throw zexusErrors.create('COMPILE_FAILED', `\n${text}`, { diagnostics: text });
  }
  const names = contracts.map((contract) => contract.name).join(', ');
  const [first, second] = contracts;
  if (name === undefined && second !== undefined) {
    throw zexusErrors.create('CONTRACT_AMBIGUOUS', `${source.name} has ${names}`);
  }
  const found = name === undefined ? first : contracts.find((contract) => contract.name === name);
  if (found !== undefined) return found;
  const wanted = name === undefined ? '' : ` ${name}; it has ${names === '' ? 'none' : names}`;
  throw zexusErrors.create('CONTRACT_MISSING', `${source.name} has no contract${wanted}`);
}
