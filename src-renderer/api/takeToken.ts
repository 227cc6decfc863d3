const KEY = 'polarimeter.token';

/**
 * The secret of this launch: from the address when the page was opened with it, else from this tab's session. It is taken out of the
 * address at once, so that it reaches no history, screenshot or shared link. Null behind the desktop, which adds it itself.
 */
export function takeToken(
  place: Pick<Location, 'href'>,
  past: Pick<History, 'replaceState'>,
  session: Pick<Storage, 'getItem' | 'setItem'>,
): string | null {
  const url = new URL(place.href);
  const token = url.searchParams.get('token');
  if (token === null) return session.getItem(KEY);
  session.setItem(KEY, token);
  url.searchParams.delete('token');
  past.replaceState(null, '', url.pathname + url.search + url.hash);
  return token;
}
