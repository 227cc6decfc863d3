/** The desktop shell: a window, a menu, a folder dialog, and the engine process behind them. It computes nothing. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import {
  app,
  BrowserWindow,
  clipboard,
  dialog,
  ipcMain,
  Menu,
  type MenuItemConstructorOptions,
  protocol,
  screen,
  session,
  shell,
  utilityProcess,
} from 'electron';
import { PolarimeterError } from './contract/errors.ts';
import { appRequest } from './shell/appRequest.ts';
import { EngineClient } from './shell/EngineClient.ts';
import { type EngineProcess, EngineSupervisor } from './shell/EngineSupervisor.ts';
import type { EngineAddress } from './shell/forwardRequest.ts';
import { APP_ORIGIN, APP_SCHEME, isOwnAddress } from './shell/isOwnAddress.ts';
import { LogFile } from './shell/LogFile.ts';
import { type MenuAction, type MenuEntry, menuTemplate, type RecentStudy } from './shell/menuTemplate.ts';
import { privateSocket } from './shell/privateSocket.ts';
import { ReloadGuard } from './shell/ReloadGuard.ts';
import { reportText } from './shell/reportText.ts';
import { studyArgument } from './shell/studyArgument.ts';
import { SMALLEST, windowBounds } from './shell/windowBounds.ts';

protocol.registerSchemesAsPrivileged([
  { scheme: APP_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
]);
app.enableSandbox();

function startEngine(log: LogFile): EngineProcess {
  const socket = privateSocket();
  const child = utilityProcess.fork(join(import.meta.dirname, 'engine.js'), [socket.socketPath], {
    serviceName: 'Polarimeter engine',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (text: Buffer) => log.write(text.toString()));
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

const boundsFile = (): string => join(app.getPath('userData'), 'window.json');

/** Null at the first start, or when the file is damaged: the window is then put where the system likes it. */
function rememberedBounds(): unknown {
  try {
    return JSON.parse(readFileSync(boundsFile(), 'utf8'));
  } catch {
    return null;
  }
}

/** The window and what it is told from outside the page. */
class Desktop {
  readonly #engine: EngineSupervisor;
  readonly #client: EngineClient;
  readonly #log: LogFile;
  #window: BrowserWindow | null = null;
  #recent: readonly RecentStudy[] = [];

  constructor(engine: EngineSupervisor, log: LogFile) {
    this.#engine = engine;
    this.#client = new EngineClient(engine);
    this.#log = log;
  }

  /** Shows the window, making it where there is none. */
  show(): BrowserWindow {
    const window = this.#window ?? this.#makeWindow();
    if (window.isMinimized()) window.restore();
    window.focus();
    return window;
  }

  /** Opens a study that was named from outside: a document, the recent list, another start of the program. */
  async open(folder: string): Promise<void> {
    const window = this.show();
    try {
      const id = await this.#client.open(folder);
      app.addRecentDocument(folder);
      await window.loadURL(`${APP_ORIGIN}/#/study/${id}`);
    } catch (error) {
      if (!(error instanceof PolarimeterError)) throw error;
      const { message, where, cause, remedy } = error.body;
      const detail = `${where ?? folder}\n\nLikely cause: ${cause}\nWhat helps: ${remedy}`;
      await dialog.showMessageBox(window, { type: 'error', message, detail });
    }
    await this.renewMenu();
  }

