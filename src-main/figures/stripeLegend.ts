import { formatCount, formatValue } from '../contract/format.ts';
import { NO_DIRECTION, REDUCTIONS, type Reduction } from '../contract/stripes.ts';

export interface LegendTick {
  /** 0 to 1 along the scale. */
  readonly position: number;
  readonly label: string;
}

/** What the colours of a stripe map mean. */
export interface StripeLegend {
  readonly title: string;
  /** Unit and kind of the scale. */
  readonly scale: string;
  readonly ticks: readonly LegendTick[];
  /** The byte whose colour stands at a position. */
  readonly byteAt: (position: number) => number;
  /** Colours outside the scale. */
  readonly single: readonly { readonly byte: number; readonly label: string }[];
}

const LARGEST = 127;
/** Half of the scale of steps belongs to each sign; what did not change has a place of this width between them. */
const UNCHANGED = 0.06;
const HALF = (1 - UNCHANGED) / 2;

const unsigned = (value: number): number => value & 0xff;

function stepsAt(position: number): number {
  const fromMiddle = Math.abs(position - 0.5) - UNCHANGED / 2;
  if (fromMiddle < 0) return 0;
  const steps = Math.round(2 ** ((fromMiddle / HALF) * Math.log2(LARGEST)));
  return unsigned(position < 0.5 ? -steps : steps);
}

function stepsTick(steps: number): LegendTick {
  const away = UNCHANGED / 2 + HALF * (Math.log2(Math.abs(steps)) / Math.log2(LARGEST));
  const size = `${steps < 0 ? '−' : '+'}${formatCount(Math.abs(steps))}`;
  const beyond = steps < 0 ? '≤ ' : '≥ ';
  return {
    position: steps < 0 ? 0.5 - away : 0.5 + away,
    label: `${Math.abs(steps) === LARGEST ? beyond : ''}${size}`,
  };
}

const shareTick = (share: number): LegendTick => ({
  position: Math.sqrt(share),
  label: formatValue(share, 'share'),
});

const shareScale = (title: string, none: string, scale: string): StripeLegend => ({
  title,
  scale: `${scale}, square-root scale`,
  ticks: [0.01, 0.1, 0.25, 0.5, 1].map(shareTick),
  byteAt: (position) => Math.max(1, Math.round(255 * position ** 2)),
  single: [{ byte: 0, label: none }],
});

const LEGENDS: Readonly<Record<Reduction, StripeLegend>> = {
  steps: {
    title: REDUCTIONS.steps,
    scale: 'bf16 steps, logarithmic, down on the left and up on the right',
    ticks: [-LARGEST, -16, -4, -1, 1, 4, 16, LARGEST].map(stepsTick),
    byteAt: stepsAt,
    single: [
      { byte: 0, label: 'unchanged' },
      { byte: unsigned(NO_DIRECTION), label: 'NaN or infinite' },
    ],
  },
  density: shareScale(REDUCTIONS.density, 'none changed', '% of the weights under a pixel'),
  direction: {
    title: REDUCTIONS.direction,
    scale: '(up − down) / changed, a pure number',
    ticks: [
      { position: 0, label: '−1 all down' },
      { position: 0.5, label: '0' },
      { position: 1, label: '+1 all up' },
    ],
    byteAt: (position) => unsigned(Math.round(LARGEST * (2 * position - 1))),
    single: [{ byte: unsigned(NO_DIRECTION), label: 'none changed' }],
  },
  consensus: shareScale(REDUCTIONS.consensus, 'no run changed it', '% of the runs, mean under a pixel'),
};

export function stripeLegend(reduction: Reduction): StripeLegend {
  return LEGENDS[reduction];
}

/** The value that a byte stands for, in words. */
export function stripeValue(reduction: Reduction, byte: number): string {
  const value = (byte << 24) >> 24;
  if (reduction === 'steps') {
    if (value === 0) return 'unchanged';
    if (value === NO_DIRECTION) return 'NaN or infinite';
    const size = `${Math.abs(value) === LARGEST ? 'at least ' : ''}${formatCount(Math.abs(value))}`;
    return `${size} ${Math.abs(value) === 1 ? 'step' : 'steps'} ${value > 0 ? 'up' : 'down'}`;
  }
  if (reduction === 'direction')
    return value === NO_DIRECTION ? 'none changed' : `mean direction ${(value / LARGEST).toFixed(2)}`;
  const share = byte === 0 ? '0 %' : byte === 255 ? '100 %' : `about ${formatValue(byte / 255, 'share')}`;
  return reduction === 'density' ? `${share} changed` : `changed in ${share} of the runs`;
}
