/** Everything about a stripe map but its pixels: axes, heads, profiles, grid, cursor. Drawn in device pixels over the picture. */
import { TILE_SIDE } from '../../src-main/contract/stripes.ts';
import { drawAxis } from './drawAxes.ts';
import { drawProfiles } from './drawProfiles.ts';
import { FigureAxis } from './FigureAxis.ts';
import type { Furniture } from './furniture.ts';
import { line, type Pen } from './pen.ts';

/** Cross hair through a weight, into both profiles, and a frame around it. */
function drawCursor(pen: Pen, { layout, viewport, cursor, ink }: Furniture): void {
  if (!cursor) return;
  const { picture, rowProfile, columnProfile, ratio } = layout;
  const from = viewport.screen({ x: cursor.column, y: cursor.row });
  const side = Math.max(viewport.scale, 1);
  const x = picture.x + from.x;
  const y = picture.y + from.y;
  pen.strokeStyle = ink.accent;
  pen.lineWidth = ratio;
  pen.globalAlpha = 0.8;
  const right = rowProfile.x + rowProfile.width;
  const bottom = columnProfile.y + columnProfile.height;
  const [middleX, middleY] = [x + side / 2, y + side / 2];
  const gap = side / 2 + 3 * ratio;
  if (middleX < picture.x || middleY < picture.y) return;
  if (middleX > picture.x + picture.width || middleY > picture.y + picture.height) return;
  line(pen, [picture.x, middleY], [middleX - gap, middleY]);
  line(pen, [middleX + gap, middleY], [right, middleY]);
  line(pen, [middleX, picture.y], [middleX, middleY - gap]);
  line(pen, [middleX, middleY + gap], [middleX, bottom]);
  pen.globalAlpha = 1;
  const frame = (colour: string, width: number): void => {
    pen.strokeStyle = colour;
    pen.lineWidth = width * ratio;
    pen.strokeRect(x - ratio, y - ratio, side + 2 * ratio, side + 2 * ratio);
  };
  frame(ink.paper, 4);
  frame(ink.accent, 2);
  pen.lineWidth = ratio;
}

/** Tiles that failed are hatched, so that they are not taken for unchanged. */
function drawFailed(pen: Pen, { layout, viewport, failed, ink }: Furniture): void {
  const { picture, ratio } = layout;
  pen.strokeStyle = ink.alarm;
  pen.globalAlpha = 0.7;
  for (const { level, row, column } of failed) {
    const weights = TILE_SIDE * 2 ** level;
    const from = viewport.screen({ x: column * weights, y: row * weights });
    const to = viewport.screen({
      x: Math.min((column + 1) * weights, viewport.matrix.columns),
      y: Math.min((row + 1) * weights, viewport.matrix.rows),
    });
    const [x, y] = [Math.max(0, from.x), Math.max(0, from.y)];
    const [width, height] = [Math.min(picture.width, to.x) - x, Math.min(picture.height, to.y) - y];
    pen.save();
    pen.beginPath();
    pen.rect(picture.x + x, picture.y + y, width, height);
    pen.clip();
    for (let at = -height; at < width; at += 9 * ratio) {
      const left = picture.x + x + at;
      line(pen, [left, picture.y + y + height], [left + height, picture.y + y]);
    }
    pen.restore();
  }
  pen.globalAlpha = 1;
}

/** Draws it all; the canvas covers the figure. */
export function drawFurniture(pen: Pen, furniture: Furniture): void {
  const { layout, ink } = furniture;
  const { picture, ratio } = layout;
  pen.clearRect(0, 0, layout.width, layout.height);
  pen.font = `${String(10.5 * ratio)}px ${ink.fontFamily}`;
  pen.lineWidth = Math.max(1, Math.round(ratio));
  drawFailed(pen, furniture);
  for (const side of ['rows', 'columns'] as const) {
    const axis = new FigureAxis(furniture, side);
    drawProfiles(pen, axis, furniture);
    drawAxis(pen, axis, furniture);
  }
  pen.strokeStyle = ink.edge;
  pen.strokeRect(picture.x - 0.5, picture.y - 0.5, picture.width + 1, picture.height + 1);
  drawCursor(pen, furniture);
}
