import type { CommandId } from './commands.ts';

/** What the page gets from the desktop app, as window.polarimeterDesktop; not there in a browser. */
export interface DesktopBridge {
  /** The system's dialog; null when it is dismissed. */
  chooseFolder(): Promise<string | null>;
  /** Called for every command that is chosen in the native menu. Returns the function that ends it. */
  onCommand(callback: (id: CommandId) => void): () => void;
  /** Where a file or folder lies that was dropped on the page; empty for one that is not on disk. */
  pathOf(file: File): string;
}
