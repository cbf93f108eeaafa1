import type { DiagnosticSink } from '../syntax/diagnostics.ts';
import { checkAbiTypes, checkStoredTypes } from './checks-abi.ts';
import { checkEffects } from './checks-effects.ts';
import { checkPaths } from './checks-paths.ts';
import { allActions } from './infer.ts';
import type { Action, Contract, Local } from './tree.ts';
import { visitStatements } from './tree-walk.ts';

/**
 * What holds for whole actions, after inference: paths, views and what takes value, the types in the ABI,
 * unused variables and actions.
 */
export function checkActions(contract: Contract, sink: DiagnosticSink): void {
  const actions = allActions(contract);
  checkStoredTypes(contract, sink);
  checkEffects(contract, actions, sink);
  for (const action of actions) {
    sink.within(action.source, () => {
      checkAbiTypes(action, sink);
      // The compiler's own library is no one's to mend.
      if (action.isHidden && action.name.startsWith('__')) return;
      checkPaths(action, sink);
      for (const local of declaredLocals(action)) checkUse(local, sink);
    });
  }
}

/** The variables of `let`; those of loops and of `catch` have to be given a name, used or not. */
function declaredLocals({ body, locals }: Action): readonly Local[] {
  const others = new Set<Local>();
  visitStatements(body, (statement) => {
    if (statement.kind === 'forEach') {
      others.add(statement.value);
      if (statement.key !== undefined) others.add(statement.key);
    }
    if (statement.kind === 'try' && statement.error !== undefined) others.add(statement.error);
  });
  return locals.filter((local) => !local.isParameter && !others.has(local));
}

function checkUse({ name, span, isRead }: Local, sink: DiagnosticSink): void {
  if (isRead || name.startsWith('$')) return;
  sink.report('LOCAL_UNUSED', span, `${name} is never read`, { severity: 'warning' });
}
