import type * as llamaModule from 'node-llama-cpp';
import type { Llama } from 'node-llama-cpp';
import { PolarimeterError } from '../../contract/errors.ts';
import type { EmbeddedAvailability, EvaluatorChoice } from '../../contract/evaluator.ts';
import { isSoftwareDriver } from './isSoftwareDriver.ts';

export type LlamaModule = typeof llamaModule;
export type Device = 'cpu' | 'cuda' | 'metal' | 'vulkan';
export type DeviceChoice = Extract<EvaluatorChoice, { kind: 'embedded' }>['device'];

/** llama.cpp on one device. */
export interface LlamaRuntime {
  readonly module: LlamaModule;
  readonly llama: Llama;
  readonly device: Device;
  /** Of graphics processors. */
  readonly deviceNames: readonly string[];
  /** "llama.cpp v0.4.0 by node-llama-cpp 3.21.1" */
  readonly engine: string;
}

/** Best first. */
const GRAPHICS: readonly Exclude<Device, 'cpu'>[] = ['cuda', 'metal', 'vulkan'];

/** One of each for the process: loading takes half a second, and the library stays loaded anyway. */
const runtimes = new Map<Device, Promise<LlamaRuntime>>();

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Nobody else imports it: it is 30 MB of native code that only inference needs. fails inference-missing */
async function importModule(): Promise<LlamaModule> {
  try {
    return await import('node-llama-cpp');
  } catch (error) {
    throw new PolarimeterError('inference-missing', `node-llama-cpp cannot be loaded: ${messageOf(error)}`);
  }
}

async function open(device: Device): Promise<LlamaRuntime> {
  const module = await importModule();
  try {
    // Nothing is built and nothing is fetched; contexts say how many threads they use.
    const llama = await module.getLlama({
      gpu: device === 'cpu' ? false : device,
      build: 'never',
      skipDownload: true,
      progressLogs: false,
      logLevel: module.LlamaLogLevel.disabled,
      maxThreads: 0,
    });
    const deviceNames = device === 'cpu' ? [] : await llama.getGpuDeviceNames();
    const engine = `llama.cpp ${llama.llamaCppRelease.release} by node-llama-cpp ${await module.getModuleVersion()}`;
    if ((llama.gpu || 'cpu') !== device) throw new Error(`llama.cpp has no ${device} here`);
    return { module, llama, device, deviceNames, engine };
  } catch (error) {
    const why = messageOf(error) === 'NoBinaryFoundError' ? 'no binary of it runs here' : messageOf(error);
    throw new PolarimeterError('inference-missing', `llama.cpp on ${device}: ${why}`, device);
  }
}

function runtimeOf(device: Device): Promise<LlamaRuntime> {
  const known = runtimes.get(device);
  if (known) return known;
  const opened = open(device);
  runtimes.set(device, opened);
  return opened;
}

const isSoftware = ({ deviceNames }: LlamaRuntime): boolean => deviceNames.some(isSoftwareDriver);

/** `auto` is the best graphics processor that works, and never one in software; else the processor. fails inference-missing */
export async function loadRuntime(choice: DeviceChoice): Promise<LlamaRuntime> {
  if (choice !== 'auto') return await runtimeOf(choice);
  for (const runtime of await graphicsRuntimes()) if (!isSoftware(runtime)) return runtime;
  return await runtimeOf('cpu');
}

/** Those that work here. */
async function graphicsRuntimes(): Promise<LlamaRuntime[]> {
  const { getLlamaGpuTypes } = await importModule();
  const possible = await getLlamaGpuTypes('supported');
  const found: LlamaRuntime[] = [];
  for (const device of GRAPHICS.filter((one) => possible.includes(one))) {
    try {
      found.push(await runtimeOf(device));
    } catch (error) {
      if (!(error instanceof PolarimeterError)) throw error;
    }
  }
  return found;
}

/** Loads llama.cpp to see; devices as `device` names them, with what they are called. */
export async function embeddedAvailability(): Promise<EmbeddedAvailability> {
  try {
    const { engine } = await runtimeOf('cpu');
    const graphics = (await graphicsRuntimes()).map((runtime) => {
      const names = runtime.deviceNames.length === 0 ? '' : ` (${runtime.deviceNames.join(', ')})`;
      return `${runtime.device}${names}${isSoftware(runtime) ? ', in software: used only when named' : ''}`;
    });
    return { available: true, engine, devices: ['cpu', ...graphics], reason: null };
  } catch (error) {
    if (!(error instanceof PolarimeterError)) throw error;
    return { available: false, engine: null, devices: [], reason: error.message };
  }
}
