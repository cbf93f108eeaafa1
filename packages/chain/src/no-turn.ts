/** The `takeTurn` of work that lets nobody else go first. */
export async function noTurn(): Promise<void> {
  return undefined;
}
