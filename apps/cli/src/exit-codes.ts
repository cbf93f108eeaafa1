/** What the process's exit code says. */
export const EXIT_CODES = {
  /** Done, or a node that was asked to stop and did. */
  ok: 0,
  /** The command failed; stderr says why and what to do. */
  failed: 1,
  /** The command line was not understood; nothing was done. */
  usage: 2,
  /** Done as far as it could be: stderr says what of a damaged database is missing. */
  incomplete: 3,
  /** Stopped by Ctrl-C before it was done; the next start repairs what was left. */
  interrupted: 130,
  /** Nobody took the rest of an archive: as a shell reports a program that SIGPIPE has ended. */
  unread: 141,
} as const;
