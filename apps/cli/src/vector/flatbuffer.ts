// As much of FlatBuffers as finds a field: a table begins with the distance back to its vtable, which
// has, behind its own length and the table's, the place of each field in the table, or 0.
// https://flatbuffers.dev/internals/

/** Where the root table is. */
export function rootTable(view: DataView, start: number): number {
  return start + view.getInt32(start, true);
}

/** Where field `index` of the table is; undefined when it is not there. */
export function fieldOf(view: DataView, table: number, index: number): number | undefined {
  const vtable = table - view.getInt32(table, true);
  const entry = 4 + index * 2;
  if (entry >= view.getUint16(vtable, true)) return undefined;
  const place = view.getUint16(vtable + entry, true);
  return place === 0 ? undefined : table + place;
}

/** Where the items of a vector begin, to which the field at `place` refers, and how many there are. */
export function vectorAt(view: DataView, place: number): { start: number; length: number } {
  const vector = place + view.getUint32(place, true);
  return { start: vector + 4, length: view.getUint32(vector, true) };
}
