import { Stage, type Progress, type StageWork } from '../contract/study.ts';

/** A tensor that is being computed. */
interface Flight {
  readonly begun: number;
  stage: Stage | null;
  since: number;
  readonly passed: Set<Stage>;
}

type Work = { -readonly [part in keyof StageWork]: StageWork[part] };

/** How much time, and how many bytes and operations, the tensors of a run have spent in each stage. */
export class StageClock {
  readonly #now: () => number;
  readonly #flights = new Map<string, Flight>();
  readonly #work: Record<Stage, Work>;

  /** @param now milliseconds on a clock that never goes back */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    const none = (): Work => ({ millis: 0, tensors: 0, bytes: 0, flops: 0 });
    this.#work = {
      make: none(),
      hash: none(),
      elements: none(),
      decompose: none(),
      angles: none(),
      store: none(),
    };
  }

  /** The tensors that are begun and not finished, in the order of their beginning. */
  get inFlight(): readonly string[] {
    return [...this.#flights.keys()];
  }

  begin(tensor: string): void {
    this.#flight(tensor);
  }

  /** Null while the tensor waits, for memory or for another one. */
  enter(tensor: string, stage: Stage | null): void {
    const flight = this.#flight(tensor);
    this.#settle(flight);
    flight.stage = stage;
    if (stage !== null) flight.passed.add(stage);
  }

  /** Adds to the stage that the tensor is in. */
  worked(tensor: string, { bytes = 0, flops = 0 }: { bytes?: number; flops?: number }): void {
    const { stage } = this.#flight(tensor);
    if (stage === null) return;
    this.#work[stage].bytes += bytes;
    this.#work[stage].flops += flops;
  }

  /** Returns the milliseconds since the tensor was begun. */
  finish(tensor: string): number {
    const flight = this.#flight(tensor);
    this.#settle(flight);
    for (const stage of flight.passed) this.#work[stage].tensors += 1;
    this.#flights.delete(tensor);
    return this.#now() - flight.begun;
  }

  /** It will not be finished, but the time that it took counts. */
  abandon(tensor: string): void {
    this.#settle(this.#flight(tensor));
    this.#flights.delete(tensor);
  }

  /** What is in flight will not be finished; the time that it took counts. */
  endAll(): void {
    for (const flight of this.#flights.values()) this.#settle(flight);
    this.#flights.clear();
  }

  stages(): Progress['stages'] {
    for (const flight of this.#flights.values()) this.#settle(flight);
    const { make, hash, elements, decompose, angles, store } = this.#work;
    return {
      make: { ...make },
      hash: { ...hash },
      elements: { ...elements },
      decompose: { ...decompose },
      angles: { ...angles },
      store: { ...store },
    };
  }

  total(): { bytes: number; flops: number } {
    const all = Stage.options.map((stage) => this.#work[stage]);
    return {
      bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
      flops: all.reduce((sum, { flops }) => sum + flops, 0),
    };
  }

  #flight(tensor: string): Flight {
    const known = this.#flights.get(tensor);
    if (known) return known;
    const now = this.#now();
    const flight = { begun: now, stage: null, since: now, passed: new Set<Stage>() };
    this.#flights.set(tensor, flight);
    return flight;
  }

  #settle(flight: Flight): void {
    const now = this.#now();
    if (flight.stage !== null) this.#work[flight.stage].millis += now - flight.since;
    flight.since = now;
  }
}
