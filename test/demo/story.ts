/** Tells the demo's story on standard output, each line with the seconds since the start. */
export interface Story {
  readonly startedAt: number;
  chapter(title: string): void;
  tell(line: string): void;
}

export function createStory(): Story {
  const startedAt = Date.now();
  const colour = process.stdout.isTTY;
  const paint = (code: number, text: string): string => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const stamp = (): string => paint(2, `${((Date.now() - startedAt) / 1000).toFixed(0).padStart(4)} s`);
  return {
    startedAt,
    chapter: (title) => console.log(`\n${stamp()}  ${paint(1, title)}`),
    tell: (line) => console.log(`${stamp()}    ${line}`),
  };
}
