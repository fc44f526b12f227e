import { InstrumentationBase, InstrumentationNodeModuleDefinition, InstrumentationNodeModuleFile } from "@opentelemetry/instrumentation";

type Next = (error?: unknown) => void;
type Handle = (this: unknown, request: unknown, response: unknown, next: Next) => unknown;
type LayerClass = { prototype: Record<string, Handle | undefined> };

/**
 * Watches the one place through which every error of an Express handler passes, thrown or rejected: the `next` that
 * the router hands to a layer. The official instrumentation wraps the handler only and so misses rejections.
 */
export class LayerErrors extends InstrumentationBase {
  #note: ((request: unknown, error: unknown) => void) | null = null;

  constructor(note: (request: unknown, error: unknown) => void) {
    super("@firstfix/sdk", "0.1.0", {});
    this.#note = note;
  }

  protected override init(): InstrumentationNodeModuleDefinition[] {
    const watch = (method: string) => (layer: LayerClass): LayerClass => {
      const original = layer.prototype[method];
      if (original !== undefined) layer.prototype[method] = this.#watched(original);
      return layer;
    };
    const file = (path: string, versions: string[], method: string): InstrumentationNodeModuleFile =>
      new InstrumentationNodeModuleFile(path, versions, watch(method), () => undefined);
    return [
      new InstrumentationNodeModuleDefinition("router", [">=2.0.0 <3"], undefined, undefined, [file("router/lib/layer.js", [">=2.0.0 <3"], "handleRequest")]),
      new InstrumentationNodeModuleDefinition("express", [">=4.0.0 <5"], undefined, undefined, [file("express/lib/router/layer.js", [">=4.0.0 <5"], "handle_request")]),
    ];
  }

  #watched(original: Handle): Handle {
    const note = (request: unknown, error: unknown): void => this.#note?.(request, error);
    return function handleWatched(this: unknown, request, response, next) {
      return original.call(this, request, response, (error?: unknown) => {
        if (error !== undefined && error !== null && error !== "route" && error !== "router") note(request, error);
        return error === undefined ? next() : next(error);
      });
    };
  }
}
