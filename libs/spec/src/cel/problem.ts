/** What is wrong with an expression. `offset` is the 0-based character where it was seen. */
export class CelProblem extends Error {
  readonly offset: number;
  readonly hint: string;

  constructor(message: string, offset: number, hint: string) {
    super(message);
    this.name = "CelProblem";
    this.offset = offset;
    this.hint = hint;
  }
}
