import { CanvasRenderer } from './CanvasRenderer.ts';
import type { RendererKind, StripeRenderer } from './StripeRenderer.ts';
import { WebgpuRenderer } from './WebgpuRenderer.ts';

export interface StartedRenderer {
  readonly renderer: StripeRenderer;
  /** Why it is not WebGPU; empty when it is, or when the canvas was asked for. */
  readonly because: string;
}

/** WebGPU where it works, else the canvas of the browser. */
export async function startRenderer(
  asked: RendererKind | null,
  onLost: (reason: string) => void,
): Promise<StartedRenderer> {
  if (asked === 'canvas') return { renderer: new CanvasRenderer(), because: '' };
  try {
    const renderer = await WebgpuRenderer.start(onLost);
    if (renderer) return { renderer, because: '' };
    return { renderer: new CanvasRenderer(), because: 'this browser offers no WebGPU' };
  } catch (error) {
    const because = `WebGPU did not start: ${error instanceof Error ? error.message : String(error)}`;
    return { renderer: new CanvasRenderer(), because };
  }
}
