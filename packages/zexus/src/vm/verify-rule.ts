import { zexusErrors } from '../errors.ts';

/** What a program has to obey beyond the format of its container; the name is the error's `rule`. */
export const VERIFIER_RULES = {
  'action-arguments': 'a call passes as many arguments as the action has parameters',
  'action-gas-limit': 'the limit of gas of an action is a natural number below 2³²',
  'action-index': 'a call names an action that exists',
  'action-names': 'no two actions have the same name',
  'action-selector': 'no two functions have the same selector',
  'action-type':
    'parameters and results of functions, of init and of fallback have a type of the ABI',
  'builtin-arguments': 'a builtin gets as many arguments as it takes',
  'builtin-name': 'the constant names a builtin',
  'closure-action':
    'a function as a value is an action that exists, is no function of the ABI and not init',
  'closure-arguments': 'a function as a value has no more values than the action has parameters',
  'constant-index': 'the constant exists',
  'constant-kind': 'a constant that names something is a string',
  'constant-value': 'a constant is a value of the language within its limits',
  'error-arguments': 'an error gets as many arguments as it has fields',
  'error-fields': 'an error has fields with types of the ABI',
  'error-index': 'the error exists',
  'event-arguments': 'an event gets as many arguments as it has fields',
  'event-fields': 'an event has fields with types of the ABI, at most three indexed',
  'event-index': 'the event exists',
  'fall-off-end': 'the last instruction does not go on to a next one',
  'fallback-action':
    'fallback is an action that exists, is no function, has at most one parameter, of bytes, and no result or bytes',
  'gas-charge': 'GAS_CHARGE charges no more than the limit',
  'init-action':
    'init is an action that exists, is no function and no view, and has no result; no action has two roles',
  'iterator-join': 'all ways to an instruction lead to the same iterators on the stack',
  'iterator-use': 'ITER_NEXT and ITER_NEXT_PAIR find an iterator, nothing else but POP takes one',
  'jump-target': 'a jump leads to an instruction of its action',
  'local-limit': 'an action has no more local variables than the limit',
  'map-keys': 'an access to a map has from one key to as many as it has levels without a head',
  'map-write': 'what is written is no map without a head',
  'method-name': 'the constant that names a method is an identifier',
  opcode: 'the opcode exists',
  'open-at-return': 'an action that returns has closed its tries and checkpoints',
  operands: 'an instruction has its operands, natural numbers below 2³²',
  'parameter-names': 'no two parameters of an action have the same name',
  'receive-action':
    'receive is an action that exists, is no function, is payable, has no parameters and no result',
  'source-map': 'a source map has places of each action, in the order of its instructions',
  'stack-join': 'all ways to an instruction lead to the same number of values on the stack',
  'stack-limit': 'the stack has no more values than the limit',
  'stack-underflow': 'an instruction finds the values that it takes on the stack',
  'state-name': 'the constant names a variable of the state',
  'state-schema': 'variables of the state have different names and known shapes',
  'transaction-end': 'TX_COMMIT and TX_REVERT end a checkpoint that was opened in the same try',
  'transaction-join': 'all ways to an instruction lead to the same number of open checkpoints',
  'transaction-limit': 'no more checkpoints are open than the limit',
  'try-end': 'POP_TRY ends a try that is open',
  'try-join': 'all ways to an instruction lead to the same open tries',
  'try-limit': 'no more tries are open than the limit',
  'try-stack': 'what was on the stack before a try stays there until its end',
  'tx-field': 'TX_READ reads a field that exists',
} as const;

/** Name of a rule of the verifier. */
export type VerifierRule = keyof typeof VERIFIER_RULES;

/** Where a program breaks a rule. */
export type ProgramPosition = {
  readonly action?: string;
  /** Index of the instruction in the action's code. */
  readonly instruction?: number;
};

/** Refuses the program. @throws `PROGRAM_REFUSED` with the fields `rule`, `action`, `instruction` */
export function refuse(rule: VerifierRule, detail: string, position: ProgramPosition = {}): never {
  const place =
    position.action === undefined ? '' : ` in ${position.action}:${position.instruction ?? 0}`;
  const text = `${detail}${place} (${rule}: ${VERIFIER_RULES[rule]})`;
  throw zexusErrors.create('PROGRAM_REFUSED', text, { rule, ...position });
}
