/** What the page gets from the desktop: a folder dialog, and nothing else. */
import { contextBridge, ipcRenderer } from 'electron';

contextBridge.exposeInMainWorld('polarimeterDesktop', {
  chooseFolder: (): Promise<string | null> =>
    ipcRenderer.invoke('polarimeter:choose-folder') as Promise<string | null>,
});
