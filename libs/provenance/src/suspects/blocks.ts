/** Languages in which indentation says what belongs together. */
const OFF_SIDE = /\.(?:pyi?|ya?ml|sass|haml|pug|slim|coffee|nim|fs|fsx|hs)$/i;

/** Lines of one side of a change: 0-based, `to` is behind the last. */
export interface Lines {
  readonly lines: readonly string[];
  readonly from: number;
  readonly to: number;
}

/**
 * Whether a change of nothing but white space puts a line into another block: out of the loop, below another key. Another
 * width of the indentation does not.
 */
export function movesBlocks(path: string, before: Lines, after: Lines): boolean {
  return OFF_SIDE.test(path) && depthsOf(before).join(" ") !== depthsOf(after).join(" ");
}

/** How deep each line stands, seen from the line before the change, with the line behind it. */
function depthsOf({ lines, from, to }: Lines): number[] {
  const isText = (line: string): boolean => line.trim() !== "";
  const ahead = lines.slice(0, from).findLast(isText) ?? "";
  const behind = lines.slice(to).find(isText);
  const stack = [indentOf(ahead)];
  return [...lines.slice(from, to).filter(isText), ...(behind === undefined ? [] : [behind])].map((line) => {
    const indent = indentOf(line);
    let closed = 0;
    while (stack.length > 0 && indent < (stack.at(-1) ?? 0)) {
      stack.pop();
      closed += 1;
    }
    if (indent > (stack.at(-1) ?? -1)) stack.push(indent);
    // Below the line that it began from, only how many blocks were left can be told.
    return stack.length * 100 - closed;
  });
}

function indentOf(line: string): number {
  return /^\s*/.exec(line)?.[0].replaceAll("\t", "        ").length ?? 0;
}
