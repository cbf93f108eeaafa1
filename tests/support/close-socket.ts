type Closable = { readonly close: () => void };

/** Ends the connection of a viem client, if its transport has one: it would keep the process alive. */
export async function closeSocket({ transport }: { readonly transport: object }): Promise<void> {
  if (!('getRpcClient' in transport)) return;
  const connect = transport.getRpcClient as () => Promise<Closable>;
  (await connect()).close();
}
