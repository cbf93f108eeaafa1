/** Which of the ways to write the same program is taken. */
export type Style = {
  readonly semicolons: boolean;
  /** `and`, `or`, `not` instead of the symbols. */
  readonly words: boolean;
  /** Brackets, quotes and words where they may be left out. */
  readonly brackets: boolean;
  /** `elif` instead of `else if`, `require` instead of `verify`. */
  readonly elif: boolean;
  readonly modifiers: 'before' | 'behind' | 'last';
  /** `{ fields }` instead of `(fields)`, and other words for the same declarations. */
  readonly braced: boolean;
  readonly quotes: '"' | "'" | '"""' | "'''";
  readonly lambda: 'arrow' | 'lambda' | 'action' | 'function';
  readonly match: 'arrow' | 'case' | 'colon';
  readonly loop: 'each' | 'bare' | 'names' | 'whole';
  readonly state: 'data' | 'state' | 'persistent storage' | 'ledger' | 'bare' | 'block';
  readonly indexed: 'behind' | 'before' | 'between';
  readonly use: 'use' | 'import' | 'from';
};
