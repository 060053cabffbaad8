// Driver for the parser of @openai/agents-realtime (npm): `node agents_realtime.mjs DIRECTORY`, where it is installed.
// It never throws: an event of a type it knows that does not fit counts as unknown there, and is refused here.
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const installed = createRequire(`${resolve(process.argv[2] ?? ".")}/`);
const module = join(dirname(installed.resolve("@openai/agents-realtime")), "openaiRealtimeEvents.mjs");
const { parseRealtimeEvent, realtimeServerEventSchema } = await import(pathToFileURL(module));
const known = new Set(realtimeServerEventSchema.options.map((option) => option.shape.type.value));

function answered(line) {
  const { data, isGeneric } = parseRealtimeEvent({ data: line });
  if (data === null) return { error: "it is no event" };
  if (!isGeneric || !known.has(data.type)) return data;
  const issue = realtimeServerEventSchema.safeParse(JSON.parse(line)).error.issues[0];
  return { error: `handled as unknown: ${issue.path.join(".")}: ${issue.message}` };
}

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    answer = answered(line);
  } catch (error) {
    answer = { error: String(error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
