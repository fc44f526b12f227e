import { tellFailure, watchOutput } from "./failure.ts";
import { createProgram } from "./program.ts";
import { endOnSignals } from "./signals.ts";

watchOutput();
endOnSignals();
try {
  await createProgram().parseAsync(process.argv);
} catch (error) {
  tellFailure(error);
}
