import type * as Ast from '../syntax/ast.ts';
import type { DiagnosticCode } from '../syntax/diagnostic-codes.ts';
import type { DiagnosticSink } from '../syntax/diagnostics.ts';
import type { Span } from '../syntax/source.ts';
import { BUILTIN_SIGNATURES } from './builtin-signatures.ts';
import { CONTRACT_ADDRESS, contextField } from './context-fields.ts';
import type { Declarations } from './declarations.ts';
import { scalarType } from './declared-types.ts';
import { Scope } from './scope.ts';
import type {
  Action,
  BinaryExpression,
  Expression,
  Local,
  LocalReference,
  Statement,
  StateReference,
} from './tree.ts';
import { unknownType } from './types.ts';

/** Finds out what the names in one action's body, or in one initial value, mean. */
export class ActionResolver {
  readonly #declarations: Declarations;
  /** What the whole contract declares, for hints about what is not visible here. */
  readonly #everything: Declarations;
  readonly #action: Action;
  readonly #sink: DiagnosticSink;
  readonly #scope = new Scope();
  #loops = 0;

  constructor(
    declarations: Declarations,
    action: Action,
    sink: DiagnosticSink,
    everything: Declarations = declarations,
  ) {
    this.#declarations = declarations;
    this.#everything = everything;
    this.#action = action;
    this.#sink = sink;
    for (const parameter of action.parameters) this.#scope.declare(parameter, parameter);
  }