  /** The menu with the studies that were opened last. */
  async renewMenu(): Promise<void> {
    try {
      this.#recent = await this.#client.studies();
    } catch (error) {
      this.#log.line(`the recent studies are not known: ${String(error)}`);
    }
    const entries = menuTemplate(process.platform, this.#recent);
    Menu.setApplicationMenu(Menu.buildFromTemplate(entries.map((entry) => this.#item(entry))));
  }

  #makeWindow(): BrowserWindow {
    const screens = screen.getAllDisplays().map(({ workArea }) => workArea);
    const window = new BrowserWindow({
      ...(windowBounds(rememberedBounds(), screens) ?? { width: 1440, height: 900 }),
      minWidth: SMALLEST.width,
      minHeight: SMALLEST.height,
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
    this.#window = window;
    window.once('ready-to-show', () => window.show());
    window.on('focus', () => void this.renewMenu());
    window.on('close', () => writeFileSync(boundsFile(), JSON.stringify(window.getNormalBounds())));
    window.on('closed', () => {
      this.#window = null;
    });
    this.#surviveCrashes(window);
    void window.loadURL(`${APP_ORIGIN}/`);
    return window;
  }

  /** A page that crashes is loaded again, once a minute; its study and run are the engine's, and are still there. */
  #surviveCrashes(window: BrowserWindow): void {
    const guard = new ReloadGuard();
    window.webContents.on('render-process-gone', (_event, { reason }) => {
      this.#log.line(`the page ended: ${reason}`);
      if (guard.reloads(reason)) {
        window.reload();
        return;
      }
      const message = 'The page has crashed twice within a minute.';
      const detail = 'Runs go on. Choose Help, Show logs, and report what is there.';
      if (reason !== 'clean-exit') void dialog.showMessageBox(window, { type: 'error', message, detail });
    });
  }

  #item(entry: MenuEntry): MenuItemConstructorOptions {
    if (entry.kind === 'separator') return { type: 'separator' };
    if (entry.kind === 'role') return { role: entry.role };
    if (entry.kind === 'submenu')
      return { label: entry.label, submenu: entry.entries.map((one) => this.#item(one)) };
    const { label, action, keys, isEnabled } = entry;
    return {
      label,
      enabled: isEnabled,
      // The page acts on keys itself; on a Mac the menu does, and the page hears of the command.
      registerAccelerator: false,
      ...(keys === null ? {} : { accelerator: keys }),
      ...(action.kind === 'command' ? { id: action.id } : {}),
      click: () => void this.#act(action),
    };
  }

  async #act(action: MenuAction): Promise<void> {
    if (action.kind === 'command') this.show().webContents.send('polarimeter:command', action.id);
    if (action.kind === 'open') await this.open(action.folder);
    if (action.kind === 'restart-engine') this.#engine.restart();
    if (action.kind === 'show-logs') await shell.openPath(this.#log.folder);
    if (action.kind === 'show-report') await this.#showReport();
  }

  async #showReport(): Promise<void> {
    const { electron, chrome } = process.versions;
    const detail = await this.#client.health().then(
      (health) => reportText(health, { electron, chrome }),
      (error: unknown) => `the engine does not answer: ${String(error)}`,
    );
    const options = { type: 'info' as const, message: 'Report for an issue', buttons: ['Copy', 'Close'] };
    const { response } = await dialog.showMessageBox(this.show(), { ...options, detail });
    if (response === 0) await clipboard.writeText(detail);
  }
}

/** What a page cannot do by itself: ask for a folder. Null when the dialog is dismissed. */
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

/** The words of a command line after the program, and after the app's folder where Electron is started by hand. */
const wordsOf = (argv: readonly string[]): string[] => argv.slice(app.isPackaged ? 1 : 2);

async function main(): Promise<void> {
  if (!app.requestSingleInstanceLock()) {
    app.quit();
    return;
  }
  let asked = studyArgument(wordsOf(process.argv), process.cwd());
  let desktop: Desktop | null = null;
  // A Mac says so before the app is ready.
  app.on('open-file', (event, path) => {
    event.preventDefault();
    if (desktop) void desktop.open(path);
    else asked = path;
  });
  await app.whenReady();
  lockDown();
  const log = new LogFile(app.getPath('logs'), (text) => process.stderr.write(text));
  const engine = new EngineSupervisor({
    start: () => startEngine(log),
    now: () => performance.now(),
    wait,
    log: (message) => log.line(message),
  });
  protocol.handle(APP_SCHEME, (request) => appRequest(engine, request));
  answerFolderDialog();
  desktop = new Desktop(engine, log);
  const shown = desktop;
  app.on('second-instance', (_event, argv, folder) => {
    const study = studyArgument(wordsOf(argv), folder);
    if (study === null) shown.show();
    else void shown.open(study);
  });
  app.on('activate', () => void shown.show());
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  app.on('will-quit', () => void engine.stop());
  if (asked === null) shown.show();
  else await shown.open(asked);
  await shown.renewMenu();
}

void main();
