// Driver for the parser of openai (npm): `node openai_node.mjs DIRECTORY`, where it is installed.
// The check of `type` beside it stands inside the library's socket handler, and is repeated here.
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const installed = createRequire(`${resolve(process.argv[2] ?? ".")}/`);
const { parseRealtimeEvent } = await import(pathToFileURL(installed.resolve("openai/realtime/internal-base.mjs")));

function parsed(line) {
  const event = parseRealtimeEvent(line);
  if (typeof event?.type !== "string") throw new Error("the event has no type");
  return event;
}

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    answer = parsed(line);
  } catch (error) {
    answer = { error: String(error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
