const MOST = 300;

/** Words of a server for a message: one line, cut, without control characters, and without the key should it echo it. */
export function quoted(text: string, key: string | null): string {
  const clean = (key === null || key === '' ? text : text.replaceAll(key, '(key)'))
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim();
  return clean.length > MOST ? `${clean.slice(0, MOST)}…` : clean;
}
