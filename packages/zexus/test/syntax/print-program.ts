import type {
  ActionDeclaration,
  ConstantDeclaration,
  ContractDeclaration,
  DataDeclaration,
  EntityDeclaration,
  EnumDeclaration,
  ErrorDeclaration,
  EventDeclaration,
  EventField,
  Program,
  ProtocolAction,
  ProtocolDeclaration,
  UseDeclaration,
} from '../../src/syntax/ast.ts';
import { CodePrinter, printParameter, printType } from './print.ts';

const BUILTIN = /^(?:integer|address|bool|string)$/;

/** Writes programs. */
export class Printer extends CodePrinter {
  program(program: Program): string {
    const uses = program.uses.map((use) => this.#use(use));
    const declarations = [
      ...program.enums.map((each) => exported(each, this.#enum(each))),
      ...program.entities.map((each) => exported(each, this.#entity(each))),
      ...program.protocols.map((each) => exported(each, this.#protocol(each))),
      ...program.events.map((each) => exported(each, this.#event(each))),
      ...program.errors.map((each) => exported(each, this.#error(each))),
      ...program.functions.map((each) => exported(each, this.#action(each))),
      ...program.constants.map((each) => exported(each, this.#constant(each, this.style.braced))),
      ...program.contracts.map((each) => exported(each, this.#contract(each))),
    ];
    const names = program.exports.map(({ name }) => name);
    const exports = names.length === 0 ? [] : [`export { ${names.join(', ')} }`];
    return [...uses, ...exports, ...declarations].join('\n');
  }

  #use({ path, alias, names }: UseDeclaration): string {
    const file = this.expression({ kind: 'string', value: path.text, span: path.span });
    const word = this.style.use === 'import' ? 'import' : 'use';
    if (names === undefined) {
      return `${word} ${file}${alias === undefined ? '' : ` as ${alias.name}`}`;
    }
    const list = names.map(({ name, local }) =>
      name.name === local.name ? name.name : `${name.name} as ${local.name}`,
    );
    const braces = `{ ${list.join(', ')} }`;
    return this.style.use === 'from'
      ? `from ${file} use ${braces}`
      : `${word} ${braces} from ${file}`;
  }

  #constant({ name, type, value }: ConstantDeclaration, isLet: boolean): string {
    return `${isLet ? 'let' : 'const'} ${printParameter({ name, type })} = ${this.expression(value)}`;
  }

  #contract(contract: ContractDeclaration): string {
    const protocols = contract.protocols.map(({ name }) => name).join(', ');
    const members = [
      ...this.#data(contract.data),
      ...contract.constants.map((each) => this.#constant(each, false)),
      ...contract.events.map((each) => this.#event(each)),
      ...contract.errors.map((each) => this.#error(each)),
      ...contract.modifiers.map(({ name, parameters, body }) => {
        const list = parameters.map(printParameter).join(', ');
        const isBare = parameters.length === 0 && this.style.braced;
        return `modifier ${name.name}${isBare ? '' : `(${list})`} ${this.block(body)}`;
      }),
      ...contract.enums.map((each) => this.#enum(each)),
      ...contract.entities.map((each) => this.#entity(each)),
      ...contract.actions.map((each) => this.#action(each)),
    ];
    const tail = protocols === '' ? '' : ` implements ${protocols}`;
    const word = this.style.braced ? 'secure contract' : 'contract';
    const separator = this.style.semicolons ? ';\n' : '\n';
    return `${word} ${contract.name.name}${tail} {\n${members.join(separator)}\n}`;
  }

  #event({ name, fields }: EventDeclaration): string {
    return `event ${name.name}${this.#fields(fields)}`;
  }

  #error({ name, fields }: ErrorDeclaration): string {
    const all = fields.map((field) => ({ ...field, indexed: false }));
    return `error ${name.name}${this.#fields(all)}`;
  }

  // State

  #data(data: readonly DataDeclaration[]): readonly string[] {
    const { state } = this.style;
    const isField = ({ type, initial }: DataDeclaration): boolean =>
      type === undefined ||
      initial !== undefined ||
      BUILTIN.test(type.name) ||
      type.arguments.length > 0;
    if (state !== 'block' || !data.every(isField)) return data.map((each) => this.#variable(each));
    const fields = data.map((each) => this.#stateField(each));
    const separator = this.style.semicolons ? '; ' : this.style.brackets ? '\n' : ', ';
    return [`state {\n${fields.join(separator)}\n}`];
  }

  #variable(variable: DataDeclaration): string {
    const { state } = this.style;
    const isBare = state === 'bare' && variable.type !== undefined;
    const word = state === 'bare' || state === 'block' ? 'data' : state;
    const { initial } = variable;
    const tail = initial === undefined ? '' : ` = ${this.expression(initial)}`;
    return `${isBare ? '' : `${word} `}${printParameter(variable)}${tail}`;
  }

  #stateField(variable: DataDeclaration): string {
    const { name, type, initial } = variable;
    if (initial === undefined) return printParameter(variable);
    // `name: a < b >= c` would be a type and a value.
    const isMistaken =
      type !== undefined || ['name', 'binary', 'logical', 'conditional'].includes(initial.kind);
    const mark = isMistaken || this.style.words ? ' =' : ':';
    return `${printParameter({ name, type })}${mark} ${this.expression(initial)}`;
  }

  // Actions

  #action(action: ActionDeclaration): string {
    const words = action.modifiers.map((modifier) => `${modifier} `).join('');
    const place = this.style.modifiers;
    const word = this.style.braced ? 'function' : 'action';
    const head = `${place === 'before' ? words : ''}${word} ${place === 'behind' ? words : ''}`;
    const parameters = action.parameters.map(printParameter).join(', ');
    const arrow = this.style.semicolons ? ' ->' : ':';
    const result = action.result === undefined ? '' : `${arrow} ${printType(action.result)}`;
    const limit = action.limit === undefined ? '' : `limit ${action.limit.value} `;
    const applied = action.applied.map((each) => `${this.applied(each)} `).join('');
    const as = exportedAs(action);
    const tail = `${place === 'last' ? words : ''}${limit}${as}${applied}`;
    return `${head}${action.name.name}(${parameters})${result} ${tail}${this.block(action.body)}`;
  }

  #protocolAction(action: ProtocolAction): string {
    const words = action.modifiers.map((modifier) => `${modifier} `).join('');
    const place = this.style.modifiers;
    const word = this.style.braced ? '' : 'action ';
    const isBefore = place === 'before' || (place === 'behind' && word === '');
    const head = `${isBefore ? words : ''}${word}${place === 'behind' && !isBefore ? words : ''}`;
    const parameters = action.parameters.map(printParameter).join(', ');
    const arrow = this.style.semicolons ? ' ->' : ':';
    const result = action.result === undefined ? '' : `${arrow} ${printType(action.result)}`;
    return `${head}${action.name.name}(${parameters})${result}${place === 'last' ? ` ${words}` : ''} ${exportedAs(action)}`;
  }

  // Others

  #fields(fields: readonly EventField[]): string {
    const list = fields.map((field) => this.#field(field));
    if (!this.style.braced) return `(${list.join(', ')})`;
    return `{\n${list.join(this.style.semicolons ? '; ' : '\n')}\n}`;
  }

  #field(field: EventField): string {
    const text = printParameter(field);
    if (!field.indexed) return text;
    const { indexed } = this.style;
    const { name, type } = field;
    const isSimple = type?.arguments.length === 0 && !type.name.includes('.');
    if (indexed === 'between' && isSimple) return `${type.name} indexed ${name.name}`;
    return indexed === 'before' && name.name !== 'indexed' ? `indexed ${text}` : `${text} indexed`;
  }

  #enum({ name, members }: EnumDeclaration): string {
    const list = members.map(({ name: member, value }) =>
      value === undefined ? member.name : `${member.name} = ${this.expression(value)}`,
    );
    return `enum ${name.name} {\n${list.join(this.style.braced ? '\n' : ', ')}\n}`;
  }

  #entity({ name, fields, actions }: EntityDeclaration): string {
    const list = fields.map(({ name: field, type, initial }) => {
      const tail = initial === undefined ? '' : ` = ${this.expression(initial)}`;
      return `${printParameter({ name: field, type })}${tail}${this.style.semicolons ? ';' : ','}`;
    });
    const members = [...list, ...actions.map((action) => this.#action(action))];
    return `${this.style.braced ? 'data' : 'entity'} ${name.name} {\n${members.join('\n')}\n}`;
  }

  #protocol({ name, actions }: ProtocolDeclaration): string {
    const list = actions.map((action) => this.#protocolAction(action));
    const word = this.style.braced ? 'interface' : 'protocol';
    const separator = this.style.semicolons ? '; ' : '\n';
    return `${word} ${name.name} {\n${list.join(separator)}\n}`;
  }
}

function exported({ isExported }: { readonly isExported: boolean }, text: string): string {
  return isExported ? `export ${text}` : text;
}

function exportedAs({ exportedAs: name }: ActionDeclaration | ProtocolAction): string {
  return name === undefined ? '' : `as ${name.name} `;
}
