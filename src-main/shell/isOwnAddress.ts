/** Scheme and host under which the window sees the engine. */
export const APP_SCHEME = 'polarimeter-app';
export const APP_ORIGIN = `${APP_SCHEME}://workbench`;

/** Whether an address belongs to the workbench itself; a window may go nowhere else. */
export function isOwnAddress(address: string): boolean {
  const url = URL.parse(address);
  return url !== null && url.protocol === `${APP_SCHEME}:` && url.host === 'workbench';
}
