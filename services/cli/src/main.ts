import { tellFailure, watchOutput } from "./failure.ts";
import { createProgram } from "./program.ts";

watchOutput();
try {
  await createProgram().parseAsync(process.argv);
} catch (error) {
  tellFailure(error);
}
