import { methodSignature } from './method-signatures.ts';
import { isPrelude } from './prelude.ts';
import type { Action, Expression, Local, Statement } from './tree.ts';
import { innerBlocks, innerExpressions, ownExpressions } from './tree-walk.ts';
import { isStatePlace } from './typer-places.ts';

/**
 * Marks the local variables and results whose maps and lists nobody else holds: what is put into them is
 * seen where it is put, so that the types of their entries can be inferred (`tracksEntries`). A variable
 * that is handed on (assigned, put into a container, given to an action or a function as a value) is none,
 * nor is one that gets its values from elsewhere than assignments. Depends on the text alone and comes
 * before types are found.
 */
export function findOwnContainers(actions: readonly Action[]): void {
  const handedOn = new Set<Local>();
  for (const { body } of actions) {
    visit(body, (expression) => {
      for (const part of handedOnBy(expression)) collectHeld(part, handedOn);
    });
    collectInStatements(body, handedOn);
  }
  for (const { locals, result } of actions) {
    if (!result.isDeclared) result.tracksEntries = true;
    for (const local of locals) {
      const isOwn = !local.isParameter && !local.isCaptured && !handedOn.has(local);
      if (isOwn && !local.types.isDeclared) local.types.tracksEntries = true;
    }
  }
}

function visit(statements: readonly Statement[], look: (expression: Expression) => void): void {
  const deep = (expression: Expression): void => {
    look(expression);
    for (const part of innerExpressions(expression)) deep(part);
  };
  for (const statement of statements) {
    for (const expression of ownExpressions(statement)) deep(expression);
    for (const block of innerBlocks(statement)) visit(block, look);
  }
}

/** What statements hand on; and the variables that others than assignments give their values to. */
function collectInStatements(statements: readonly Statement[], handedOn: Set<Local>): void {
  for (const statement of statements) {
    switch (statement.kind) {
      case 'store':
        // What is put into the state is copied.
        if (!isStatePlace(statement.target)) collectHeld(statement.value, handedOn);
        break;
      case 'match':
        collectHeld(statement.prepare.value, handedOn);
        break;
      case 'throw':
        collectHeld(statement.value, handedOn);
        break;
      case 'forEach':
        handedOn.add(statement.value);
        if (statement.key !== undefined) handedOn.add(statement.key);
        break;
      case 'try':
        if (statement.error !== undefined) handedOn.add(statement.error);
        break;
      default:
    }
    for (const block of innerBlocks(statement)) collectInStatements(block, handedOn);
  }
}

/** The parts of an expression whose values are held elsewhere when it has been evaluated. */
function handedOnBy(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'list':
    case 'map':
      return innerExpressions(expression);
    case 'method':
    case 'builtin':
    case 'invoke':
      // What stands before the dot, or is a function, is used and not kept.
      return innerExpressions(expression).slice(1);
    case 'action':
      return expression.arguments.slice(isPrelude(expression.action.source) ? 1 : 0);
    case 'contractCall':
      return [expression.arguments];
    case 'match':
      return [expression.prepare.value];
    case 'cast':
      return [expression.value];
    default:
      return [];
  }
}

/** The variables whose values the value of an expression may be. */
function collectHeld(expression: Expression, held: Set<Local>): void {
  switch (expression.kind) {
    case 'local':
      held.add(expression.local);
      return;
    case 'conditional':
      collectHeld(expression.then, held);
      collectHeld(expression.otherwise, held);
      return;
    case 'logical':
      collectHeld(expression.left, held);
      collectHeld(expression.right, held);
      return;
    case 'match':
      for (const { body } of expression.arms) collectHeld(body, held);
      return;
    case 'method':
      if (givesReceiver(expression.name)) collectHeld(expression.object, held);
      return;
    case 'builtin': {
      const [first] = expression.arguments;
      if (first !== undefined && givesReceiver(expression.builtin.name)) collectHeld(first, held);
      return;
    }
    default:
  }
}

/** Whether a method changes the container before the dot and gives it back. */
function givesReceiver(name: string): boolean {
  return (['list', 'map'] as const).some((receiver) => {
    const signature = methodSignature(receiver, name);
    return signature?.mutates === true && signature.resultOf === 'receiver';
  });
}
