import { formatValue } from '../../src-main/contract/format.ts';
import { scaleEnd } from './axisTicks.ts';
import type { FigureAxis } from './FigureAxis.ts';
import type { Box } from './figureLayout.ts';
import type { Furniture } from './furniture.ts';
import { line, text, type Pen } from './pen.ts';
import type { ProfileLevel } from './ProfilePyramid.ts';

const boxOf = (axis: FigureAxis, { layout }: Furniture): Box =>
  axis.side === 'rows' ? layout.rowProfile : layout.columnProfile;

/** Shares as bars, each exactly beside the pixels that it is about. */
function drawBars(
  pen: Pen,
  axis: FigureAxis,
  furniture: Furniture,
  bars: { shares: Float64Array; end: number },
): void {
  const box = boxOf(axis, furniture);
  const isRows = axis.side === 'rows';
  const size = 2 ** furniture.viewport.level;
  const edge = (weight: number): number => Math.round(axis.at(Math.min(axis.count, weight)));
  for (let bin = Math.floor(axis.first / size); bin * size < axis.last; bin++) {
    const from = Math.max(axis.start, edge(bin * size));
    const to = Math.min(axis.start + axis.length, edge((bin + 1) * size));
    const share = Math.min(1, (bars.shares[bin] ?? 0) / bars.end);
    if (isRows) pen.fillRect(box.x, from, share * box.width, Math.max(1, to - from));
    else pen.fillRect(from, box.y, Math.max(1, to - from), share * box.height);
  }
}

/** The outline that bars would have, for several runs in one place. */
function drawOutline(
  pen: Pen,
  axis: FigureAxis,
  furniture: Furniture,
  bars: { shares: Float64Array; end: number },
): void {
  const box = boxOf(axis, furniture);
  const isRows = axis.side === 'rows';
  const size = 2 ** furniture.viewport.level;
  const [start, stop] = [axis.start, axis.start + axis.length];
  const edge = (weight: number): number =>
    Math.min(stop, Math.max(start, axis.at(Math.min(axis.count, weight))));
  pen.beginPath();
  for (let bin = Math.floor(axis.first / size); bin * size < axis.last; bin++) {
    const share = Math.min(1, (bars.shares[bin] ?? 0) / bars.end);
    for (const at of [edge(bin * size), edge((bin + 1) * size)]) {
      if (isRows) pen.lineTo(box.x + share * box.width, at);
      else pen.lineTo(at, box.y + share * box.height);
    }
  }
  pen.stroke();
}

/** The mean share of the weights under a pixel, and fainter the largest one; of several runs the means alone. */
function drawProfile(
  pen: Pen,
  axis: FigureAxis,
  furniture: Furniture,
  profile: { level: ProfileLevel; end: number },
): void {
  const { level, end } = profile;
  if (furniture.profiles.length > 1) {
    drawOutline(pen, axis, furniture, { shares: level.mean, end });
    return;
  }
  pen.globalAlpha = 0.35;
  drawBars(pen, axis, furniture, { shares: level.largest, end });
  pen.globalAlpha = 1;
  drawBars(pen, axis, furniture, { shares: level.mean, end });
}

function drawScale(pen: Pen, axis: FigureAxis, furniture: Furniture): void {
  const box = boxOf(axis, furniture);
  pen.strokeStyle = furniture.ink.rule;
  for (const part of [0, 0.5, 1]) {
    if (axis.side === 'rows') {
      const x = box.x + part * box.width;
      line(pen, [x, box.y], [x, box.y + box.height]);
    } else {
      const y = box.y + part * box.height;
      line(pen, [box.x, y], [box.x + box.width, y]);
    }
  }
}

function nameScale(pen: Pen, axis: FigureAxis, furniture: Furniture, end: number): void {
  const box = boxOf(axis, furniture);
  const px = (css: number): number => css * furniture.layout.ratio;
  const label = formatValue(end, 'share');
  pen.fillStyle = furniture.ink.muted;
  if (axis.side === 'rows') {
    pen.textBaseline = 'bottom';
    pen.textAlign = 'left';
    text(pen, '0', box.x, box.y - px(6));
    text(pen, 'changed', box.x, box.y - px(20));
    pen.textAlign = 'right';
    text(pen, label, box.x + box.width + px(12), box.y - px(6));
    return;
  }
  pen.textAlign = 'right';
  pen.textBaseline = 'top';
  text(pen, '0', box.x - px(6), box.y - px(2));
  pen.textBaseline = 'bottom';
  text(pen, label, box.x - px(6), box.y + box.height + px(4));
  pen.textAlign = 'left';
  pen.textBaseline = 'top';
  text(pen, 'changed per column', box.x, box.y + box.height + px(4));
}

/** Profiles along one side of the picture, on a scale of their own. */
export function drawProfiles(pen: Pen, axis: FigureAxis, furniture: Furniture): void {
  const { viewport, profiles } = furniture;
  const lines = profiles.flatMap(({ colour, [axis.side]: pyramid }) =>
    pyramid ? [{ pyramid, colour }] : [],
  );
  if (lines.length === 0) return;
  const end = scaleEnd(Math.max(...lines.map(({ pyramid }) => pyramid.peak)));
  drawScale(pen, axis, furniture);
  for (const { pyramid, colour } of lines) {
    pen.fillStyle = colour;
    pen.strokeStyle = colour;
    drawProfile(pen, axis, furniture, { level: pyramid.at(viewport.level), end });
  }
  nameScale(pen, axis, furniture, end);
}
