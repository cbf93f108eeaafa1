/** Paths that are served by Chroma's protocol; all others belong to somebody else. */
export function isChromaPath(path: string): boolean {
  return path === '/openapi.json' || /^\/api\/v[12](?:\/|$)/.test(path);
}
