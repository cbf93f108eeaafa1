/** Structured context of an error or a log line: flat, and printable without a custom serialiser. */
export type Fields = Readonly<
  Record<string, string | number | bigint | boolean | null | undefined>
>;
