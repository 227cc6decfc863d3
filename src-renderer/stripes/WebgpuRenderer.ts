import { TILE_SIDE } from '../../src-main/contract/stripes.ts';
import type { StripeRenderer, StripeScene } from './StripeRenderer.ts';
import { STRIPE_SHADER } from './stripeShader.ts';
import { TileSlots } from './TileSlots.ts';

/** Tiles on the graphics card, one byte a pixel: 32 MiB where it allows as many layers. */
const MOST_LAYERS = 512;
/** Place, source and size of a quad; see the shader. */
const FLOATS = 10;
/** Flags of WebGPU's usages, whose names exist only where WebGPU does. */
const TEXTURE_USAGE = 0x02 | 0x04;
const UNIFORM_USAGE = 0x40 | 0x08;
const VERTEX_USAGE = 0x20 | 0x08;

const ATTRIBUTES: readonly GPUVertexAttribute[] = [
  { shaderLocation: 0, offset: 0, format: 'float32x4' },
  { shaderLocation: 1, offset: 16, format: 'float32x4' },
  { shaderLocation: 2, offset: 32, format: 'float32x2' },
];

function pipelineOf(device: GPUDevice, format: GPUTextureFormat): GPURenderPipeline {
  const module = device.createShaderModule({ code: STRIPE_SHADER });
  const buffers: GPUVertexBufferLayout[] = [
    { arrayStride: 4 * FLOATS, stepMode: 'instance', attributes: [...ATTRIBUTES] },
  ];
  return device.createRenderPipeline({
    layout: 'auto',
    vertex: { module, entryPoint: 'placed', buffers },
    fragment: { module, entryPoint: 'coloured', targets: [{ format }] },
    primitive: { topology: 'triangle-strip' },
  });
}

/** Draws with WebGPU: all tiles in one texture array, all quads in one call. */
export class WebgpuRenderer implements StripeRenderer {
  readonly kind = 'webgpu';
  readonly canvas: HTMLCanvasElement;
  readonly #device: GPUDevice;
  readonly #context: GPUCanvasContext;
  readonly #pipeline: GPURenderPipeline;
  readonly #group: GPUBindGroup;
  readonly #view: GPUBuffer;
  readonly #tiles: GPUTexture;
  readonly #colours: GPUTexture;
  readonly #slots: TileSlots;
  #quads: GPUBuffer;
  #palette: StripeScene['palette'] | null = null;

  private constructor(canvas: HTMLCanvasElement, context: GPUCanvasContext, device: GPUDevice) {
    this.canvas = canvas;
    this.#context = context;
    this.#device = device;
    const format = navigator.gpu.getPreferredCanvasFormat();
    context.configure({ device, format, alphaMode: 'opaque' });
    const layers = Math.min(MOST_LAYERS, device.limits.maxTextureArrayLayers);
    this.#slots = new TileSlots(layers);
    this.#tiles = device.createTexture({
      size: [TILE_SIDE, TILE_SIDE, layers],
      format: 'r8uint',
      usage: TEXTURE_USAGE,
    });
    this.#colours = device.createTexture({ size: [256, 1], format: 'rgba8unorm', usage: TEXTURE_USAGE });
    this.#view = device.createBuffer({ size: 16, usage: UNIFORM_USAGE });
    this.#quads = device.createBuffer({ size: 4 * FLOATS * 64, usage: VERTEX_USAGE });
    this.#pipeline = pipelineOf(device, format);
    this.#group = device.createBindGroup({
      layout: this.#pipeline.getBindGroupLayout(0),
      entries: [
        { binding: 0, resource: { buffer: this.#view } },
        { binding: 1, resource: this.#tiles.createView({ dimension: '2d-array' }) },
        { binding: 2, resource: this.#colours.createView() },
      ],
    });
  }

  /** Null where there is no WebGPU; `onLost` is told when the device goes away later. */
  static async start(onLost: (reason: string) => void): Promise<WebgpuRenderer | null> {
    const adapter = await (navigator as Partial<Navigator>).gpu?.requestAdapter();
    if (!adapter) return null;
    const maxTextureArrayLayers = Math.min(MOST_LAYERS, adapter.limits.maxTextureArrayLayers);
    const device = await adapter.requestDevice({ requiredLimits: { maxTextureArrayLayers } });
    const canvas = document.createElement('canvas');
    const context = canvas.getContext('webgpu') as GPUCanvasContext | null;
    if (!context) return null;
    device.pushErrorScope('validation');
    const renderer = new WebgpuRenderer(canvas, context, device);
    const fault = await device.popErrorScope();
    if (fault) throw new Error(fault.message);
    void device.lost.then(({ reason, message }) => {
      if (reason !== 'destroyed') onLost(message);
    });
    return renderer;
  }

  draw(scene: StripeScene): void {
    const { quads, palette, outside } = scene;
    if (palette !== this.#palette) {
      this.#device.queue.writeTexture({ texture: this.#colours }, palette, { bytesPerRow: 1024 }, [256, 1]);
      this.#palette = palette;
    }
    const count = this.#place(quads);
    const [r, g, b] = outside.map((byte) => byte / 255) as [number, number, number];
    const encoder = this.#device.createCommandEncoder();
    const pass = encoder.beginRenderPass({
      colorAttachments: [
        {
          view: this.#context.getCurrentTexture().createView(),
          clearValue: { r, g, b, a: 1 },
          loadOp: 'clear',
          storeOp: 'store',
        },
      ],
    });
    pass.setPipeline(this.#pipeline);
    pass.setBindGroup(0, this.#group);
    pass.setVertexBuffer(0, this.#quads);
    if (count > 0) pass.draw(4, count);
    pass.end();
    this.#device.queue.submit([encoder.finish()]);
  }

  resize(width: number, height: number): void {
    this.canvas.width = width;
    this.canvas.height = height;
    this.#device.queue.writeBuffer(this.#view, 0, new Float32Array([width, height, 0, 0]));
  }

  destroy(): void {
    this.#device.destroy();
    this.canvas.remove();
  }

  /** Puts tiles and quads on the card; returns how many quads there are. */
  #place(quads: StripeScene['quads']): number {
    this.#slots.beginFrame();
    const data = new Float32Array(FLOATS * quads.length);
    let count = 0;
    for (const quad of quads) {
      const { tile, x, y, width, height, sourceX, sourceY, step } = quad;
      const taken = this.#slots.take(tile.key);
      if (!taken) continue;
      if (taken.isNew) {
        this.#device.queue.writeTexture(
          { texture: this.#tiles, origin: [0, 0, taken.slot] },
          tile.pixels,
          { bytesPerRow: tile.columns },
          [tile.columns, tile.rows],
        );
      }
      const numbers = [x, y, width, height, sourceX, sourceY, step, taken.slot, tile.columns, tile.rows];
      data.set(numbers, FLOATS * count++);
    }
    if (data.byteLength > this.#quads.size) {
      this.#quads.destroy();
      this.#quads = this.#device.createBuffer({ size: 2 * data.byteLength, usage: VERTEX_USAGE });
    }
    this.#device.queue.writeBuffer(this.#quads, 0, data);
    return count;
  }
}
