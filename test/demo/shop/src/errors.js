/** A request that the shop refuses. It is answered with its status and is no failure of the service. */
export class Refusal extends Error {
  constructor(status, code, message) {
    super(message);
    this.name = "Refusal";
    this.status = status;
    this.reason = code;
  }
}
