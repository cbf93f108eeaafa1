import { BUILTIN_GROUPS, type BuiltinDoc } from './builtin-doc.ts';
import { FUNCTION_DOCS } from './builtin-docs-functions.ts';
import { VALUE_DOCS } from './builtin-docs-values.ts';

/** One row for each builtin, in the order of the page. */
export const BUILTIN_DOCS: readonly BuiltinDoc[] = BUILTIN_GROUPS.flatMap((group) =>
  [VALUE_DOCS, FUNCTION_DOCS].flatMap((docs) =>
    Object.entries(docs[group] ?? {}).map(([name, [meaning, gas, errors, example, gives]]) => ({
      name,
      group,
      meaning,
      gas,
      errors,
      example,
      gives,
    })),
  ),
);

/** Forms of the language that are written like functions, and what they are compiled to. */
export const FUNCTION_FORMS: Readonly<Record<string, string>> = {
  'emit Name(…)': 'Logs an event: `EMIT`.',
  'log(value)': 'Logs a value, several as a list, with the topic of `Log(bytes)`: `EMIT_EVENT`.',
  'audit_log(action, data?)': 'Logs `AuditLog(string,bytes)`: `AUDIT_LOG`.',
  'require(condition, reason?)': 'Reverts unless the condition is true: `REQUIRE`, `REVERT_ERROR`.',
  'revert(reason?)': 'Reverts: `REVERT`, `REVERT_ERROR`.',
  'contract_call(target, name, arguments?, value?, gas?)':
    'Calls an action of another contract: `CALL_CONTRACT`.',
  'static_call(target, name, arguments?, gas?)':
    'The same without any changes of state: `STATIC_CALL`.',
  'delegate_call(target, name, arguments?, gas?)':
    "Runs another contract's code on this contract's state: `DELEGATE_CALL`.",
  'hash(value), crypto_hash(value)':
    'SHA-256 of bytes, or of the UTF-8 of the canonical text: `HASH_BLOCK`.',
  'verify_signature(signature, message, publicKey), verify_sig(…)':
    'Whether a signature (r ‖ s, 64 bytes) is that of a key (33 or 65 bytes) over the SHA-256 of a ' +
    'message, bytes or a text: ECDSA over secp256k1, low s only; what is malformed is false: ' +
    '`VERIFY_SIGNATURE`.',
  'merkle_root(item, item, …)': 'As `merkle_root` of a list of the items: `MERKLE_ROOT`.',
  'set_of(item, …)': 'A list of the items that are different: `BUILD_SET`.',
  'ledger_append(value)': "Appends to the contract's ledger: `LEDGER_APPEND`.",
  'gas_charge(amount)': 'Charges as much gas, a written integer: `GAS_CHARGE`.',
  '.map(f), .filter(f), .each(f), .find(f), .any(f), .all(f), .count(f), .reduce(f, initial?), .sort_by(f)':
    'Methods of lists, and of maps for their values, which call a function. They are compiled into the ' +
    'contract from the language itself.',
};
