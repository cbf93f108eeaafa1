import { apiLimits } from '../limits.ts';
import { invalid } from './errors.ts';

const CHARACTERS = /^[a-zA-Z0-9][a-zA-Z0-9._-]*[a-zA-Z0-9]$/;
const IP_ADDRESS = /^\d{1,3}(?:\.\d{1,3}){3}$/;
const MIN_CHARS = 3;

/**
 * Refuses what is no name of a collection or database in Chroma, in its words.
 *
 * @param prefix begins the message, such as `Validation error: name: `
 * @throws `CHROMA_ARGUMENT_INVALID`
 */
export function checkName(name: string, prefix: string): void {
  const fault = faultOf(name);
  if (fault !== undefined) throw invalid(`${prefix}${fault}`);
}

/** The same for a tenant, whose name only has to be long enough. */
export function checkTenantName(name: string): void {
  const max = apiLimits.values.chromaNameChars;
  if (name.length >= MIN_CHARS && name.length <= max) return;
  throw invalid(
    `Validation error: name: Validation error: length [{"min": ${MIN_CHARS}, "max": ${max}}]`,
  );
}

function faultOf(name: string): string | undefined {
  const max = apiLimits.values.chromaNameChars;
  if (name.length < MIN_CHARS || name.length > max || !CHARACTERS.test(name)) {
    return `Expected a name containing ${MIN_CHARS}-${max} characters from [a-zA-Z0-9._-], starting and ending with a character in [a-zA-Z0-9]. Got: ${name.slice(0, max)}`;
  }
  if (name.includes('..')) {
    return `Expected a name that does not contains two consecutive periods (..). Got ${name}`;
  }
  if (IP_ADDRESS.test(name)) return `Expected a name that is not a valid ip address. Got ${name}`;
  return undefined;
}
