/** What a thread sends last when it closes its end: browsers tell nobody that a worker is gone. */
export const CLOSING: { readonly lucerna: 'closing' } = { lucerna: 'closing' };

/** Whether a message is that last one. */
export function isClosing(message: unknown): boolean {
  return (
    typeof message === 'object' &&
    message !== null &&
    'lucerna' in message &&
    message.lucerna === CLOSING.lucerna
  );
}
