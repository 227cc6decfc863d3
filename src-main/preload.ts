/** What the page gets from the desktop: a folder dialog, the commands of the menu, the paths of what is dropped; and nothing else. */
import { contextBridge, ipcRenderer, type IpcRendererEvent, webUtils } from 'electron';
import type { CommandId } from './contract/commands.ts';
import type { DesktopBridge } from './contract/desktop.ts';

const bridge: DesktopBridge = {
  chooseFolder: () => ipcRenderer.invoke('polarimeter:choose-folder') as Promise<string | null>,
  onCommand: (callback) => {
    const listener = (_event: IpcRendererEvent, id: CommandId): void => callback(id);
    ipcRenderer.on('polarimeter:command', listener);
    return () => ipcRenderer.off('polarimeter:command', listener);
  },
  pathOf: (file) => webUtils.getPathForFile(file),
};

contextBridge.exposeInMainWorld('polarimeterDesktop', bridge);
