// html-validate as a process that answers: a line of JSON with a page comes in, a line with what is wrong in it goes out.
import { createInterface } from "node:readline";
import { FileSystemConfigLoader, HtmlValidate } from "html-validate";

const validator = new HtmlValidate(new FileSystemConfigLoader());

for await (const line of createInterface({ input: process.stdin })) {
  const report = await validator.validateString(JSON.parse(line), "page.html");
  const messages = report.results.flatMap((result) => result.messages);
  process.stdout.write(`${JSON.stringify(messages)}\n`);
}
