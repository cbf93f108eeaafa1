import {
  BUILTIN_ALIASES,
  BUILTIN_DOCS,
  BUILTIN_SIGNATURES,
  FORBIDDEN_FUNCTIONS,
  FUNCTION_FORMS,
  METHOD_ALIASES,
  METHOD_SIGNATURES,
  OPCODE_DOCS,
  OPCODES,
  TX_FIELDS,
} from '@lucerna/zexus';
import { builtinsPage, opcodesPage } from './language-pages.ts';

/** The reference pages of the contract language by their path. */
export function languagePages(): Readonly<Record<string, string>> {
  return {
    'docs/reference/builtins.md': builtinsPage({
      docs: BUILTIN_DOCS,
      signatures: BUILTIN_SIGNATURES,
      aliases: BUILTIN_ALIASES,
      methods: METHOD_SIGNATURES,
      methodAliases: METHOD_ALIASES,
      forms: FUNCTION_FORMS,
      forbidden: FORBIDDEN_FUNCTIONS,
    }),
    'docs/reference/opcodes.md': opcodesPage(OPCODES, OPCODE_DOCS, TX_FIELDS),
  };
}
