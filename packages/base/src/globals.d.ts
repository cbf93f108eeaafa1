// What Node and every browser provide and the language library does not declare. Part of
// tsconfig.core.json only: elsewhere the platform's own declarations hold.

interface TextEncoder {
  encode(text?: string): Uint8Array<ArrayBuffer>;
  encodeInto(text: string, target: Uint8Array): { read: number; written: number };
}

declare const TextEncoder: { new (): TextEncoder };

interface TextDecoder {
  decode(bytes?: ArrayBufferLike | ArrayBufferView, options?: { stream?: boolean }): string;
}

declare const TextDecoder: {
  new (label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean }): TextDecoder;
};

/** Decodes base64 into a string with one character for each byte. */
declare function atob(base64: string): string;

interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
}

interface ReadableStream<R = unknown> {
  readonly locked: boolean;
  cancel(reason?: unknown): Promise<void>;
}

interface WritableStream<W = unknown> {
  readonly locked: boolean;
  abort(reason?: unknown): Promise<void>;
}

interface TransformStreamDefaultController<O = unknown> {
  enqueue(chunk: O): void;
}

interface TransformStream<I = unknown, O = unknown> {
  readonly readable: ReadableStream<O>;
  readonly writable: WritableStream<I>;
}

declare const TransformStream: {
  new <I = unknown, O = unknown>(transformer?: {
    transform?: (chunk: I, controller: TransformStreamDefaultController<O>) => void;
    flush?: (controller: TransformStreamDefaultController<O>) => void;
  }): TransformStream<I, O>;
};
