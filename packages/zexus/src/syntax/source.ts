/** The text of one `.zx` file. */
export type SourceFile = {
  /** Name for messages, such as `token.zx`. */
  readonly name: string;
  readonly text: string;
};

/** A stretch of a source text: offsets in UTF-16 code units, the end exclusive. */
export type Span = {
  readonly start: number;
  readonly end: number;
};
