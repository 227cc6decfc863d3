import { PolarimeterError } from '../contract/errors.ts';
import type { EngineAddress } from './forwardRequest.ts';

/** A running engine process, as the supervisor sees it. */
export interface EngineProcess {
  /** Fulfilled once it listens; rejected when it ends before that. */
  readonly listening: Promise<EngineAddress>;
  /** Fulfilled when it has ended, for whatever reason. */
  readonly ended: Promise<void>;
  readonly stop: () => void;
}

/** What the supervisor does to the world. */
export interface SupervisorEffects {
  readonly start: () => EngineProcess;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
  readonly wait: (millis: number) => Promise<void>;
  readonly log: (message: string) => void;
}

/** An engine that ends this often within a minute will end again. */
const MOST_ENDS = 5;
const WITHIN_MILLIS = 60_000;
/** First pause before a new start; it doubles with every end within the minute. */
const FIRST_PAUSE_MILLIS = 200;

/**
 * Keeps one engine process running. When it ends unasked it is started again; when it keeps ending, requests fail with
 * `engine-stopped` until someone asks for a new try.
 */
export class EngineSupervisor {
  readonly #effects: SupervisorEffects;
  #ends: number[] = [];
  #engine: EngineProcess | null = null;
  /** What requests wait for. It outlives failed starts; only an address that was handed out is replaced. */
  #address = Promise.withResolvers<EngineAddress>();
  #handedOut = false;
  #stopped = false;

  constructor(effects: SupervisorEffects) {
    this.#effects = effects;
    this.#start();
  }

  /** Where the engine listens; waits while it starts. Fails with engine-stopped. */
  address(): Promise<EngineAddress> {
    return this.#address.promise;
  }

  /** Starts the engine again after it was given up; does nothing while one is running or about to. */
  restart(): void {
    if (this.#engine !== null || this.#stopped) return;
    this.#ends = [];
    this.#await();
    this.#start();
  }

  /** Ends the engine for good; fulfilled when it has ended. */
  async stop(): Promise<void> {
    const engine = this.#engine;
    this.#stopped = true;
    engine?.stop();
    this.#giveUp('the workbench is closing');
    await engine?.ended;
  }

  #start(): void {
    if (this.#stopped) return;
    const engine = this.#effects.start();
    this.#engine = engine;
    // A start that fails ends the process as well, and is dealt with there.
    engine.listening.then(
      (address) => this.#handOut(address),
      () => undefined,
    );
    void engine.ended.then(() => this.#ended());
  }

  async #ended(): Promise<void> {
    if (this.#stopped) return;
    if (this.#handedOut) this.#await();
    const now = this.#effects.now();
    this.#ends = [...this.#ends.filter((end) => now - end < WITHIN_MILLIS), now];
    if (this.#ends.length >= MOST_ENDS) {
      this.#effects.log(`the engine ended ${this.#ends.length} times within a minute; it stays down`);
      this.#giveUp('the process that computes keeps ending');
      return;
    }
    const pause = FIRST_PAUSE_MILLIS * 2 ** (this.#ends.length - 1);
    this.#effects.log(`the engine ended; starting it again in ${pause} ms`);
    await this.#effects.wait(pause);
    this.#start();
  }

  #await(): void {
    this.#address = Promise.withResolvers();
    this.#handedOut = false;
  }

  #handOut(address: EngineAddress): void {
    this.#handedOut = true;
    this.#address.resolve(address);
  }

  #giveUp(why: string): void {
    this.#engine = null;
    if (this.#handedOut) this.#await();
    // Nobody may be waiting; then nobody needs to hear of it.
    this.#address.promise.catch(() => undefined);
    this.#address.reject(new PolarimeterError('engine-stopped', why));
  }
}
