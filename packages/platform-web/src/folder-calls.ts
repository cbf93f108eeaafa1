import { type Durability, type Fields, isLucernaError, LucernaError } from '@lucerna/base';

/** What a page asks of files that a thread has open; they go by numbers that the thread has given. */
export type FileCalls = {
  readonly openLog: (name: string) => Promise<{ readonly log: number; readonly size: number }>;
  readonly logSize: (log: number) => Promise<number>;
  readonly logAppend: (log: number, bytes: Uint8Array) => Promise<void>;
  readonly logRead: (log: number, offset: number, length: number) => Promise<Uint8Array>;
  readonly logSync: (log: number) => Promise<void>;
  readonly logTruncate: (log: number, size: number) => Promise<void>;
  readonly logClose: (log: number) => Promise<void>;
};

/** What a page asks of a folder that is nothing but files. */
export type PlainFolderCalls = FileCalls & { readonly close: () => Promise<void> };

/**
 * What a page asks of the folder of a vector database; all of it answers later. Writings of blobs go by
 * numbers, too.
 */
export type FolderCalls = PlainFolderCalls & {
  readonly logNames: () => Promise<readonly string[]>;
  readonly removeLog: (name: string) => Promise<void>;
  readonly blobNames: () => Promise<readonly string[]>;
  readonly blobSize: (name: string) => Promise<number | undefined>;
  readonly blobRead: (name: string, offset: number, length: number) => Promise<Uint8Array>;
  readonly blobRemove: (name: string, level: Durability) => Promise<void>;
  /** Begins to write a blob, part by part; its errors come with the parts or with the end. */
  readonly blobBegin: (name: string, level: Durability) => Promise<number>;
  readonly blobPart: (writing: number, bytes: Uint8Array) => Promise<void>;
  readonly blobEnd: (writing: number) => Promise<void>;
  /** Leaves what was there; nothing happens when the writing has ended already. */
  readonly blobAbort: (writing: number) => Promise<void>;
};

/** A call on its way. The first message of a channel is the path of the folder, answered as call 0. */
export type CallMessage = {
  readonly id: number;
  readonly call: keyof FolderCalls;
  readonly args: readonly unknown[];
};

/** An answer on its way. */
export type AnswerMessage = { readonly id: number } & (
  | { readonly value: unknown }
  | { readonly failure: Failure }
);

/** An error on its way: messages carry no classes. */
export type Failure = {
  readonly message: string;
  /** Of a coded error. */
  readonly coded?: { readonly code: string; readonly remedy: string; readonly fields: Fields };
};

/** What is sent of an error. */
export function failureOf(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  if (!isLucernaError(error)) return { message };
  return { message, coded: { code: error.code, remedy: error.remedy, fields: error.fields } };
}

/** The error that was sent. */
export function errorOf({ message, coded }: Failure): Error {
  if (coded === undefined) return new Error(message);
  return new LucernaError(coded.code, message, coded.remedy, coded.fields);
}
