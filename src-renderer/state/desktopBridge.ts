import type { DesktopBridge } from '../../src-main/contract/desktop.ts';

declare global {
  interface Window {
    /** There in the desktop app only. */
    readonly polarimeterDesktop?: DesktopBridge;
  }
}

/** What the desktop app does for the page; null in a browser. */
export const desktopBridge = (): DesktopBridge | null => window.polarimeterDesktop ?? null;
