/** Whether the first byte stands at an even (0) or an odd (1) place of the whole: it alone decides the alphabets. */
export type Phase = 0 | 1;

/**
 * The inner loops of Q64, over ranges that the caller has checked. Source and target are apart: neither
 * has a byte of the other.
 */
export type Q64Engine = {
  readonly name: 'kernel' | 'twin';
  /** Writes the two characters of each byte, in ASCII. `target` has room for them. */
  readonly encode: (source: Uint8Array, target: Uint8Array, phase: Phase) => void;
  /**
   * Writes the byte of each two characters. `text` has an even length, `target` half of it.
   *
   * @returns the position of the first character that is not from the alphabet of its position, or -1.
   *   What was written by then is not defined.
   */
  readonly decode: (text: Uint8Array, target: Uint8Array, phase: Phase) => number;
  /** As `encode`, into a string. The caller has checked that there is one of that length. */
  readonly encodeToText: (source: Uint8Array, phase: Phase) => string;
  /** As `decode`, of a string. */
  readonly decodeText: (text: string, target: Uint8Array, phase: Phase) => number;
  /** What `decode` or `decodeText` would return, of a text with an even length. */
  readonly firstWrong: (text: string | Uint8Array, phase: Phase) => number;
};
