/**
 * The part of a browser that is needed here; the tree is compiled without a browser's types.
 * Files: the origin private file system (File System Standard, WHATWG), Chrome 110, Firefox 111,
 * Safari 16.4 and later.
 */
export type FileHandle = {
  readonly kind: 'file';
  /** What the file is at this moment. */
  readonly getFile: () => Promise<Blob>;
  /** Dedicated workers only. The only handle of its file that can write, until it is closed. */
  readonly createSyncAccessHandle?: () => Promise<SyncAccessHandle>;
  /** Gives the file another name in its folder; a file that has it is replaced in the same step. */
  readonly move: (name: string) => Promise<void>;
};

/** A folder of the origin private file system. */
export type FolderHandle = {
  readonly kind: 'directory';
  readonly getFileHandle: (name: string, options?: MakeOption) => Promise<FileHandle>;
  readonly getDirectoryHandle: (name: string, options?: MakeOption) => Promise<FolderHandle>;
  readonly removeEntry: (name: string) => Promise<void>;
  readonly entries: () => AsyncIterable<readonly [string, FileHandle | FolderHandle]>;
};

/** Whether what is missing is to be made. */
export type MakeOption = { readonly create: boolean };

/** An open file that reads and writes at once. */
export type SyncAccessHandle = {
  readonly read: (target: Uint8Array, options: { readonly at: number }) => number;
  readonly write: (bytes: Uint8Array, options: { readonly at: number }) => number;
  readonly truncate: (size: number) => void;
  readonly getSize: () => number;
  readonly flush: () => void;
  readonly close: () => void;
};

/** A thread of a browser, as whoever has started it sees it. */
export type WebWorker = {
  readonly postMessage: (message: unknown) => void;
  readonly terminate: () => void;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onmessageerror: (() => void) | null;
  onerror: ((event: { readonly message?: string; preventDefault(): void }) => void) | null;
};

/** What a thread of a browser sees of itself. */
export type WorkerScope = {
  readonly name: string;
  readonly postMessage: (message: unknown) => void;
  readonly close: () => void;
  readonly reportError: (error: unknown) => void;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onmessageerror: (() => void) | null;
  onunhandledrejection: ((event: { readonly reason: unknown }) => void) | null;
};

type Browser = {
  /** Whether memory can be shared with threads. */
  readonly crossOriginIsolated?: boolean;
  readonly navigator: {
    readonly hardwareConcurrency?: number;
    readonly storage?: { readonly getDirectory?: () => Promise<FolderHandle> };
    readonly locks?: {
      /** Holds the lock until the promise of `holder` ends; waits for it until the signal. */
      readonly request: (
        name: string,
        options: { readonly signal: AbortSignal },
        holder: () => Promise<void>,
      ) => Promise<void>;
    };
  };
  readonly FileSystemFileHandle?: { readonly prototype: object };
};

/** The page or the worker that this runs in. */
export const browser: Browser = globalThis as unknown as Browser;
