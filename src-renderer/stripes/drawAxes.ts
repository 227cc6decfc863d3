import { formatCount } from '../../src-main/contract/format.ts';
import { axisTicks } from './axisTicks.ts';
import { FigureAxis } from './FigureAxis.ts';
import type { Furniture } from './furniture.ts';
import { line, text, type Pen } from './pen.ts';

/** Of one weight, in device pixels: from here on it has a frame. */
const GRID_SCALE = 8;
/** Least CSS pixels between numbers of an axis, between ticks of heads, and of a head that has its lines or its name. */
const NUMBER_APART = { rows: 44, columns: 68 };
const HEAD_TICK_APART = 4;
const HEAD_LINE_APART = 28;
const HEAD_NAME_APART = 46;

function drawNumbers(pen: Pen, axis: FigureAxis, { ink, layout }: Furniture): void {
  const { ratio, picture } = layout;
  const px = (css: number): number => css * ratio;
  pen.fillStyle = ink.muted;
  pen.strokeStyle = ink.edge;
  for (const weight of axisTicks(axis.first, axis.last - 1, axis.weightsIn(NUMBER_APART[axis.side]))) {
    const at = (axis.at(weight) + axis.at(weight + 1)) / 2;
    if (axis.side === 'rows') {
      pen.textAlign = 'right';
      pen.textBaseline = 'middle';
      text(pen, formatCount(weight), picture.x - px(9), at);
      line(pen, [picture.x - px(6), at], [picture.x - px(1), at]);
    } else {
      pen.textAlign = 'center';
      pen.textBaseline = 'bottom';
      const words = formatCount(weight);
      // What stands beyond the picture belongs to the profile.
      if (at + pen.measureText(words).width / 2 <= picture.x + picture.width)
        text(pen, words, at, picture.y - px(8));
      line(pen, [at, picture.y - px(6)], [at, picture.y - px(1)]);
    }
  }
}

/** First boundary of heads in view, and how many heads from one that is drawn to the next. */
function boundaries(axis: FigureAxis, size: number, apart: number): number[] {
  const every = Math.max(1, 2 ** Math.ceil(Math.log2(axis.weightsIn(apart) / size)));
  const step = size * every;
  const list: number[] = [];
  for (let at = Math.ceil(axis.first / step) * step; at <= axis.last; at += step) list.push(at);
  return list;
}

function drawHeads(pen: Pen, axis: FigureAxis, furniture: Furniture): void {
  const { layout, tensor, ink } = furniture;
  const { headSize: size } = tensor;
  if (size === null || tensor.headAxis !== axis.side) return;
  const { picture, ratio } = layout;
  const isRows = axis.side === 'rows';
  pen.strokeStyle = ink.ink;
  const reach = 4 * ratio;
  for (const weight of boundaries(axis, size, HEAD_TICK_APART)) {
    const at = axis.at(weight);
    if (isRows) line(pen, [picture.x - reach, at], [picture.x, at]);
    else line(pen, [at, picture.y - reach], [at, picture.y]);
  }
  if (axis.weightsIn(HEAD_LINE_APART) > size) return;
  for (const weight of boundaries(axis, size, 0)) {
    // Ink on paper, so that it shows on dark and on light pixels.
    for (const [colour, width] of [
      [ink.paper, 3],
      [ink.ink, 1],
    ] as const) {
      pen.strokeStyle = colour;
      pen.lineWidth = width * ratio;
      lineThrough(pen, axis, furniture, axis.at(weight));
    }
  }
  pen.lineWidth = Math.max(1, Math.round(ratio));
  if (axis.weightsIn(HEAD_NAME_APART) <= size) nameHeads(pen, axis, furniture, size);
}

function nameHeads(pen: Pen, axis: FigureAxis, { layout, ink }: Furniture, size: number): void {
  const { ratio } = layout;
  pen.fillStyle = ink.muted;
  for (let head = Math.floor(axis.first / size); head * size < axis.last; head++) {
    const from = Math.max(axis.first, head * size);
    const to = Math.min(axis.last, (head + 1) * size);
    if (to - from < axis.weightsIn(HEAD_NAME_APART)) continue;
    const middle = (axis.at(from) + axis.at(to)) / 2;
    pen.textAlign = 'center';
    if (axis.side === 'columns') {
      pen.textBaseline = 'top';
      text(pen, `head ${String(head)}`, middle, 2 * ratio);
      continue;
    }
    pen.save();
    pen.translate(2 * ratio, middle);
    pen.rotate(-Math.PI / 2);
    pen.textBaseline = 'top';
    text(pen, `head ${String(head)}`, 0, 0);
    pen.restore();
  }
}

/** A line across the matrix at a place of one axis. */
function lineThrough(pen: Pen, axis: FigureAxis, furniture: Furniture, at: number): void {
  const [from, to] = new FigureAxis(furniture, axis.side === 'rows' ? 'columns' : 'rows').extent;
  if (axis.side === 'rows') line(pen, [from, at], [to, at]);
  else line(pen, [at, from], [at, to]);
}

function drawGrid(pen: Pen, axis: FigureAxis, furniture: Furniture): void {
  const { viewport, ink } = furniture;
  if (viewport.scale < GRID_SCALE) return;
  pen.strokeStyle = ink.rule;
  pen.globalAlpha = Math.min(0.9, (viewport.scale - GRID_SCALE) / 16 + 0.3);
  for (let weight = Math.ceil(axis.first); weight <= axis.last; weight++) {
    lineThrough(pen, axis, furniture, axis.at(weight));
  }
  pen.globalAlpha = 1;
}

/** Numbers, grid and heads of one axis. */
export function drawAxis(pen: Pen, axis: FigureAxis, furniture: Furniture): void {
  drawNumbers(pen, axis, furniture);
  drawGrid(pen, axis, furniture);
  drawHeads(pen, axis, furniture);
}
