import { useEffect, useRef, useState, type RefObject } from "react";

const WIDTH_MIN = 240;

/** The width of the element that the ref stands on, in whole pixels, kept current: an SVG that is scaled would scale its letters too. */
export function useWidth<T extends HTMLElement>(before: number): readonly [RefObject<T | null>, number] {
  const box = useRef<T>(null);
  const [width, setWidth] = useState(before);
  useEffect(() => {
    if (box.current === null) return;
    const observer = new ResizeObserver(([entry]) => setWidth((was) => Math.max(WIDTH_MIN, Math.floor(entry?.contentRect.width ?? was))));
    observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  return [box, width];
}
