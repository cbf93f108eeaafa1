import type { Fields } from './fields.ts';

/** What one error code means, and what the reader of it should do next. */
export type ErrorDefinition = {
  /** One sentence: what happened. Starts the message, so clients may match on it. */
  readonly summary: string;
  /** One sentence: what to do next. */
  readonly remedy: string;
};

/** The documented error codes of one package; the reference page of errors is generated from these. */
export type ErrorRegistry<Code extends string = string> = {
  readonly kind: 'error-registry';
  readonly area: string;
  readonly definitions: Readonly<Record<Code, ErrorDefinition>>;
  /**
   * Builds the error for `code`. The message is the code's summary, then `detail` when given.
   * Throwing is the caller's job, so that control flow is visible where it happens.
   */
  readonly create: (
    code: Code,
    detail?: string,
    fields?: Fields,
    cause?: unknown,
  ) => LucernaError<Code>;
};

/** The one error class for failures that a correct program can meet. Tests assert `code`, never text. */
export class LucernaError<Code extends string = string> extends Error {
  readonly code: Code;
  /** Typed context for logs and machine readers. */
  readonly fields: Fields;
  readonly remedy: string;

  constructor(code: Code, message: string, remedy: string, fields: Fields, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'LucernaError';
    this.code = code;
    this.fields = fields;
    this.remedy = remedy;
  }
}

/** Declares the error codes of a package. `area` is the package's name. */
export function defineErrors<Code extends string>(
  area: string,
  definitions: Readonly<Record<Code, ErrorDefinition>>,
): ErrorRegistry<Code> {
  return {
    kind: 'error-registry',
    area,
    definitions,
    create: (code, detail, fields = {}, cause = undefined): LucernaError<Code> => {
      const { summary, remedy } = definitions[code];
      const message = detail === undefined ? summary : `${summary}: ${detail}`;
      return new LucernaError(code, message, remedy, fields, cause);
    },
  };
}

/** True when `error` is a coded error with a code that one of `registries` declares. */
export function isErrorOf(
  error: unknown,
  ...registries: readonly Pick<ErrorRegistry<never>, 'definitions'>[]
): error is LucernaError {
  if (!(error instanceof LucernaError)) return false;
  return registries.some(({ definitions }) => Object.hasOwn(definitions, error.code));
}

/** True when `error` is a coded error, optionally one of `codes`. */
export function isLucernaError(error: unknown, ...codes: readonly string[]): error is LucernaError {
  if (!(error instanceof LucernaError)) return false;
  return codes.length === 0 || codes.includes(error.code);
}
