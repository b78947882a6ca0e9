// What AsyncAPI's own parser says of a document: `node deploy/checks/asyncapi.js FILE`. Any error or warning ends it with 1.
import { readFile } from "node:fs/promises";
import { Parser } from "@asyncapi/parser";

const WARNING = 1; // errors are 0
const [file] = process.argv.slice(2);
const { document, diagnostics } = await new Parser().parse(await readFile(file, "utf8"));
const wrong = diagnostics.filter(({ severity }) => severity <= WARNING);
for (const { code, path, message } of wrong) {
  process.stdout.write(`${file}: ${path.join(".")}: ${message} (${code})\n`);
}
if (wrong.length > 0 || document === undefined) {
  process.exit(1);
}
const counts = [document.channels(), document.operations(), document.messages()].map((found) => found.all().length);
process.stdout.write(`${file}: AsyncAPI ${document.version()}, ${counts.join(", ")} channels, operations, messages\n`);
