/** The desktop shell: a window, a menu, a folder dialog, and the engine process behind them. It computes nothing. */
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { app, BrowserWindow, dialog, ipcMain, Menu, protocol, session, utilityProcess } from 'electron';
import { appRequest } from './shell/appRequest.ts';
import { type EngineProcess, EngineSupervisor } from './shell/EngineSupervisor.ts';
import type { EngineAddress } from './shell/forwardRequest.ts';
import { APP_ORIGIN, APP_SCHEME, isOwnAddress } from './shell/isOwnAddress.ts';
import { privateSocket } from './shell/privateSocket.ts';

protocol.registerSchemesAsPrivileged([
  { scheme: APP_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
]);
app.enableSandbox();

function startEngine(): EngineProcess {
  const socket = privateSocket();
  const child = utilityProcess.fork(join(import.meta.dirname, 'engine.js'), [socket.socketPath], {
    serviceName: 'Polarimeter engine',
  });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      socket.remove();
      resolve();
    });
  });
  const listening = new Promise<EngineAddress>((resolve, reject) => {
    child.once('message', ({ token }: { token: string }) => {
      resolve({ socketPath: socket.socketPath, token });
    });
    void ended.then(() => reject(new Error('the engine ended before it listened')));
  });
  return { listening, ended, stop: () => void child.kill() };
}

/** The page may load what the engine serves, and nothing else: no network, no permission, no second window. */
function lockDown(): void {
  session.defaultSession.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.defaultSession.setPermissionCheckHandler(() => false);
  session.defaultSession.webRequest.onBeforeRequest(({ url }, answer) => {
    answer({ cancel: !isOwnAddress(url) && !url.startsWith('devtools://') });
  });
  app.on('web-contents-created', (_event, contents) => {
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.on('will-navigate', (event) => {
      if (!isOwnAddress(event.url)) event.preventDefault();
    });
    contents.on('will-frame-navigate', (event) => {
      if (!isOwnAddress(event.url)) event.preventDefault();
    });
  });
}

function openWindow(): void {
  const window = new BrowserWindow({
    width: 1440,
    height: 900,
    minWidth: 720,
    minHeight: 480,
    show: false,
    webPreferences: {
      preload: join(import.meta.dirname, '..', 'preload', 'preload.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
    },
  });
  window.once('ready-to-show', () => window.show());
  void window.loadURL(`${APP_ORIGIN}/`);
}

/** The one thing a page cannot do by itself: ask for a folder. Null when the dialog is dismissed. */
function answerFolderDialog(): void {
  ipcMain.handle('polarimeter:choose-folder', async (event): Promise<string | null> => {
    const window = BrowserWindow.fromWebContents(event.sender);
    if (window === null || !isOwnAddress(event.senderFrame?.url ?? '')) return null;
    const { filePaths } = await dialog.showOpenDialog(window, {
      properties: ['openDirectory', 'showHiddenFiles'],
    });
    return filePaths[0] ?? null;
  });
}

function setMenu(engine: EngineSupervisor): void {
  const restart = { label: 'Restart the engine', click: () => engine.restart() };
  const menu = Menu.buildFromTemplate([
    ...(process.platform === 'darwin' ? [{ role: 'appMenu' as const }] : []),
    { role: 'fileMenu' },
    { role: 'editMenu' },
    { role: 'viewMenu' },
    { role: 'windowMenu' },
    { role: 'help', submenu: [restart, { role: 'about' }] },
  ]);
  Menu.setApplicationMenu(menu);
}

async function main(): Promise<void> {
  if (!app.requestSingleInstanceLock()) {
    app.quit();
    return;
  }
  await app.whenReady();
  lockDown();
  const log = (message: string): void => console.error(message);
  const engine = new EngineSupervisor({ start: startEngine, now: () => performance.now(), wait, log });
  protocol.handle(APP_SCHEME, (request) => appRequest(engine, request));
  answerFolderDialog();
  setMenu(engine);
  openWindow();
  app.on('second-instance', () => BrowserWindow.getAllWindows()[0]?.focus());
  app.on('activate', () => {
    if (BrowserWindow.getAllWindows().length === 0) openWindow();
  });
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  app.on('will-quit', () => void engine.stop());
}

void main();
