export type Pen = CanvasRenderingContext2D;

/** Words at a whole pixel. */
export function text(pen: Pen, words: string, x: number, y: number): void {
  pen.fillText(words, Math.round(x), Math.round(y));
}

/** A line of one device pixel per CSS pixel, sharp. */
export function line(pen: Pen, from: readonly [number, number], to: readonly [number, number]): void {
  pen.beginPath();
  pen.moveTo(Math.round(from[0]) + 0.5, Math.round(from[1]) + 0.5);
  pen.lineTo(Math.round(to[0]) + 0.5, Math.round(to[1]) + 0.5);
  pen.stroke();
}
