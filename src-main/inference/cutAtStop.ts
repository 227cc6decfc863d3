/** The text before the first of the stop texts in it; of those that begin at the same place it does not matter which. */
export function cutAtStop(
  text: string,
  stop: readonly string[],
): { readonly text: string; readonly stopped: boolean } {
  const places = stop.map((one) => text.indexOf(one)).filter((place) => place >= 0);
  return places.length === 0
    ? { text, stopped: false }
    : { text: text.slice(0, Math.min(...places)), stopped: true };
}
