// Driver for openai (npm), its WebSocket over `ws`: `node openai_node.mjs DIRECTORY`, where it is installed.
// The library carries events and connects again; what to do with events is left to applications, and is in
// conversation.mjs here. So what fails is the library's, unless it is about the order of what is sent.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Conversation, Lost, deferred, taskOf } from "./conversation.mjs";

const write = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const tell = (report, what) => write({ report, ...what });

const installed = createRequire(`${resolve(process.argv[2] ?? ".")}/`);
const load = (name) => import(pathToFileURL(installed.resolve(name)));

async function describe() {
  const manifest = join(dirname(installed.resolve("openai")), "package.json");
  const { version } = JSON.parse(readFileSync(manifest, "utf8"));
  const exercises = ["converse", "speak", "tools", "interrupt", "interrupt-early", "interrupt-by-voice", "long", "reconnect"];
  const reports = ["answers", "audio", "user", "calls", "errors", "closes"].map((what) => `reports-${what}`);
  write({ driver: "openai (npm)", version, tls: true, can: ["websocket", ...exercises, "text-output", "transcribes", ...reports] });
}

async function perform(task) {
  const { default: OpenAI } = await load("openai");
  const { OpenAIRealtimeWS } = await load("openai/realtime/ws");
  task.speech = readFileSync(task.audio).subarray(44);
  const reconnects = task.exercise === "reconnect";
  const recovery = reconnects ? { reconnect: true } : {};
  const realtime = new OpenAIRealtimeWS({ model: task.model, ...recovery }, new OpenAI());
  const over = deferred();
  const wire = { carriesAudio: false, send: (event) => realtime.send(event), close: () => realtime.close() };
  const conversation = new Conversation(task, wire, tell);
  realtime.on("event", (event) => event.type !== "error" && conversation.take(event));
  realtime.on("error", (error) => conversation.fail(error.error?.message ?? error.message));
  const ended = (code, reason) => {
    conversation.end(`closed: ${code} ${reason}`);
    over.resolve();
  };
  if (reconnects) {
    realtime.on("close", ended);
    await converseOnAndOn(conversation, realtime, task);
  } else {
    realtime.socket.on("close", (code, reason) => ended(code, String(reason)));
    await once(conversation);
  }
  realtime.close();
  tell("heard", { seconds: conversation.secondsHeard });
  await Promise.race([over.promise, new Promise((resolve) => setTimeout(resolve, 1000))]);
}

async function once(conversation) {
  try {
    await conversation.perform();
  } catch (error) {
    if (!(error instanceof Lost)) throw error;
    tell("closed", { reason: error.message });
  }
}

// The library connects again; the application goes on where it was cut off.
async function converseOnAndOn(conversation, realtime, task) {
  const left = [...task.texts];
  let gone = deferred();
  realtime.on("reconnecting", () => gone.resolve());
  while (left.length) {
    const again = deferred();
    realtime.once("reconnected", () => again.resolve());
    try {
      const turn = (async () => {
        await conversation.configure();
        while (left.length) {
          await conversation.turn(left[0]);
          left.shift();
        }
      })();
      turn.catch(() => {});
      const lost = gone.promise.then(() => "lost");
      if ((await Promise.race([turn, lost])) !== "lost") return;
      tell("closed", { reason: "the connection is lost" });
      conversation.begin();
      gone = deferred();
      await conversation.until(again.promise);
    } catch (error) {
      if (!(error instanceof Lost)) throw error;
      return tell("closed", { reason: error.message });
    }
  }
}

if (process.env.REALTIME_EXERCISE === "describe") await describe();
else await perform(taskOf(process.env));
