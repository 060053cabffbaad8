// Driver for @openai/agents-realtime (npm) over a WebSocket: `node agents_realtime.mjs DIRECTORY`, where it is installed.
// The library holds the conversation; here is only its user, who reads, listens and speaks. What the user is told of
// failures is what the session tells in its `error` event.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Lost, deferred, sleep, taskOf } from "./conversation.mjs";

const write = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const tell = (report, what) => write({ report, ...what });

const installed = createRequire(`${resolve(process.argv[2] ?? ".")}/`);
const CHUNK = 4_800;

function describe() {
  const manifest = join(dirname(installed.resolve("@openai/agents-realtime")), "..", "package.json");
  const { version } = JSON.parse(readFileSync(manifest, "utf8"));
  const exercises = ["converse", "speak", "tools", "interrupt", "interrupt-early", "interrupt-by-voice", "long"];
  const reports = ["answers", "audio", "user", "calls", "errors", "closes"].map((what) => `reports-${what}`);
  const can = ["websocket", ...exercises, "text-output", "truncates", "patience", "transcribes", ...reports];
  write({ driver: "@openai/agents-realtime (npm), WebSocket", version, can });
}

// What comes is played in real time, and stops where the library says so.
class Player {
  seconds = 0;
  until = 0;

  play(bytes) {
    const now = performance.now() / 1000;
    this.until = Math.max(this.until, now) + bytes / 48_000;
    this.seconds += bytes / 48_000;
  }

  stop() {
    const now = performance.now() / 1000;
    this.seconds -= Math.max(0, this.until - now);
    this.until = now;
  }
}

class Talk {
  constructor(task, session) {
    Object.assign(this, { task, session });
    this.player = new Player();
    this.lost = deferred();
    this.seen = new Set();
    this.begin();
    session.on("audio", ({ data }) => {
      this.player.play(data.byteLength);
      this.heard.resolve();
    });
    session.on("audio_interrupted", () => this.player.stop());
    session.on("error", ({ error }) => {
      const inner = error?.error ?? error;
      tell("error", { message: String(inner?.error?.message ?? inner?.message ?? JSON.stringify(inner)) });
      this.mind();
    });
    session.on("history_updated", () => this.show("user"));
    session.on("transport_event", (event) => this.take(event));
    session.transport.on("connection_change", (status) => {
      if (status === "disconnected") this.lost.reject(new Lost("disconnected"));
    });
  }

  // A new turn: nothing of it has come.
  begin() {
    this.response = null;
    this.created = deferred();
    this.heard = deferred();
    this.done = deferred();
    this.over = deferred();
  }

  // The user sees that an answer begins and ends; only for that are events looked at here.
  take({ type, response }) {
    if (type === "response.created" && !this.response) {
      this.response = response.id;
      this.created.resolve();
    }
    if (type === "response.output_text.delta") this.heard.resolve();
    if (type !== "response.done" || response?.id !== this.response) return;
    this.response = null;
    this.done.resolve();
    const calls = response.output?.some((item) => item.type === "function_call");
    if (!calls || response.status !== "completed") this.over.resolve();
  }

  // An error, and no answer under way or about to be: the user waits for a moment, and goes on.
  async mind() {
    const { over } = this;
    await sleep(1);
    if (!this.response) over.resolve();
  }

  // What the history has of somebody, and was not shown yet.
  show(role) {
    const texts = [];
    for (const item of this.session.history) {
      const text = (item.content ?? []).map((part) => part.transcript ?? part.text).filter(Boolean).join(" ");
      if (item.role !== role || !text || this.seen.has(item.itemId)) continue;
      if (role === "user" && !item.content.some((part) => part.transcript)) continue;
      this.seen.add(item.itemId);
      texts.push(text);
    }
    if (texts.length) tell(role === "user" ? "user" : "answer", { text: texts.join(" ") });
  }

  until(promise) {
    return Promise.race([promise, this.lost.promise]);
  }

  async turn(text) {
    this.begin();
    this.session.sendMessage(text);
    await this.end();
  }

  // The end of a turn, and what it has brought.
  async end() {
    await this.until(this.over.promise);
    this.show("assistant");
  }

  async speak() {
    const audio = readFileSync(this.task.audio).subarray(44);
    for (let start = 0; start < audio.length; start += CHUNK) {
      this.session.sendAudio(new Uint8Array(audio.subarray(start, start + CHUNK)).buffer);
      await this.until(sleep(0.01));
    }
  }

  async interrupt(text) {
    const { interruptAt, interruptAfter, interruptBy } = this.task;
    this.begin();
    this.session.sendMessage(text);
    const moment = { created: this.created, audio: this.heard, done: this.done }[interruptAt];
    await this.until(Promise.race([moment.promise, this.over.promise]));
    await this.until(sleep(interruptAfter));
    const cut = this.over;
    if (interruptBy === "voice") {
      const speaking = this.speak();
      await this.until(cut.promise);
      // The answer to what is said may begin before all of it is said.
      this.begin();
      await speaking;
      return this.end();
    }
    this.session.interrupt();
    await this.until(cut.promise);
    this.show("assistant");
  }

  async perform() {
    const { exercise, texts, turns } = this.task;
    if (exercise === "speak") {
      for (let turn = 0; turn < turns; turn++) {
        this.begin();
        await this.speak();
        await this.end();
      }
      return;
    }
    const left = [...texts];
    if (exercise === "interrupt") await this.interrupt(left.shift());
    for (const text of left) await this.turn(text);
  }
}

async function perform(task) {
  const module = pathToFileURL(installed.resolve("@openai/agents-realtime"));
  const { RealtimeAgent, RealtimeSession, tool } = await import(module);
  const tools = task.tools.map(({ name, description, parameters }) =>
    tool({
      name,
      description,
      parameters: { ...parameters, additionalProperties: true },
      strict: false,
      execute: async (given) => {
        tell("call", { name, arguments: given });
        return task.output;
      },
    }),
  );
  const agent = new RealtimeAgent({ name: "Guide", instructions: task.instructions, tools });
  const config = { outputModalities: [task.modality] };
  const session = new RealtimeSession(agent, { transport: "websocket", model: task.model, config });
  const talk = new Talk(task, session);
  try {
    await session.connect({ apiKey: task.key, url: `${task.url}?model=${task.model}` });
    await talk.perform();
  } catch (error) {
    if (error instanceof Lost) tell("closed", { reason: error.message });
    else tell("error", { message: String(error?.message ?? error) });
  }
  session.close();
  tell("heard", { seconds: talk.player.seconds });
}

if (process.env.REALTIME_EXERCISE === "describe") describe();
else await perform(taskOf(process.env));