  body(block: Ast.Block): readonly Statement[] {
    // Parameters and the outermost statements are one block: a `let` may not repeat a parameter.
    return block.statements.flatMap((statement) => this.#statement(statement));
  }

  #block(block: Ast.Block | undefined): readonly Statement[] {
    this.#scope.open();
    const statements = block?.statements.flatMap((statement) => this.#statement(statement)) ?? [];
    this.#scope.close();
    return statements;
  }

  /** No statement where an error was found that leaves nothing to go on with. */
  #statement(statement: Ast.Statement): readonly Statement[] {
    const { span } = statement;
    switch (statement.kind) {
      case 'let':
        return [this.#let(statement)];
      case 'assign':
        return this.#assignment(statement);
      case 'if': {
        const condition = this.expression(statement.condition);
        const then = this.#block(statement.then);
        const otherwise = this.#block(statement.otherwise);
        return [{ kind: 'if', condition, then, otherwise, span }];
      }
      case 'while': {
        const condition = this.expression(statement.condition);
        this.#loops += 1;
        const body = this.#block(statement.body);
        this.#loops -= 1;
        return [{ kind: 'while', condition, body, span }];
      }
      case 'break':
      case 'continue':
        if (this.#loops > 0) return [{ kind: statement.kind, span }];
        this.#report('LOOP_OUTSIDE', span, `there is no loop around this ${statement.kind}`);
        return [];
      case 'return':
        return [this.#return(statement)];
      case 'require': {
        const condition = this.expression(statement.condition);
        const message = this.#optional(statement.message);
        return [{ kind: 'require', condition, message, span }];
      }
      case 'revert':
        return [{ kind: 'revert', message: this.#optional(statement.message), span }];
      case 'emit':
        return this.#emit(statement);
      case 'expression':
        return [this.#evaluation(statement)];
    }
  }

  #let({ name, type, value, span }: Extract<Ast.Statement, { kind: 'let' }>): Statement {
    // The value comes first: it cannot mean the variable that it begins.
    const resolved = this.expression(value);
    const types = type === undefined ? unknownType() : scalarType(type, this.#sink);
    const local: Local = {
      name: name.name,
      span: name.span,
      types,
      isParameter: false,
      isRead: false,
      nullComparison: undefined,
    };
    const known = this.#scope.find(name.name);
    if (known !== undefined) {
      const kind = known.isParameter ? 'parameter' : 'local variable';
      this.#report('NAME_DUPLICATE', name.span, `${name.name} is a ${kind} already`, {
        hint: `to give it another value write ${name.name} = … without let`,
      });
    } else if (this.#declarations.variables.has(name.name)) {
      this.#report('NAME_DUPLICATE', name.span, `${name.name} is a variable of the state`, {
        hint: `to set it write ${name.name} = … without let; or choose another name`,
      });
    }
    this.#scope.declare(name, local);
    this.#action.locals.push(local);
    const target: LocalReference = { kind: 'local', local, span: name.span };
    return { kind: 'store', target, operator: undefined, value: resolved, span };
  }

  #assignment(statement: Extract<Ast.Statement, { kind: 'assign' }>): readonly Statement[] {
    const { operator, span } = statement;
    const target = this.#target(statement.target);
    if (statement.value.kind === 'emptyMap') {
      this.#report('MAP_VALUE', statement.value.span, 'maps cannot be set as a whole', {
        hint: 'set entries; an entry that was never set reads as the zero of its type',
      });
      return [];
    }
    const value = this.expression(statement.value);
    if (target === undefined) return [];
    if (target.kind === 'state') {
      this.#action.writes.push({ what: `sets ${target.variable.name}`, span: target.span });
    } else if (target.local.isParameter && this.#declarations.variables.has(target.local.name)) {
      const { name } = target.local;
      const message = `this sets the parameter ${name}, not the variable of the state`;
      const hint = `to set the variable write this.${name}`;
      this.#report('PARAMETER_HIDES_STATE', target.span, message, { hint, severity: 'warning' });
    }
    const arithmetic =
      operator === '=' ? undefined : (operator.slice(0, -1) as BinaryExpression['operator']);
    return [{ kind: 'store', target, operator: arithmetic, value, span }];
  }

  #target(target: Ast.Expression): LocalReference | StateReference | undefined {
    if (target.kind === 'name') {
      const local = this.#scope.find(target.name);
      if (local !== undefined) return { kind: 'local', local, span: target.span };
    }
    const place = this.#place(target);
    if (place !== undefined) return place;
    if (target.kind === 'name' && this.#declarations.events.has(target.name)) {
      this.#report('TARGET_INVALID', target.span, `${target.name} is an event, not a variable`);
      return undefined;
    }
    // Whatever is wrong with it as a value comes first.
    const resolved = this.expression(target);
    if (resolved.kind !== 'invalid') {
      this.#report('TARGET_INVALID', target.span, 'this cannot be assigned to', {
        hint: 'assign to a local variable, a variable of the state or the entry of a map',
      });
    }
    return undefined;
  }

  #return({ value, span }: Extract<Ast.Statement, { kind: 'return' }>): Statement {
    const action = this.#action;
    if (value === undefined) return { kind: 'return', value: undefined, span };
    if (action.isInit) {
      this.#report('INIT_INVALID', value.span, 'init returns nothing', {
        hint: 'write return alone',
      });
    } else {
      action.returnsValue = true;
    }
    return { kind: 'return', value: this.expression(value), span };
  }

  #emit(statement: Extract<Ast.Statement, { kind: 'emit' }>): readonly Statement[] {
    const { event: name, span } = statement;
    const values = statement.arguments.map((argument) => this.expression(argument));
    const event = this.#declarations.events.get(name.name);
    if (event === undefined) {
      this.#report('EVENT_UNKNOWN', name.span, `the contract declares no event ${name.name}`, {
        hint: `declare it in the contract: event ${name.name}(field: type, …)`,
      });
      return [];
    }
    this.#action.writes.push({ what: `emits ${event.name}`, span });
    const isRight = this.#checkCount(event.fields.length, values.length, name.name, name.span);
    return isRight ? [{ kind: 'emit', event, arguments: values, span }] : [];
  }

  #evaluation({ expression, span }: Extract<Ast.Statement, { kind: 'expression' }>): Statement {
    const resolved = this.expression(expression);
    if (resolved.kind !== 'action' && resolved.kind !== 'builtin' && resolved.kind !== 'invalid') {
      this.#report('NO_EFFECT', expression.span, 'this value is computed and dropped', {
        severity: 'warning',
        hint: 'a comparison is ==, an assignment is =',
      });
    }
    return { kind: 'evaluate', expression: resolved, span };
  }

  #optional(expression: Ast.Expression | undefined): Expression | undefined {
    return expression === undefined ? undefined : this.expression(expression);
  }

  expression(expression: Ast.Expression): Expression {
    const { span } = expression;
    switch (expression.kind) {
      case 'integer':
      case 'string':
      case 'boolean':
        return { kind: 'literal', value: expression.value, span };
      case 'null':
        return { kind: 'literal', value: null, span };
      case 'hex':
        return { kind: 'hex', text: expression.text, span, isAddress: false };
      case 'this':
        return { kind: 'context', ...CONTRACT_ADDRESS, span };
      case 'emptyMap':
        return this.#invalid('MAP_VALUE', span, '{} can only be the initial value of a variable', {
          hint: 'maps need no setting up: an entry that was never set reads as the zero of its type',
        });
      case 'name':
        return this.#name(expression.name, span);
      case 'member':
        return this.#member(expression);
      case 'index':
        return this.#place(expression) ?? this.#notIndexable(expression);
      case 'call':
        return this.#call(expression);
      case 'unary':
        return { ...expression, operand: this.expression(expression.operand) };
      case 'binary':
      case 'logical': {
        const left = this.expression(expression.left);
        return { ...expression, left, right: this.expression(expression.right) };
      }
    }
  }

  #name(name: string, span: Span): Expression {
    const local = this.#scope.find(name);
    if (local !== undefined) {
      local.isRead = true;
      return { kind: 'local', local, span };
    }
    const variable = this.#declarations.variables.get(name);
    if (variable !== undefined) return { kind: 'state', variable, keys: [], span };
    return this.#invalid('NAME_UNKNOWN', span, `there is no ${name} here`, {
      hint: this.#hintFor(name),
    });
  }

  #hintFor(name: string): string | undefined {
    if (name === 'TX' || name === 'msg') return `${name} has fields, such as ${name}.value`;
    if (this.#scope.hasEnded(name)) {
      return `${name} was declared in a block that has ended: declare it before that block`;
    }
    const everything = this.#everything;
    if (everything.variables.has(name)) return `move the declaration of ${name} above this one`;
    if (everything.actions.has(name)) return `to call the action write this.${name}(…)`;
    if (everything.events.has(name)) return `to emit the event write emit ${name}(…)`;
    if (BUILTIN_SIGNATURES.has(name)) return `${name} is a function: write ${name}(…)`;
    return undefined;
  }

  #member({ object, member, span }: Extract<Ast.Expression, { kind: 'member' }>): Expression {
    if (object.kind === 'this') {
      const variable = this.#declarations.variables.get(member.name);
      if (variable !== undefined) return { kind: 'state', variable, keys: [], span };
      const message = `the contract has no variable ${member.name}`;
      return this.#invalid('NAME_UNKNOWN', member.span, message, {
        hint: this.#everything.variables.has(member.name)
          ? `move the declaration of ${member.name} above this one`
          : this.#hintForMember(member.name),
      });
    }
    if (object.kind === 'name' && this.#scope.find(object.name) === undefined) {
      const field = contextField(object.name, member.name);
      if (field?.name === 'value') this.#action.valueReads.push(span);
      if (field !== undefined)
        return { kind: 'context', field: field.field, type: field.type, span };
      if (object.name === 'TX' || object.name === 'msg') {
        const message = `${object.name} has no field ${member.name}`;
        return this.#invalid('NAME_UNKNOWN', member.span, message, {
          hint: contextHint(object.name),
        });
      }
    }
    return this.#invalid('MEMBER_UNKNOWN', span, 'only this, TX and msg have members', {
      hint: 'to look up the entry of a map write map[key]',
    });
  }

  #hintForMember(name: string): string | undefined {
    return this.#everything.actions.has(name)
      ? `to call the action write this.${name}()`
      : undefined;
  }

  /** The cell of the state that an expression names; undefined when it names none. */
  #place(expression: Ast.Expression): StateReference | undefined {
    const keys: Ast.Expression[] = [];
    let object = expression;
    while (object.kind === 'index') {
      keys.push(object.key);
      object = object.object;
    }
    const name = this.#stateName(object);
    const variable = name === undefined ? undefined : this.#declarations.variables.get(name);
    if (variable === undefined) return undefined;
    const resolved = keys.reverse().map((key) => this.expression(key));
    return { kind: 'state', variable, keys: resolved, span: expression.span };
  }

  #stateName(object: Ast.Expression): string | undefined {
    if (object.kind === 'member' && object.object.kind === 'this') return object.member.name;
    if (object.kind === 'name' && this.#scope.find(object.name) === undefined) return object.name;
    return undefined;
  }

  #notIndexable({ object, span }: Extract<Ast.Expression, { kind: 'index' }>): Expression {
    const resolved = this.expression(object);
    if (resolved.kind === 'invalid') return resolved;
    return this.#invalid('INDEX_INVALID', span, 'only maps of the state have entries', {
      hint: 'lists, and characters of strings, are not supported yet',
    });
  }

  #call(call: Extract<Ast.Expression, { kind: 'call' }>): Expression {
    const { callee, span } = call;
    const values = call.arguments.map((argument) => this.expression(argument));
    if (callee.kind === 'member' && callee.object.kind === 'this') {
      return this.#actionCall(callee.member, values, span);
    }
    if (callee.kind === 'name') return this.#builtinCall(callee, values, span);
    return this.#invalid('CALL_INVALID', callee.span, 'this cannot be called', {
      hint: 'calls of other contracts are not supported yet; an action here is this.name(…)',
    });
  }

  #actionCall(
    { name, span: nameSpan }: Ast.Identifier,
    values: Expression[],
    span: Span,
  ): Expression {
    const action = this.#declarations.actions.get(name);
    if (action === undefined) {
      return this.#invalid('NAME_UNKNOWN', nameSpan, `there is no action ${name} to call here`, {
        hint: this.#everything.actions.has(name)
          ? 'an initial value cannot call actions: set it in init'
          : undefined,
      });
    }
    if (action.isInit) {
      return this.#invalid('CALL_INVALID', nameSpan, 'init runs at deployment and never again');
    }
    this.#action.calls.push({ target: action, span });
    const isRight = this.#checkCount(action.parameters.length, values.length, name, span);
    return isRight
      ? { kind: 'action', action, arguments: values, span }
      : { kind: 'invalid', span };
  }

  #builtinCall(
    { name, span: nameSpan }: Extract<Ast.Expression, { kind: 'name' }>,
    values: Expression[],
    span: Span,
  ): Expression {
    const builtin = BUILTIN_SIGNATURES.get(name);
    if (builtin === undefined) {
      const hint =
        this.#hintFor(name) ?? `the functions are ${[...BUILTIN_SIGNATURES.keys()].join(', ')}`;
      return this.#invalid('NAME_UNKNOWN', nameSpan, `there is no function ${name}`, { hint });
    }
    if (builtin.writes) this.#action.writes.push({ what: `calls ${name}`, span });
    const isRight = this.#checkCount(builtin.parameters.length, values.length, name, span);
    return isRight
      ? { kind: 'builtin', builtin, arguments: values, span }
      : { kind: 'invalid', span };
  }

  #checkCount(expected: number, actual: number, name: string, span: Span): boolean {
    if (expected === actual) return true;
    const noun = expected === 1 ? 'argument' : 'arguments';
    this.#report('ARGUMENT_COUNT', span, `${name} takes ${expected} ${noun}, not ${actual}`);
    return false;
  }

  #invalid(...report: Parameters<DiagnosticSink['report']>): Expression {
    this.#report(...report);
    return { kind: 'invalid', span: report[1] };
  }

  #report(
    code: DiagnosticCode,
    span: Span,
    message: string,
    options?: Parameters<DiagnosticSink['report']>[3],
  ): void {
    this.#sink.report(code, span, message, options);
  }
}

function contextHint(object: string): string {
  return object === 'msg'
    ? 'the fields are msg.sender and msg.value'
    : 'the fields are caller, value, origin, timestamp, block_number, chain_id, coinbase and gas_price';
}
