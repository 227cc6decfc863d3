/** A map that nothing changes, for values that are derived anew. */
export const mapOf = <Key, Value>(entries: readonly (readonly [Key, Value])[]): ReadonlyMap<Key, Value> =>
  new Map(entries);
