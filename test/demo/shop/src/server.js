import { createShop } from "./app.js";

const { server } = createShop();
const port = Number(process.env.PORT ?? 8080);

server.listen(port, () => console.log(`shop listens on ${server.address().port}`));

// Open requests and confirmations are finished; then nothing is left to do and the process ends by itself.
for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, () => server.close());
