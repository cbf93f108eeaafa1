import { runCases } from './harness.ts';

/** Runs what was registered here and tells the server of each case, as it begins and as it ends. */
export async function reportCases(place: string): Promise<void> {
  const post = async (path: string, body: unknown): Promise<void> => {
    await fetch(path, { method: 'POST', body: JSON.stringify(body) });
  };
  await runCases(
    (result) => post(`/result/${place}`, result),
    (name) => post(`/begin/${place}`, name),
  );
}
